package client_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// Example asks the sandbox; with the addresses and files of a real environment
// it asks that.
func Example() {
	ctx := context.Background()
	spine := must(sandbox.Start(ctx, sandbox.Config{})) // or a real one, with your own certificate
	defer spine.Close()
	files := spine.Files()
	tls := must(mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now()))
	directory := must(sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{spine.LDAPURL()}, TLS: tls}))
	defer directory.Close()
	c := must(client.New(client.Config{ProxyURL: spine.ProxyURL(), TLS: tls, Directory: directory, Issuer: "https://consumer.example/",
		Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "example", Version: "1.0"}}))
	defer c.Close()
	encounter := must(c.Encounter(
		client.Organisation{ODS: "A11111", Name: "Example Organisation", ASID: "200000000359"},
		client.Practitioner{ID: "10019", Family: "Family", LocalSystem: "https://consumer.example/Id/user"}))
	practice := must(encounter.Practice("A12345"))
	r := must(practice.StructuredRecord(ctx, must(fhir.ParseNHSNumber("9000000009")), record.Full()))
	fmt.Println(len(r.Warnings), "warnings,", len(r.Areas.Allergies.Items), "allergies:", r.Areas.Allergies.State)
	// Output: 2 warnings, 4 allergies: recorded
}

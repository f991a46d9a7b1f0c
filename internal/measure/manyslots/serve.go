package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// server is a proxy with every practice behind it.
type server struct {
	http  *http.Server
	url   string
	roots []byte
	size  int // of an answer
}

// serve answers every search with the practice's slots, after its delay.
func serve(slots, failing int) (*server, error) {
	pair, roots, err := keys()
	if err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return nil, err
	}
	answer := bundle(slots)
	s := &server{url: "https://" + l.Addr().String(), roots: roots, size: len(answer)}
	s.http = &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := number(r.RequestURI)
		time.Sleep(delay(n)) // the measured thing
		if failing > 0 && n%failing == failing-1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/fhir+json;charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer)
	})}
	go func() { _ = s.http.Serve(l) }()
	return s, nil
}

func (s *server) close() { s.http.Close() }

func ods(n int) string { return fmt.Sprintf("Z%05d", n) }

// number is that of the practice in a request line, whose address is
// https://host-7.example/Z00007/….
func number(target string) int {
	parts := strings.Split(target, "/")
	if len(parts) < 5 || len(parts[4]) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(parts[4][1:])
	return n
}

// bundle is an answer as the specification shows one, with that many slots of
// two sessions.
func bundle(slots int) []byte {
	const profile = "https://fhir.nhs.uk/STU3/StructureDefinition/"
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"searchset","entry":[`)
	at := time.Now().UTC().AddDate(0, 0, 3).Truncate(24 * time.Hour).Add(9 * time.Hour)
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		zone = time.UTC
	}
	local := func(t time.Time) string { return t.In(zone).Format("2006-01-02T15:04:05-07:00") }
	for i := range slots {
		fmt.Fprintf(&b, `{"resource":{"resourceType":"Slot","id":"%d","meta":{"versionId":"1","profile":["%sGPConnect-Slot-1"]},`+
			`"extension":[{"url":"%sExtension-GPConnect-DeliveryChannel-2","valueCode":"In-person"}],"serviceType":[{"text":"General GP Appointment"}],`+
			`"schedule":{"reference":"Schedule/%d"},"status":"free","start":"%s","end":"%s"}},`,
			100+i, profile, profile, i%2, local(at.Add(time.Duration(i)*10*time.Minute)), local(at.Add(time.Duration(i+1)*10*time.Minute)))
	}
	for i := range 2 {
		fmt.Fprintf(&b, `{"resource":{"resourceType":"Schedule","id":"%d","meta":{"profile":["%sGPConnect-Schedule-1"]},"extension":[{"url":"%sExtension-GPConnect-PractitionerRole-1",`+
			`"valueCodeableConcept":{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-SDSJobRoleName-1","code":"R0260","display":"General Medical Practitioner"}]}}],`+
			`"serviceCategory":{"text":"General GP Appointments"},"actor":[{"reference":"Location/1"},{"reference":"Practitioner/%d"}],"planningHorizon":{"start":"%s","end":"%s"}}},`+
			`{"resource":{"resourceType":"Practitioner","id":"%d","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"11112222333%d"}],`+
			`"name":[{"family":"Example","given":["Sam"],"prefix":["Dr"]}],"gender":"female"}},`, i, profile, profile, i, local(at), local(at.Add(3*time.Hour)), i, i)
	}
	b.WriteString(`{"resource":{"resourceType":"Location","id":"1","name":"Example surgery","address":{"line":["1 Example Lane"],"city":"Marrowby","postalCode":"ZZ99 1AA"},` +
		`"telecom":[{"system":"phone","value":"01632 960000"}],"managingOrganization":{"reference":"Organization/1"}}},` +
		`{"resource":{"resourceType":"Organization","id":"1","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Z00001"}],"name":"Example surgery"}}]}`)
	return b.Bytes()
}

// keys makes a certificate for loopback that is its own authority.
func keys() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "manyslots"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

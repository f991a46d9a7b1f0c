package pds_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

// A gate finds where a patient's record is to be asked for, or says why it must not be.
func ExampleGate_Locate() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, reply{200, nil, patient()})
	}))
	defer server.Close()
	c, err := pds.New(pds.Config{BaseURL: server.URL, TLS: (&peer{Server: server}).tls()})
	if err != nil {
		panic(err)
	}
	defer c.Close()
	mine, err := c.As(pds.Asking{Organisation: "A11111"})
	if err != nil {
		panic(err)
	}
	number, _ := fhir.ParseNHSNumber("900 000 0009")

	gate, err := pds.NewGate(pds.GateConfig{Tracer: mine})
	if err != nil {
		panic(err)
	}
	trace, ods, err := gate.Locate(context.Background(), number)
	switch {
	case errors.Is(err, pds.Sensitive):
		fmt.Println("the record is restricted: ask the practice by telephone")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(trace.NHSNumber, "is registered at", ods)
	}
	// Output: ******0009 is registered at B82617
}

// A stale trace is no ground to ask anybody.
func ExampleGate_Admit() {
	number, _ := fhir.ParseNHSNumber("9000000009")
	yesterday := time.Date(2031, 5, 5, 9, 0, 0, 0, time.UTC)
	trace := &pds.Trace{
		Demographics: pds.Demographics{NHSNumber: number, Verification: pds.Verified, Sensitivity: pds.Unrestricted,
			Registrations: []pds.Registration{{ODS: "B82617"}}},
		Asked: number, At: yesterday,
	}
	gate, err := pds.NewGate(pds.GateConfig{Trace: trace, Now: func() time.Time { return yesterday.Add(25 * time.Hour) }})
	if err != nil {
		panic(err)
	}
	fmt.Println(gate.Admit(context.Background(), number, "B82617", false))
	// Output: pds: the gate refuses: the trace is older than 24 hours, or from the future (B82617)
}

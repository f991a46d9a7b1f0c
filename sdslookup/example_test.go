package sdslookup_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/sdslookup"
)

const slotSearch = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"

func practices() *sdslookup.Static {
	d, err := sdslookup.NewStatic(sdslookup.StaticConfig{Practices: []sdslookup.StaticPractice{
		{ODS: "A12345", Services: []sdslookup.StaticService{{
			Interactions: []sdslookup.Interaction{slotSearch},
			Address:      "https://gp.example/A12345/STU3/1/gpconnect", ASID: "200000000001", PartyKey: "A12345-0000001",
		}}},
		{ODS: "A99999", Closed: "2024-03-31", Successors: []string{"A12345"}},
	}})
	if err != nil {
		panic(err)
	}
	return d
}

func Example() {
	ep, err := practices().Endpoint(context.Background(), "a12345", slotSearch)
	fmt.Println(ep.Address, ep.ASID, err)
	// Output: https://gp.example/A12345/STU3/1/gpconnect 200000000001 <nil>
}

func ExampleError() {
	_, err := practices().Endpoint(context.Background(), "A99999", slotSearch)
	var e *sdslookup.Error
	if errors.As(err, &e) && e.Reason == sdslookup.Closed {
		fmt.Println("closed; try", e.Organisation.Successors)
	}
	fmt.Println("not found:", errors.Is(err, sdslookup.ErrNotFound), "temporary:", e.Temporary())
	// Output:
	// closed; try [A12345]
	// not found: true temporary: false
}

func ExampleWithTrace() {
	ctx := sdslookup.WithTrace(context.Background(), &sdslookup.Trace{
		Searched: func(s sdslookup.Search) {
			for _, c := range s.Candidates {
				fmt.Printf("%s: %s %s: %s\n", s.Step, c.Record, c.ASID, c.Why)
			}
		},
	})
	practices().Endpoint(ctx, "A12345", slotSearch)
	// Output:
	// MHS: practice A12345, service 1 200000000001: the only answer
	// AS: practice A12345, service 1 200000000001: the only answer
}

func ExampleCached() {
	dir, err := sdslookup.Cached(practices(), sdslookup.Policy{Environment: "live", TTL: 15 * time.Minute, MaxAge: time.Hour, ServeStale: true})
	if err != nil {
		panic(err)
	}
	ep, _ := dir.Endpoint(context.Background(), "A12345", slotSearch)
	fmt.Println(ep.ASID, ep.Stale)
	// Output: 200000000001 false
}

package record_test

import (
	"fmt"
	"os"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// What a reader must know comes first, and a state says what an area without items means.
func ExampleView() {
	answer, err := os.ReadFile("testdata/saved.json")
	if err != nil {
		panic(err)
	}
	b, err := fhir.ParseBundle(answer, fhir.Limits{})
	if err != nil {
		panic(err)
	}
	r, err := record.View(b)
	if err != nil {
		panic(err)
	}
	for _, w := range r.Warnings {
		fmt.Printf("! %s: %s\n", w.Area, w.Text)
	}
	for _, m := range r.Areas.Medications.Items {
		fmt.Printf("%s, %s (%s, last issued %s)\n", m.Text, m.Dosage, m.Type, m.LastIssued)
	}
	fmt.Println("allergies:", r.Areas.Allergies.State)
	fmt.Println("problems:", r.Areas.Problems.State)
	// Output:
	// ! allergies: Items excluded due to confidentiality and/or patient preferences.
	// Ramipril 5mg capsules, One each morning (repeat, last issued 2024-06-26)
	// allergies: withheld
	// problems: not-requested
}

// The same question may be written by hand or taken from the specification.
func ExampleQuery() {
	since, err := record.ParseDay("2024-01-01")
	if err != nil {
		panic(err)
	}
	q := record.Query{
		Allergies:   &record.AllergiesQuery{},
		Medications: &record.MedicationsQuery{Since: since, WithoutIssues: true},
	}
	fmt.Println(q.Areas(), q.Asks(record.Problems))
	fmt.Println(record.Summary().Areas())
	// Output:
	// [allergies medications] false
	// [allergies medications consultations problems]
}

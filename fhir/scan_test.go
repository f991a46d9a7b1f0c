package fhir

import (
	"strings"
	"testing"
)

// What was indexed is sound. Should somebody have changed the bytes since, they are not
// read as if nothing had happened.
func TestWhatIsNotSoundIsNotReadStraight(t *testing.T) {
	for doc, want := range map[string]bool{
		`{"gender":null,"birthDate":"1980","name":null,"active":null,"contact":[null]}`: true,
		" {\n\"gender\" : \"male\" , \"other\":[{\"]\":\"}\\\\\"}] }\n":                 true,
		`{"gender":"male" "birthDate":"1980"}`:                                          false,
		`{"gender":"male",}`:                                                            false,
		`{"gender" "male"}`:                                                             false,
		`{"gender":nul}`:                                                                false,
		`{"gender":"male"`:                                                              false,
		`{"gender":"male}`:                                                              false,
		`{"gender":"male\"}`:                                                            false,
		`{"gender":"male"} x`:                                                           false,
		`{"other":[{}`:                                                                  false,
		`{"other":`:                                                                     false,
		`{"name":[{]}`:                                                                  false,
		`{"name":[{};{}]}`:                                                              false,
		`{"active":}`:                                                                   false,
		`[]`:                                                                            false,
		``:                                                                              false,
		strings.Repeat(`{"extension":[`, 1_000) + strings.Repeat(`]}`, 1_000):         true,
		strings.Repeat(`{"extension":[`, 1_000_000) + strings.Repeat(`]}`, 1_000_000): false,
	} {
		if got := readSound([]byte(doc), new(Patient)); got != want {
			t.Errorf("%.60s: read straight: %v, want %v", doc, got, want)
		}
	}
}

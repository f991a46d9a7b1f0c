package fhir

import (
	"runtime"
	"strings"
	"testing"
)

// What was indexed is sound. Should somebody have changed the bytes since, nothing beyond
// them is read, and most of what is wrong with them is noticed.
func TestWhatIsNotSoundIsNotReadStraight(t *testing.T) {
	for doc, want := range map[string]bool{
		`{"gender":null,"birthDate":"1980","name":null,"active":null,"contact":[null]}`: true,
		" {\n\"gender\" : \"male\" , \"other\":[{\"]\":\"}\\\\\"}] }\n":                 true,
		`{"gender":"male" "birthDate":"1980"}`:                                          false,
		`{"gender":"male",}`:                                                            false,
		`{"gender" "male"}`:                                                             false,
		"{\"gender\":\x00\"male\"}":                                                     false,
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

// Whoever keeps a word of a large resource does not keep the resource.
func TestAWordOfALargeResourceIsAllThatIsKept(t *testing.T) {
	const size = 8 << 20
	words := make([]string, 4)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range words {
		doc := `{"resourceType":"DocumentReference","status":"current","text":{"div":"` + strings.Repeat("x", size) + `"}}`
		r, err := ParseResource([]byte(doc), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := As[DocumentReference](r)
		if err != nil {
			t.Fatal(err)
		}
		words[i] = v.Status
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > size {
		t.Errorf("%d bytes are kept for %d words", grown, len(words))
	}
	runtime.KeepAlive(words)
}

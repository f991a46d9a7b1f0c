package pds_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

// wrong are values of every shape that JSON has.
var wrong = []any{"", "canary", 7, true, false, list{}, list{"canary"}, list{object{}}, object{}, object{"canary": list{"canary"}}, list{list{}}}

// bend puts a wrong value in place of one value somewhere in v.
func bend(t *rapid.T, v any) any {
	deeper := rapid.Bool().Draw(t, "deeper")
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && deeper {
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")
			v[name] = bend(t, v[name])
			return v
		}
	case []any:
		if len(v) > 0 && deeper {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "index")
			v[i] = bend(t, v[i])
			return v
		}
	}
	return rapid.SampledFrom(wrong).Draw(t, "value")
}

// TestNoShapeOpensTheGate: whatever stands in the place of the member that closes the
// gate, in a shape that PDS does not send, the patient is not admitted; nothing panics,
// and no error shows anything.
func TestNoShapeOpensTheGate(t *testing.T) {
	closing := map[string]struct {
		member string
		value  any
	}{
		"restricted": {"meta", security("R")},
		"dead":       {"deceasedDateTime", "2030-10-22T00:00:00+00:00"},
		"notified":   {"extension", list{deathNotice("2")}},
		"unverified": {"identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": verification("02")}}},
		"elsewhere":  {"generalPractitioner", list{registered("A20047", "2020-01-01", "")}},
	}
	n := number(t, digits)
	for name, c := range closing {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				var value any
				if err := json.Unmarshal(toJSON(t, c.value), &value); err != nil {
					rt.Fatal(err)
				}
				value = bend(rt, value)
				if c.member == "extension" && !saysDeath(value) {
					return // without its address it is another extension
				}
				if text := string(toJSON(t, value)); c.member == "deceasedDateTime" && (text == `""` || text == "[]" || text == "[[]]") {
					return // nothing is stated
				}
				raw := toJSON(t, patient(with(c.member, value)))
				trace, err := pds.ReadTrace(raw, n, noon)
				if err != nil {
					expectClean(t, err)
					return
				}
				g := newGate(t, pds.GateConfig{Trace: trace, Now: newClock().Now})
				err = g.Admit(t.Context(), n, surgery, false)
				if !errors.Is(err, pds.ErrRefused) {
					rt.Fatalf("admitted with %s", toJSON(t, value))
				}
				expectClean(t, err)
			})
		})
	}
}

// saysDeath says whether v is still one extension with a death notification's address.
func saysDeath(v any) bool {
	one, _ := v.([]any)
	if len(one) != 1 {
		return false
	}
	e, _ := one[0].(map[string]any)
	return e["url"] == deathURL
}

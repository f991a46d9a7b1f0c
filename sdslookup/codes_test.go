package sdslookup

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestParseODS(t *testing.T) {
	tests := []struct {
		in, want string
		says     string // in the error
	}{
		{"A12345", "A12345", ""},
		{" a12345\t", "A12345", ""},
		{"RR8", "RR8", ""},
		{"123456789012", "123456789012", ""},
		{"", "", "missing"},
		{"  ", "", "missing"},
		{"A1", "", `"A1" is not an ODS code`},
		{"AB12345CD6789", "", `"AB12345CD6789" is not an ODS code`},
		{"A123456789012", "", "is not an ODS code"},
		{"A12 345", "", "not an ODS code"},
		{"A*)(objectClass=*", "", "not an ODS code"},
		{"A12345\x00", "", `"A12345\x00"`},
		{"Ａ12345", "", "not an ODS code"},
		{"ſ12345", "", "not an ODS code"}, // its capital is S
		{"9000000009", "", "an NHS number, perhaps?"},
		{"900 000 0009", "", "not repeated"},
		{"A12345 900-000-0009", "", "not repeated"},
	}
	for _, tt := range tests {
		got, err := ParseODS(tt.in)
		if got != tt.want || (err == nil) != (tt.says == "") {
			t.Errorf("%q: got %q, %v; want %q", tt.in, got, err, tt.want)
			continue
		}
		if err != nil && (!errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "0009")) {
			t.Errorf("%q: got %v; want ErrInvalid with %q", tt.in, err, tt.says)
		}
	}
}

func TestParseInteraction(t *testing.T) {
	for in, ok := range map[string]bool{
		string(slotSearch): true,
		string(structured): true,
		"urn:nhs:names:services:gpconnect:fhir:operation:gpc.getcarerecord": true,
		"urn:nhs:names:services:gpconnect:fhir:rest:search:$everything_x-1": true,
		"":                                  false,
		"urn:nhs:names:services:":           false,
		"URN:NHS:NAMES:SERVICES:gpconnect":  false,
		" " + string(slotSearch):            false,
		string(slotSearch) + "\n":           false,
		"urn:nhs:names:services:gpconnect*": false,
		"urn:nhs:names:services:gp)(objectClass=nhsAs":               false,
		"urn:nhs:names:services:é":                                   false,
		"urn:nhs:names:services:x" + strings.Repeat("x", 300):        false,
		"https://fhir.nhs.uk/Id/nhsServiceInteractionId|urn:nhs:nam": false,
	} {
		got, err := ParseInteraction(in)
		if (err == nil) != ok || ok && string(got) != in || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: got %q, %v; want ok %v", in, got, err, ok)
		}
	}
}

// FuzzCodes: what is accepted is a fixed point, has only harmless characters, and makes filters that say
// what they seem to say; what is refused is not repeated where it may hold an NHS number.
func FuzzCodes(f *testing.F) {
	for _, s := range []string{"A12345", " a1 ", "A*)(x=*", "9000000009", "urn:nhs:names:services:gpconnect:x-1", "ſſſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ods, err := ParseODS(s); err == nil {
			again, err := ParseODS(ods)
			if err != nil || again != ods || len(ods) < 3 || len(ods) > 12 || strings.Trim(ods, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
				t.Errorf("got %q, then %q, %v", ods, again, err)
			}
		} else if longestNumber(s) >= 10 && longestNumber(err.Error()) >= 10 {
			t.Errorf("the error repeats a long number: %v", err)
		}
		if _, err := ParseInteraction(s); err == nil && s != ldap.EscapeFilter(s) {
			t.Errorf("%q would have to be escaped", s)
		}
		filter := asQuery("A12345", s).filter
		p, err := ldap.CompileFilter(filter)
		if err != nil || len(p.Children) != 3 || p.Children[2].Children[1].Value.(string) != s {
			t.Errorf("the filter %q does not ask for the party key alone (%v)", filter, err)
		}
	})
}

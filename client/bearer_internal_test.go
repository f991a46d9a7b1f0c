package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// sameToken holds the token that k would send at now against its claims, put
// into JSON by themselves.
func sameToken(t *testing.T, what string, k *call, now time.Time) {
	t.Helper()
	f, err := k.form(now)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	bearer, token := f.at(now)
	parts := strings.Split(strings.TrimPrefix(bearer, "Bearer "), ".")
	if len(parts) != 3 || parts[0] != unsigned || parts[2] != "" {
		t.Fatalf("%s: got %d parts, want a header, claims and no signature", what, len(parts))
	}
	got, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	claims := k.claims(now)
	want, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
	if want := (Token{claims.Issuer, claims.Audience, claims.Issued, claims.Expires}); token != want {
		t.Errorf("%s: the auditor is told %+v, want %+v", what, token, want)
	}
}

func keptCall(t *testing.T, id Interaction) *call {
	t.Helper()
	k := tokenCall(t, id)
	k.forms = new(forms)
	return k
}

// TestFormMovesOn: a token that is put together from a kept form has the times of
// its own attempt, however many digits they take.
func TestFormMovesOn(t *testing.T) {
	k := keptCall(t, GetStructuredRecord)
	for _, seconds := range []int64{1700000000, 1700000001, 1700000900, 0, -1, 9999999999, 10000000001} {
		sameToken(t, fmt.Sprint(seconds), k, time.Unix(seconds, 0))
	}
	if got := len(k.forms.kept); got != 1 {
		t.Errorf("%d forms are kept, want 1", got)
	}
}

// TestFormOfAnother: what differs between the calls of an encounter differs in
// their tokens: the practice, the interaction's scope, the reason.
func TestFormOfAnother(t *testing.T) {
	k := keptCall(t, GetStructuredRecord)
	for _, id := range []Interaction{GetStructuredRecord, MigrateStructuredRecord, BookAppointment, ReadMetadata, GetStructuredRecord} {
		k.row, _ = RowOf(id)
		for _, practice := range []string{"A12345", "B12345", "A12345"} {
			k.ods, k.endpoint = practice, sdslookup.Endpoint{Address: "https://" + practice + ".example/STU3"}
			sameToken(t, string(id)+" at "+practice, k, time.Unix(1700000000, 0))
		}
	}
}

// TestFormLooksLikeItsTimes: a text that looks like the place of the times is none.
func TestFormLooksLikeItsTimes(t *testing.T) {
	k := keptCall(t, GetStructuredRecord)
	k.practitioner.ID = `"exp":0,"iat":0`
	k.organisation.Name = `,"exp":0,"iat":0,`
	sameToken(t, "a name like claims", k, time.Unix(1700000000, 0))
	k = keptCall(t, GetStructuredRecord)
	k.organisation.Name = strings.Repeat("a long name ", 500)
	sameToken(t, "a long name", k, time.Unix(1700000000, 0))
}

// TestFormOfAPatient: a token of GP Connect 0.7 names the patient, and nothing of
// it is kept.
func TestFormOfAPatient(t *testing.T) {
	k := keptCall(t, GetCareRecord)
	for _, digits := range []string{"9658218873", "9000000009"} {
		var err error
		if k.patient, err = fhir.ParseNHSNumber(digits); err != nil {
			t.Fatal(err)
		}
		f, err := k.form(time.Unix(1700000000, 0))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(f.after), digits) {
			t.Error("the token does not name the call's patient")
		}
	}
	if len(k.forms.kept) != 0 {
		t.Error("a form that names a patient is kept")
	}
}

// TestFormsAreFew: an encounter that calls many practices keeps a few forms, and
// each call has its own token all the same.
func TestFormsAreFew(t *testing.T) {
	k := keptCall(t, GetStructuredRecord)
	for i := range 5 * mostForms {
		k.endpoint.Address = fmt.Sprintf("https://practice%d.example", i)
		sameToken(t, k.endpoint.Address, k, time.Unix(1700000000, 0))
		if got := len(k.forms.kept); got > mostForms {
			t.Fatalf("%d forms are kept, want at most %d", got, mostForms)
		}
	}
}

// TestBrokenFormIsNotKept: a token that breaks a rule is refused each time.
func TestBrokenFormIsNotKept(t *testing.T) {
	k := keptCall(t, GetStructuredRecord)
	k.endpoint.Address = "practice"
	for range 2 {
		if _, err := k.form(time.Unix(1700000000, 0)); err == nil || !strings.Contains(err.Error(), "aud") {
			t.Errorf("got %v, want the rule that is broken", err)
		}
	}
	if n := len(k.forms.kept); n != 0 {
		t.Errorf("%d are kept, want none", n)
	}
}

// TestFormsAreAnEncounters: encounters of one client share no form, and who asks
// stays who asked when the encounter began.
func TestFormsAreAnEncounters(t *testing.T) {
	first := encounterOf(t, &slow{})
	given := []string{"Sam"}
	second, err := first.client.Encounter(
		Organisation{ODS: "B22222", Name: "Another", ASID: "200000000360"},
		Practitioner{ID: "2", Family: "Roe", Given: given, LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		t.Fatal(err)
	}
	given[0] = "Somebody"
	for _, e := range []*Encounter{first, second, first} {
		p, err := e.Practice("A12345")
		if err != nil {
			t.Fatal(err)
		}
		k := p.call(Request{Interaction: GetStructuredRecord, Path: "/Patient/$gpc.getstructuredrecord", Body: []byte("{}")})
		k.endpoint.Address = "https://practice.example"
		if k.forms != &e.forms {
			t.Error("a call keeps its form elsewhere than in its encounter")
		}
		f, err := k.form(time.Unix(1700000000, 0))
		if err != nil {
			t.Fatal(err)
		}
		if of := string(f.after); !strings.Contains(of, e.organisation.ODS) || !strings.Contains(of, e.practitioner.Family) || strings.Contains(of, "Somebody") {
			t.Errorf("the token of %s's encounter is %s", e.organisation.ODS, of)
		}
	}
}

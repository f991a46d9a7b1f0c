package pds_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

func read(t *testing.T, edit ...func(object)) *pds.Trace {
	t.Helper()
	trace, err := pds.ReadTrace(toJSON(t, patient(edit...)), number(t, digits), noon)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

func extension(parts ...any) func(object) { return with("extension", list(parts)) }

// TestFacts: each field of a PDS Patient and what follows from it.
func TestFacts(t *testing.T) {
	usual := func(family string) object { return object{"use": "usual", "family": family} }
	for _, test := range []struct {
		name string
		edit func(object)
		ok   func(*pds.Trace) bool
	}{
		{"as asked", nil, func(d *pds.Trace) bool { return !d.Superseded() && d.NHSNumber == d.Asked && d.At.Equal(noon) }},
		{"verified", nil, func(d *pds.Trace) bool { return d.Verification == pds.Verified }},
		{"traced, not verified", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": verification("02")}}),
			func(d *pds.Trace) bool { return d.Verification == "02" }},
		{"verification under its older address", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": list{object{
			"url":                  "https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
			"valueCodeableConcept": coded("https://fhir.nhs.uk/R4/CodeSystem/UKCore-NHSNumberVerificationStatus", "01")}}}}),
			func(d *pds.Trace) bool { return d.Verification == pds.Verified }},
		{"no verification", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits}}), func(d *pds.Trace) bool { return d.Verification == "" }},
		{"no identifier", without("identifier"), func(d *pds.Trace) bool { return d.Verification == "" }},
		{"two verifications that differ", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": append(verification("01"), verification("02")...)}}),
			func(d *pds.Trace) bool { return d.Verification == "" }},
		{"another system's code", with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": digits, "extension": list{object{"url": statusURL, "valueCodeableConcept": coded("https://example.org/Other", "01")}}}}),
			func(d *pds.Trace) bool { return d.Verification == "" }},

		{"unrestricted", nil, func(d *pds.Trace) bool { return d.Sensitivity == pds.Unrestricted && d.Version == "2" }},
		{"restricted", with("meta", security("R")), func(d *pds.Trace) bool { return d.Sensitivity == pds.Restricted }},
		{"very restricted", with("meta", security("V")), func(d *pds.Trace) bool { return d.Sensitivity == pds.VeryRestricted }},
		{"redacted", with("meta", security("REDACTED")), func(d *pds.Trace) bool { return d.Sensitivity == pds.Redacted }},
		{"a label not known yet", with("meta", security("X")), func(d *pds.Trace) bool { return d.Sensitivity == "X" }},
		{"two labels", with("meta", security("U", "R")), func(d *pds.Trace) bool { return d.Sensitivity == pds.Restricted }},
		{"no label", with("meta", object{}), func(d *pds.Trace) bool { return d.Sensitivity == pds.Unstated }},
		{"no meta", without("meta"), func(d *pds.Trace) bool { return d.Sensitivity == pds.Unstated }},

		{"registered", nil, registeredAt(surgery)},
		{"registered in the future", with("generalPractitioner", list{registered(surgery, "2031-05-07", "")}), registeredAt("")},
		{"registered from today", with("generalPractitioner", list{registered(surgery, "2031-05-06", "")}), registeredAt(surgery)},
		{"registered until yesterday", with("generalPractitioner", list{registered(surgery, "2020-01-01", "2031-05-05")}), registeredAt("")},
		{"registered until today", with("generalPractitioner", list{registered(surgery, "2020-01-01", "2031-05-06")}), registeredAt(surgery)},
		{"moved", with("generalPractitioner", list{registered("A20047", "2010-01-01", "2020-01-01"), registered(surgery, "2020-01-01", "")}), registeredAt(surgery)},
		{"two at once", with("generalPractitioner", list{registered("A20047", "", ""), registered(surgery, "", "")}), registeredAt("")},
		{"the same twice", with("generalPractitioner", list{registered(surgery, "", ""), registered("b82617", "", "")}), registeredAt("b82617")},
		{"an end that is no date", with("generalPractitioner", list{registered(surgery, "2020-01-01", "soon")}), registeredAt("")},
		{"nowhere", without("generalPractitioner"), registeredAt("")},
		{"the code of no practice", with("generalPractitioner", list{registered("V81997", "2020-01-01", "")}), registeredAt("")},
		{"no ODS code", with("generalPractitioner", list{object{"identifier": object{"system": "https://example.org", "value": surgery}}}), registeredAt("")},

		{"born", nil, func(d *pds.Trace) bool { return d.BirthDate == born && d.Gender == "female" }},
		{"no birth date", without("birthDate"), func(d *pds.Trace) bool { return d.BirthDate == "" }},
		{"a gender not listed", with("gender", "new"), func(d *pds.Trace) bool { return d.Gender == "new" }},
		{"usual name", with("name", list{object{"use": "nickname", "family": "N"}, object{"use": "old", "family": "O"}, usual("U")}),
			func(d *pds.Trace) bool { return d.Name().Family == "U" && len(d.Names) == 3 }},
		{"no usual name", with("name", list{object{"use": "old", "family": "O"}, object{"use": "temp", "family": "T"}}), func(d *pds.Trace) bool { return d.Name().Family == "T" }},

		{"living", nil, func(d *pds.Trace) bool { return !d.Deceased() && d.Death == pds.Death{} }},
		{"dead on a day", with("deceasedDateTime", "2030-10-22T00:00:00+00:00"), func(d *pds.Trace) bool { return d.Deceased() && d.Death.Date == "2030-10-22T00:00:00+00:00" }},
		{"dead on no day", with("deceasedBoolean", true), func(d *pds.Trace) bool { return d.Deceased() }},
		{"not dead", with("deceasedBoolean", false), func(d *pds.Trace) bool { return !d.Deceased() }},
		{"informal notice", extension(deathNotice("1")), func(d *pds.Trace) bool { return d.Deceased() && d.Death.Notification == pds.InformalDeath }},
		{"formal notice", extension(deathNotice("2")), func(d *pds.Trace) bool { return d.Deceased() && d.Death.Notification == pds.FormalDeath }},
		{"notice taken back", extension(deathNotice("U")), func(d *pds.Trace) bool { return !d.Deceased() && d.Death.Notification == pds.DeathRemoved }},
		{"notice not known yet", extension(deathNotice("9")), func(d *pds.Trace) bool { return d.Deceased() }},
		{"notice without a code", extension(object{"url": deathURL}), func(d *pds.Trace) bool { return d.Deceased() && d.Death.Notification == pds.DeathUnclassified }},
		{"one notice taken back, one not", extension(deathNotice("U"), deathNotice("1")), func(d *pds.Trace) bool { return d.Deceased() }},

		{"removed", extension(removal("SCT")), func(d *pds.Trace) bool {
			return d.Removal != nil && d.Removal.Code == "SCT" && d.Removal.Period.Start == "2030-01-01"
		}},
		{"not removed", nil, func(d *pds.Trace) bool { return d.Removal == nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var trace *pds.Trace
			if test.edit == nil {
				trace = read(t)
			} else {
				trace = read(t, test.edit)
			}
			if !test.ok(trace) {
				t.Errorf("the facts are not as sent")
			}
			expectClean(t, trace)
			expectClean(t, *trace)
			expectClean(t, trace.Demographics)
		})
	}
}

func registeredAt(ods string) func(*pds.Trace) bool {
	return func(d *pds.Trace) bool {
		r, ok := d.Practice(noon)
		return r.ODS == ods && ok == (ods != "")
	}
}

func TestSuperseded(t *testing.T) {
	trace := read(t, with("id", otherDigits), with("identifier", list{object{"system": fhir.NHSNumberSystem, "value": otherDigits, "extension": verification("01")}}))
	if !trace.Superseded() || trace.NHSNumber != number(t, otherDigits) || trace.Asked != number(t, digits) {
		t.Error("the replacement is not told from the number that was asked for")
	}
	expectClean(t, trace)
}

// TestNotRelied: what is no Patient of that number, whole and readable, is no trace.
func TestNotRelied(t *testing.T) {
	body := toJSON(t, patient())
	for name, raw := range map[string][]byte{
		"truncated":          body[:len(body)-2],
		"trailing":           append(append([]byte{}, body...), "{}"...),
		"empty":              nil,
		"a page":             []byte("<html><title>canary</title></html>"),
		"another resource":   toJSON(t, object{"resourceType": "Practitioner", "id": digits}),
		"no id":              toJSON(t, patient(without("id"))),
		"no number":          toJSON(t, patient(with("id", "9000000000"))),
		"contradictory":      toJSON(t, patient(with("id", otherDigits))),
		"meta is text":       toJSON(t, patient(with("meta", "U"))),
		"a death is a list":  toJSON(t, patient(with("deceasedDateTime", list{object{}}))),
		"practice is text":   toJSON(t, patient(with("generalPractitioner", list{"B82617", 7}))),
		"extension is text":  toJSON(t, patient(with("extension", "canary"))),
		"deceased is a word": toJSON(t, patient(with("deceasedBoolean", "canary"))),
	} {
		if _, err := pds.ReadTrace(raw, number(t, digits), noon); err == nil {
			t.Errorf("%s: taken for a trace", name)
		} else {
			expectClean(t, err)
		}
	}
}

// TestR4: samply's models are there beside the facts, and say when they cannot be.
func TestR4(t *testing.T) {
	p, err := read(t).R4()
	if err != nil || len(p.Address) != 1 || *p.Address[0].PostalCode != postcode {
		t.Errorf("got %v, want the address", err)
	}
	_, err = read(t, with("gender", "canary")).R4()
	expectError(t, err, pds.ErrUnreadable)
}

func TestPerson(t *testing.T) {
	p := read(t).Person(noon)
	if p.NHSNumber != number(t, digits) || p.Family != family || len(p.Given) != 2 || p.BirthDate != born || p.Practice != surgery || p.Deceased {
		t.Error("the person is not as PDS has them")
	}
	if p := read(t).Person(noon.AddDate(-20, 0, 0)); p.Practice != "" {
		t.Errorf("got practice %s before the registration began, want none", p.Practice)
	}
}

// TestWinterTime: a registration ends with its last day in London, not in UTC.
func TestWinterTime(t *testing.T) {
	trace := read(t, with("generalPractitioner", list{registered(surgery, "2020-01-01", "2031-05-06")}))
	last := time.Date(2031, 5, 6, 22, 59, 59, 0, time.UTC) // 23:59:59 in London
	if _, ok := trace.Practice(last); !ok {
		t.Error("ended before its last day had")
	}
	if _, ok := trace.Practice(last.Add(time.Second)); ok {
		t.Error("goes on after its last day")
	}
}

func TestPatient(t *testing.T) {
	c := newClock()
	p := newPeer(t, c, func(int, seen) reply { return reply{200, map[string]string{"ETag": `W/"2"`}, patient()} })
	trace, err := newClient(t, p, c).Patient(t.Context(), number(t, digits))
	if err != nil {
		t.Fatal(err)
	}
	if !trace.At.Equal(noon) || trace.RequestID == "" || trace.Verification != pds.Verified {
		t.Error("the trace is not complete")
	}
	if got, want := p.requests()[0].uri, "/personal-demographics/FHIR/R4/Patient/"+digits; got != want {
		t.Error("the request is not for the patient's resource beneath the base address")
	}
	_, err = newClient(t, p, c).Patient(t.Context(), fhir.NHSNumber{})
	expectError(t, err, pds.ErrInvalid)
	if len(p.requests()) != 1 {
		t.Error("without a number something was sent")
	}
	if errors.Is(err, pds.ErrNotFound) {
		t.Error("no number is taken for no patient")
	}
}

package show

import (
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// head is what the text says before the first area, in one line.
func head(t *testing.T, p record.Patient, src record.Source) string {
	t.Helper()
	before, _, _ := strings.Cut(text(t, &record.Record{Patient: p, Source: src}), "\nAllergies ─")
	return strings.Join(strings.Fields(before), " ")
}

func TestPatient(t *testing.T) {
	practice := &record.Actor{Name: "Example Lane Surgery", Organisation: "Example Lane Surgery", ODS: "B82617"}
	for _, c := range []struct {
		name  string
		p     record.Patient
		wants []string
		never []string
	}{
		{"living", record.Patient{Name: "SAMPLE, Nora", NHSNumber: "9000000009", BirthDate: "1952-03-12", Gender: "female", Practice: practice},
			[]string{"SAMPLE, Nora NHS number 900 000 0009 Born 12 Mar 1952 (74 years) Gender female Registered at Example Lane Surgery (B82617)"}, []string{"DECEASED", "Deceased"}},
		{"deceased", record.Patient{Name: "SAMPLE, Nora", BirthDate: "1952-03-12", Deceased: true, DeceasedDate: "2020-03-11"},
			[]string{"SAMPLE, Nora DECEASED on 11 Mar 2020", "Born 12 Mar 1952 (died aged 67 years)", "Deceased 11 Mar 2020"}, []string{"74"}},
		{"deceased, nobody says when", record.Patient{BirthDate: "1952", Deceased: true}, []string{"DECEASED", "Born 1952 ", "Deceased yes; date not given"}, []string{"years"}},
		{"infant", record.Patient{BirthDate: "2026-09-21"}, []string{"21 Sep 2026 (1 month)"}, nil},
		{"newborn", record.Patient{BirthDate: "2026-11-09"}, []string{"9 Nov 2026 (11 days)"}, nil},
		{"marked", record.Patient{NotForPatient: true, Active: fhir.False}, []string{"NOT FOR PATIENT: ", "NOT ACTIVE: "}, nil},
		{"no number", record.Patient{NHSNumber: "12 345"}, []string{"NHS number 12 345 [NOT AN NHS NUMBER] Born date of birth not given"}, nil},
	} {
		got := head(t, c.p, record.Source{})
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q in it", c.name, got, want)
			}
		}
		for _, never := range c.never {
			if strings.Contains(got, never) {
				t.Errorf("%s: got %q, want no %q in it", c.name, got, never)
			}
		}
	}
}

func TestSource(t *testing.T) {
	got := head(t, record.Patient{}, record.Source{ODS: "B82617", Practice: "Example Lane Surgery", TraceID: "629ea9ba", Retrieved: time.Date(2026, 12, 1, 23, 59, 0, 0, time.UTC)})
	if want := "From the GP record of Example Lane Surgery (B82617). Retrieved 1 Dec 2026 23:59:00 GMT Trace id 629ea9ba"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
	if got, want := head(t, record.Patient{}, record.Source{ODS: "B82617"}), "From the GP record of (B82617)."; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

// A date is as exact as it was sent, and a time is London's.
func TestDates(t *testing.T) {
	for _, c := range []struct{ in, day, moment string }{
		{"2019", "2019", "2019"},
		{"2019-03", "Mar 2019", "Mar 2019"},
		{"2019-03-12", "12 Mar 2019", "12 Mar 2019"},
		{"2019-03-12T00:00:00+00:00", "12 Mar 2019", "12 Mar 2019"},
		{"2019-07-01T23:30:00Z", "2 Jul 2019", "2 Jul 2019 00:30"},
		{"2019-07-01T09:05:59+01:00", "1 Jul 2019", "1 Jul 2019 09:05"},
		{"2019-07-01T09:05:59", "1 Jul 2019", "1 Jul 2019 09:05"},
		{"12/03/2019", "12/03/2019", "12/03/2019"},
		{"", "", ""},
	} {
		plain := strings.NewReplacer(nbsp, " ")
		if got := plain.Replace(day(fhir.Date(c.in))); got != c.day {
			t.Errorf("day of %q: got %q, want %q", c.in, got, c.day)
		}
		if got := plain.Replace(moment(fhir.Date(c.in))); got != c.moment {
			t.Errorf("moment of %q: got %q, want %q", c.in, got, c.moment)
		}
	}
}

// Numbers stay as they were sent, but for what binary arithmetic has added.
func TestDigits(t *testing.T) {
	for in, want := range map[fhir.Decimal]string{
		"5.7000000000000002": "5.7", "71.50": "71.50", "0.059999999999999998": "0.06", "142": "142", "12345678901234567890": "12345678901234567890",
		"1.123456789012345": "1.123456789012345", "<5": "<5",
	} {
		if got := digits(in); got != want {
			t.Errorf("got %s of %s, want %s", got, in, want)
		}
	}
}

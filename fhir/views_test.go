package fhir

import (
	"slices"
	"strings"
	"testing"
)

const nhs = `{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}`

func TestPatientNHSNumber(t *testing.T) {
	const other = `{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9690937286"}`
	for _, c := range []struct {
		name, identifiers string
		want              bool
	}{
		{"one", nhs, true},
		{"without its list", nhs, true},
		{"with spaces, of DSTU2", `[{"system":"http://fhir.nhs.net/Id/nhs-number","value":"900 000 0009"}]`, true},
		{"among others", `[{"system":"local","value":"9690937286"},` + nhs + `]`, true},
		{"the same twice", `[` + nhs + `,` + nhs + `]`, true},
		{"an old one that differs", `[` + nhs + `,` + strings.Replace(other, `{`, `{"use":"old",`, 1) + `]`, true},
		{"two that differ", `[` + nhs + `,` + other + `]`, false},
		{"one that is valid and one that is not", `[` + nhs + `,{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"1234567890"}]`, false},
		{"no NHS number", `[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"1234567890"}]`, false},
		{"no value", `[{"system":"https://fhir.nhs.uk/Id/nhs-number"}]`, false},
		{"none", `[]`, false},
	} {
		p := read[Patient](t, `{"resourceType":"Patient","identifier":`+c.identifiers+`}`)
		if n, ok := p.NHSNumber(); ok != c.want || ok && n.String() != "******0009" || !ok && !n.IsZero() {
			t.Errorf("%s: got %v %v, want %v", c.name, n, ok, c.want)
		}
	}
}

func TestPerson(t *testing.T) {
	b := parse(t, `{"resourceType":"Bundle","entry":[
		{"resource":{"resourceType":"Organization","id":"o","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A12345"}]}},
		{"resource":{"resourceType":"Patient","id":"p","identifier":[`+nhs+`],"birthDate":"1980-02","gender":"female",
			"name":[{"use":"old","family":"Before"},{"use":"usual","family":"Usual"},{"use":"official","family":"Winter","given":["Anna","B"]}],
			"deceasedDateTime":"2020","managingOrganization":{"reference":"Organization/o"}}}]}`)
	r, _ := b.Resolve("Patient/p")
	p, err := As[Patient](r)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Person(b)
	if got.NHSNumber.Digits() != "9000000009" || got.Family != "Winter" || !slices.Equal(got.Given, []string{"Anna", "B"}) ||
		got.BirthDate != "1980-02" || got.Gender != "female" || got.Practice != "A12345" || !got.Deceased {
		t.Error("the person is not the patient")
	}
	if got := p.Person(nil).Practice; got != "" {
		t.Errorf("got practice %q without a bundle, want none", got)
	}
	q := read[Patient](t, `{"resourceType":"Patient","name":[{"use":"old","family":"Old"},{"family":"New"}],"contained":[{"resourceType":"Organization",
		"id":"1","identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"B1"}}],"managingOrganization":{"reference":"#1"}}`)
	if got := q.Person(nil); got.Family != "New" || got.Practice != "B1" || got.Deceased {
		t.Errorf("got practice %q", got.Practice)
	}
}

func TestListWarnings(t *testing.T) {
	const url = `"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"`
	l := read[List](t, `{"resourceType":"List","extension":[{`+url+`,"valueCode":"confidential-items"},{`+url+`,"valueCode":["new-one"]},
		{"url":"ClinicalSetting-1","valueCode":"x"}],"entry":[{"item":{"display":"items are not supported"}},{"item":{"reference":"A/1","display":"x"}}]}`)
	if got, want := l.WarningCodes(), []string{"confidential-items", "new-one"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !l.Entry[0].Item.DisplayOnly() || l.Entry[1].Item.DisplayOnly() {
		t.Error("display-only items are not told from others")
	}
}

func TestQuantityText(t *testing.T) {
	const unit = `"extension":[{"url":"https://h/Extension-CareConnect-GPC-MedicationQuantityText-1","valueString":"`
	for doc, want := range map[string]string{
		`{"value":28,"unit":"tablet"}`:                "28 tablet",
		`{"value":28,` + unit + `tablet(s)"}]}`:       "28 tablet(s)",
		`{` + unit + `28"}]}`:                         "28",
		`{` + unit + `tablets"}]}`:                    "tablets",
		`{"value":28,` + unit + `28 tablets"}]}`:      "28 tablets",
		`{"value":28,` + unit + `2 packs of 14"}]}`:   "28 (2 packs of 14)",
		`{"value":1.50,"code":"mL","comparator":"<"}`: "<1.50 mL",
		`{}`:   "",
		`null`: "",
	} {
		m := read[MedicationRequest](t, `{"resourceType":"MedicationRequest","dispenseRequest":{"quantity":`+doc+`}}`)
		if got := m.DispenseRequest.QuantityText(); got != want {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
}

func TestAppointment(t *testing.T) {
	for _, data := range corpus(t, "appointments/cancel_appt_response_example.json") {
		a := read[Appointment](t, string(data))
		o, ok := a.BookedBy()
		if !ok || o.ODS() == "" || a.CancellationReason() == "" || a.DeliveryChannel() == "" || a.Meta.VersionID == "" {
			t.Errorf("got %v, reason %q, channel %q, version %q", ok, a.CancellationReason(), a.DeliveryChannel(), a.Meta.VersionID)
		}
	}
	s := read[Schedule](t, `{"resourceType":"Schedule","extension":[{"url":"https://h/Extension-GPConnect-DeliveryChannel-1",
		"valueCodeableConcept":{"coding":[{"code":"Video"}]}}]}`)
	if got := s.DeliveryChannel(); got != "Video" {
		t.Errorf("got %q, want Video", got)
	}
}

func TestDiaryEntriesOfTheSpecification(t *testing.T) {
	for _, data := range corpus(t, "structured/spec-diaryentries_response1.json") {
		var got []Period
		for r := range parse(t, string(data)).OfType("ProcedureRequest") {
			p, err := As[ProcedureRequest](r)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p.When())
		}
		want := []Period{{Start: "2019-05-02", End: "2019-05-02"}, {Start: "2019-05-01", End: "2019-05-01"}}
		if !slices.EqualFunc(got, want, func(a, b Period) bool { return a.Start == b.Start && a.End == b.End }) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestParseOutcome(t *testing.T) {
	for name, data := range corpus(t, "outcomes/*.json") {
		if !strings.Contains(string(data), `"OperationOutcome"`) || strings.HasPrefix(name, "area") || strings.HasPrefix(name, "parameter") {
			continue
		}
		o, ok := ParseOutcome("application/fhir+json", data)
		if !ok || len(o.Issue) == 0 || len(o.Issue[0].Details.Coding) == 0 || !o.Issue[0].IsError() {
			t.Errorf("%s: got %v", name, ok)
		}
	}
	o, ok := ParseOutcome("text/html", []byte("\xef\xbb\xbf"+`{"resourceType":"OperationOutcome","issue":[
		{"severity":"warning","code":"not-supported","details":{"text":"a"},"diagnostics":"b","expression":["c"]},{"code":"x","location":"d"}]}`))
	if !ok || len(o.Issue) != 2 || o.Issue[0].IsError() || !o.Issue[1].IsError() || o.Issue[1].Location[0] != "d" {
		t.Errorf("got %v with issues not as sent", ok)
	}
	if i := o.Issue[0]; i.Details.Text != "a" || i.Diagnostics != "b" || !slices.Equal(i.Expression, []string{"c"}) {
		t.Error("the first issue is not as sent")
	}
	for _, body := range []string{"", "{}", `{"resourceType":"Patient"}`, `{"resourceType":"OperationOutcome"`, "<html>"} {
		if _, ok := ParseOutcome("application/fhir+json", []byte(body)); ok {
			t.Errorf("%q: got an outcome", body)
		}
	}
}

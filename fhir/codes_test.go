package fhir

import "testing"

func concept(t *testing.T, doc string) CodeableConcept {
	t.Helper()
	return read[Medication](t, `{"resourceType":"Medication","code":`+doc+`}`).Code
}

func TestDisplay(t *testing.T) {
	const (
		read2    = `{"system":"http://read.info/readv2","code":"246..00","display":"O/E - BP"}`
		plain    = `{"system":"http://snomed.info/sct","code":"163020007","display":"O/E blood pressure reading"}`
		describe = `"extension":[{"url":"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-coding-sctdescid","extension":[
			{"url":"DescriptionID","valueId":"1"},{"url":"DescriptionDisplay","valueString":"BP reading"}]}]`
		idOnly = `"extension":[{"url":"http://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid","extension":[
			{"url":"descriptionId","valueId":"1"}]}]`
		snomed = `"system":"http://snomed.info/sct","display":"O/E blood pressure reading"`
	)
	for _, c := range []struct{ name, doc, want string }{
		{"the text first", `{"text":"BP","coding":[` + plain + `]}`, "BP"},
		{"then the description", `{"coding":[` + read2 + `,{` + snomed + `,` + describe + `}]}`, "BP reading"},
		{"an id alone is no description", `{"coding":[` + read2 + `,{` + snomed + `,` + idOnly + `}]}`, "O/E blood pressure reading"},
		{"then SNOMED's display, wherever it stands", `{"coding":[` + read2 + `,` + plain + `]}`, "O/E blood pressure reading"},
		{"then another display", `{"coding":[{"system":"http://snomed.info/sct","code":"1"},` + read2 + `]}`, "O/E - BP"},
		{"then a code", `{"coding":[{"system":"x"},{"code":"1"},{"code":"2"}]}`, "1"},
		{"else nothing", `{"coding":[{}]}`, ""},
		{"a lone coding without its list", `{"coding":` + plain + `}`, "O/E blood pressure reading"},
	} {
		if got := concept(t, c.doc).Display(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestConceptCodes(t *testing.T) {
	c := concept(t, `{"coding":[{"system":"http://read.info/readv2","code":"2469.00"},
		{"system":"http://snomed.info/sct","code":"72313002"},{"system":"http://hl7.org/fhir/v3/NullFlavor","code":"UNK"}]}`)
	if !c.Has(SNOMED, "72313002") || c.Has(ReadV2, "72313002") || !c.AnyCode("x", "2469.00") || c.AnyCode("x") || c.AnyCode() {
		t.Error("the codes are not found as they are")
	}
	if c.Code(ReadV2) != "2469.00" || c.Code(CTV3) != "" || c.Degraded() {
		t.Errorf("got %q %q degraded %v", c.Code(ReadV2), c.Code(CTV3), c.Degraded())
	}
	if !c.Coding[2].IsNullFlavour() || c.Coding[1].IsNullFlavour() {
		t.Error("the null flavour is not told from a code")
	}
	for _, code := range []string{DegradedMedication, DegradedDrugAllergy, DegradedRecordEntry} {
		if !(CodeableConcept{Coding: []Coding{{}, {System: SNOMED, Code: code}}}).Degraded() {
			t.Errorf("%s: got not degraded", code)
		}
	}
}

func TestExtensionsAreFoundByName(t *testing.T) {
	for url, name := range map[string]string{
		"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1":       "ListWarningCode",
		"http://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-RelatedClinicalContent-1": "RelatedClinicalContent",
		"https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-DeliveryChannel-2":             "DeliveryChannel",
		"https://fhir.hl7.org.uk/StructureDefinition/CareConnect-ActualProblem-12":                       "ActualProblem",
		"http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter":                          "encounter-associatedEncounter",
		"https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid":                    "coding-sctdescid",
		"DescriptionID":          "descriptionId",
		"https://h/Extension-A-": "A-",
	} {
		x := Extensions{{URL: "https://h/other-1"}, {URL: url, ValueCode: "found"}, {URL: url, ValueCode: "again"}}
		for _, asked := range []string{name, url} {
			if e, ok := x.Find(asked); !ok || e.Text() != "found" {
				t.Errorf("%s by %s: got %v", url, asked, ok)
			}
			if n := len(x.All(asked)); n != 2 {
				t.Errorf("%s by %s: got %d, want 2", url, asked, n)
			}
		}
	}
	x := Extensions{{URL: "https://h/Extension-CareConnect-GPC-ListWarningCode-1"}, {}}
	for _, name := range []string{"WarningCode", "List", "ListWarning", "x"} {
		if _, ok := x.Find(name); ok {
			t.Errorf("%s: found what is not there", name)
		}
	}
}

func TestExtensionValues(t *testing.T) {
	p := read[MedicationRequest](t, `{"resourceType":"MedicationRequest","extension":[{"url":"MedicationRepeatInformation-1","extension":[
		{"url":"a","valueUnsignedInt":6},{"url":"b","valuePositiveInt":"7"},{"url":"c","valueDateTime":"2020"},{"url":"d","valueBoolean":"true"}]}]}`)
	parts := p.Extension[0].Extension
	if parts[0].Number() != "6" || parts[1].Number() != "7" || parts[2].Date() != "2020" || !parts[3].ValueBoolean.IsTrue() {
		t.Errorf("got %q %q %q %v", parts[0].Number(), parts[1].Number(), parts[2].Date(), parts[3].ValueBoolean)
	}
}

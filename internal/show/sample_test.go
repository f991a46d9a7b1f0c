package show

import (
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// now is when the samples are read.
var now = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

func item(text, source string) record.Item {
	return record.Item{Text: text, Sources: []string{source}}
}

func on1(d fhir.Date) record.When { return record.When{Date: d} }

func doctor(name, role string) *record.Actor {
	return &record.Actor{Name: name, Role: role, Organisation: "Example Lane Surgery", ODS: "B82617"}
}

func quantity(number, unit string) *record.Value {
	text := number
	if unit != "" {
		text += " " + unit
	}
	return &record.Value{Text: text, Number: fhir.Decimal(number), Unit: unit}
}

func recorded1[T any](items ...T) record.Area[T] {
	return record.Area[T]{State: record.StateRecorded, Items: items}
}

// sample is a record with something of everything.
func sample() *record.Record {
	return &record.Record{
		Patient: samplePatient(),
		Source: record.Source{
			ODS: "B82617", Practice: "Example Lane Surgery", TraceID: "629ea9ba-a077-4d99-b289-7a9b19fd4e03",
			Retrieved: time.Date(2026, 7, 20, 9, 15, 30, 0, time.UTC),
		},
		Warnings: []record.Warning{
			{Kind: record.WarnConfidential, Area: record.Problems, Code: "confidential-items", Text: "Items excluded due to confidentiality and/or patient preferences."},
			{Kind: record.WarnDisabled, Area: record.Documents, Text: "Documents have been switched off at the practice."},
		},
		Areas: record.Areas{
			Allergies:      sampleAllergies(),
			Medications:    sampleMedications(),
			Consultations:  sampleConsultations(),
			Problems:       sampleProblems(),
			Immunisations:  sampleImmunisations(),
			Uncategorised:  sampleUncategorised(),
			Investigations: sampleInvestigations(),
			Referrals:      sampleReferrals(),
			Diary:          sampleDiary(),
			Documents:      sampleDocuments(),
		},
	}
}

func samplePatient() record.Patient {
	return record.Patient{
		NHSNumber: "9000000009", NHSNumberStatus: &record.Concept{Text: "Number present and verified"},
		Name: "SAMPLE, Nora Jane (Mrs)", Family: "Sample", Given: []string{"Nora", "Jane"}, Gender: "female", BirthDate: "1952-03-12",
		Active: fhir.True, Practice: &record.Actor{Name: "Example Lane Surgery", Organisation: "Example Lane Surgery", ODS: "B82617"},
		GPs:          []record.Actor{*doctor("Dr Ann Other", "General Medical Practitioner")},
		Registration: &record.Registration{Type: &record.Concept{Text: "Regular"}, Period: record.Period{Start: "1999-04"}},
		Addresses:    []record.Contact{{Text: "1 Sample Street\nTown\nAB1 2CD", Use: "home"}},
		Telecoms:     []record.Contact{{Text: "01632 960001", Use: "home", Kind: "phone"}},
		Languages:    []record.Language{{Concept: record.Concept{Text: "Welsh"}, Interpreter: fhir.True}},
	}
}

func sampleAllergies() record.AllergyArea {
	return record.AllergyArea{
		Area: recorded1(
			record.Allergy{
				Item: item("Penicillin V", "AllergyIntolerance/1"), Status: "active", Type: "allergy", Categories: []string{"medication"},
				Severity: "severe", Critical: "high", Reactions: []record.Concept{{Text: "Anaphylaxis"}},
				Onset: on1("2003"), Asserted: "2003-05-14", Recorder: doctor("Dr Ann Other", "General Medical Practitioner"),
				Notes: []record.Note{{Text: "After the second dose.\nTold the family."}},
			},
			record.Allergy{
				Item:   record.Item{Text: "Transfer-degraded drug allergy: Septrin", Sources: []string{"AllergyIntolerance/2"}, Degraded: true, NotForPatient: true},
				Status: "active", Categories: []string{"medication"}, Asserted: "2010-01", DecisionSupportUnsafe: true,
			},
		),
		Ended: recorded1(record.Allergy{
			Item: item("Cat hair", "List:1103671000000101#a"), Status: "resolved", Categories: []string{"environment"},
			Onset: record.When{Text: "aged 7"}, EndDate: "2015-06-01", EndReason: "Tested negative",
		}),
	}
}

func sampleMedications() record.MedicationArea {
	issue := func(d fhir.Date) record.Prescription {
		return record.Prescription{Item: item("Amlodipine 5mg tablets", "MedicationRequest/i"+string(d)), Intent: "order", Status: "completed",
			Date: d, Dosage: "One to be taken each day", Quantity: "28 tablet", Supply: "28 day"}
	}
	return record.MedicationArea{
		IssuesRequested: fhir.True,
		Area: recorded1(
			record.Medication{
				Item: item("Amlodipine 5mg tablets", "MedicationStatement/1"), Status: "active", Type: "repeat",
				Dosage: "One to be taken each day", Instruction: "Take in the morning", Period: record.Period{Start: "2024-02-01"},
				LastIssued: "2026-11-02", Chain: "MedicationRequest/p0",
				Plan: &record.Prescription{
					Item: item("Amlodipine 5mg tablets", "MedicationRequest/p1"), Intent: "plan", Type: "repeat",
					Dosage: "One to be taken each day", Instruction: "Take in the morning", Quantity: "28 tablet", Supply: "28 day",
					Repeats:   &record.Repeats{Allowed: ptr(6), Issued: ptr(2), Left: ptr(4), Expires: "2027-02-01"},
					Requester: doctor("Dr Ann Other", "General Medical Practitioner"),
				},
				Issues: []record.Prescription{issue("2026-12-01"), issue("2026-11-02"), issue("2026-10-05")},
			},
			record.Medication{
				Item: item("Amoxicillin 500mg capsules", "MedicationStatement/2"), Status: "completed", Type: "acute",
				Dosage: "One three times a day", Period: record.Period{Start: "2020-01-10", End: "2020-01-17"}, LastIssued: "2020-01-10",
			},
			record.Medication{
				Item: item("Amlodipine 10mg tablets", "MedicationStatement/3"), Status: "stopped", Type: "repeat",
				Dosage: "One to be taken each day", Period: record.Period{Start: "2019-03-12", End: "2024-02-01"}, LastIssued: "2024-01-08", Chain: "MedicationRequest/p0",
				Plan: &record.Prescription{
					Item: item("Amlodipine 10mg tablets", "MedicationRequest/p0"), Intent: "plan", Type: "repeat", Dosage: "One to be taken each day",
					Stopped: &record.Stopped{Concept: record.Concept{Text: "Ankle swelling"}, Date: "2024-02-01"},
				},
			},
			record.Medication{
				Item: record.Item{Text: "Mixture of old", Sources: []string{"MedicationStatement/4"}, Degraded: true}, Status: "active",
				Dosage: "5 ml at night", PrescribedBy: &record.Concept{Text: "Prescribed by another organisation"},
			},
			record.Medication{Item: record.Item{Text: "MedicationStatement/99", Sources: []string{"MedicationStatement/99"}, Absent: record.AbsentUnresolved}},
			record.Medication{
				Item: item("Zopiclone 3.75mg tablets", "MedicationStatement/5"), Status: "active", Type: "acute",
				Dosage: "One at night when needed", Period: record.Period{Start: "2026-11-10", End: "2026-11-24"}, LastIssued: "2026-11-10",
			},
		),
	}
}

func sampleConsultations() record.ConsultationArea {
	bp := record.Observation{
		Item: item("Blood pressure", "Observation/bp"), Date: on1("2026-10-05T10:05:00+01:00"),
		BloodPressure: &record.BloodPressure{Text: "142/86 mm[Hg]", Position: "sitting"},
	}
	return record.ConsultationArea{Area: recorded1(
		record.Consultation{
			Item: item("Telephone call", "Encounter/2"), Date: "2020-01-10", Status: "finished",
			Participants: []record.Participant{{Actor: *doctor("Nurse Bo Lee", "Nurse"), Roles: []string{"recorder"}}},
		},
		record.Consultation{
			Item: item("GP Surgery", "Encounter/1"), Date: "2026-10-05T10:05:00+01:00", Period: record.Period{Start: "2026-10-05T10:05:00+01:00", End: "2026-10-05T10:20:00+01:00"},
			Recorded: "2026-10-06", Status: "finished", Locations: []string{"Main building"},
			Participants: []record.Participant{{Actor: *doctor("Dr Ann Other", "General Medical Practitioner"), Roles: []string{"recorder", "performer"}}},
			Entries: []record.Entry{{Kind: record.KindTopic, Section: &record.Section{
				Item: item("Raised blood pressure", "List/t"), Title: "Raised blood pressure",
				Problems: []record.Link{{Text: "Hypertension", Kind: record.KindProblem, Date: "2019-03-12", Source: "Condition/1"}},
				Entries: []record.Entry{
					{Kind: record.KindHeading, Section: &record.Section{Item: item("History", "List/h1"), Title: "History", Entries: []record.Entry{
						{Kind: record.KindObservation, Observation: &record.Observation{Item: item("Comment note", "Observation/n"), Narrative: true, Date: on1("2026-10-05"),
							Comment: "Feels well. Ankles no longer swell since the dose was lowered.\n\nWalks two miles a day; no chest pain, no breathlessness."}},
					}}},
					{Kind: record.KindHeading, Section: &record.Section{Item: item("Examination", "List/h2"), Title: "Examination", Entries: []record.Entry{
						{Kind: record.KindObservation, Observation: &bp},
					}}},
					{Kind: record.KindHeading, Section: &record.Section{Item: item("Medication", "List/h3"), Title: "Medication", Entries: []record.Entry{
						{Kind: record.KindPrescription, Prescription: &record.Prescription{Item: item("Amlodipine 5mg tablets", "MedicationRequest/i2026-10-05"), Intent: "order", Status: "completed",
							Date: "2026-10-05", Dosage: "One to be taken each day", Quantity: "28 tablet", Supply: "28 day", PrescriptionID: "F7A1"}},
						{Kind: record.KindDocument, Item: &record.Item{Text: "Document items have been disabled", Absent: record.AbsentNotSent}},
					}}},
				},
			}}},
		},
	)}
}

func sampleProblems() record.ProblemArea {
	a := recorded1(
		record.Problem{
			Item: item("Hypertension", "Condition/1"), Status: "active", Significance: "major", Onset: on1("2019-03-12"), Asserted: "2019-03-12",
			Asserter: doctor("Dr Ann Other", "General Medical Practitioner"),
			Linked: []record.Link{
				{Text: "Amlodipine 5mg tablets", Kind: record.KindPrescription, Date: "2024-02-01", Source: "MedicationRequest/p1"},
				{Text: "GP Surgery", Kind: record.KindConsultation, Date: "2026-10-05", Source: "Encounter/1"},
				{Text: "Documents have been disabled", Absent: record.AbsentNotSent},
			},
		},
		record.Problem{Item: item("Fracture of wrist", "Condition/2"), Status: "inactive", Significance: "minor", Onset: on1("1988"), Ended: on1("1988-09")},
	)
	a.Withheld = true
	a.Warnings = []record.Warning{{Kind: record.WarnConfidential, Area: record.Problems, Code: "confidential-items", Text: "Items excluded due to confidentiality and/or patient preferences."}}
	return record.ProblemArea{
		Area:   a,
		Linked: []record.Problem{{Item: item("Smoker", "Condition/3"), Status: "active", Onset: on1("1970-06")}},
		Related: []record.Entry{{Kind: record.KindAllergy, List: "problems-allergies-related-to-problems",
			Allergy: &record.Allergy{Item: item("Elastoplast", "AllergyIntolerance/7"), Status: "active", Asserted: "2001-02-03"}}},
	}
}

func sampleImmunisations() record.Area[record.Immunisation] {
	return recorded1(
		record.Immunisation{
			Item: item("Administration of first dose of vaccine against influenza", "Immunization/1"), Kind: record.ImmunisationGiven, Date: "2025-10-01", Batch: "AB123", Expires: "2026-01",
			Manufacturer: "Example Pharma", Site: &record.Concept{Text: "Left upper arm"}, Route: &record.Concept{Text: "Intramuscular"}, Sequence: "1",
			Practitioners: []record.Participant{{Actor: *doctor("Nurse Bo Lee", "Nurse"), Roles: []string{"administrator"}}},
		},
		record.Immunisation{Item: item("Pneumococcal vaccination", "Immunization/2"), Kind: record.ImmunisationNotGiven, Date: "2024-10-01", NotGiven: []record.Concept{{Text: "Patient declined"}}},
		record.Immunisation{Item: item("Consent given for immunisation", "Observation/c"), Kind: record.ImmunisationStatus, Date: "2025-10-01",
			Observation: &record.Observation{Item: item("Consent given for immunisation", "Observation/c"), Date: on1("2025-10-01")}},
	)
}

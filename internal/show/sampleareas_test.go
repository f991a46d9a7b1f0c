package show

import (
	"github.com/gpconnect-go/gpc/record"
)

func sampleUncategorised() record.Area[record.Observation] {
	return recorded1(
		record.Observation{Item: item("Never smoked tobacco", "Observation/1"), Date: on1("2018")},
		record.Observation{Item: item("Body weight", "Observation/2"), Date: on1("2026-10-05"), Value: quantity("71.50", "kg")},
		record.Observation{Item: item("Body weight", "Observation/3"), Date: on1("2025-03-01"), Value: quantity("74.2", "kg")},
		record.Observation{Item: item("Body weight", "Observation/4"), Date: on1("2024-03"), Value: quantity("76", "kg")},
		record.Observation{Item: item("Blood pressure", "Observation/bp"), Date: on1("2026-10-05T10:05:00+01:00"), BloodPressure: &record.BloodPressure{
			Text: "142/86 mm[Hg]", Position: "sitting", Systolic: record.Pressure{Value: quantity("142", "mm[Hg]")}, Diastolic: record.Pressure{Value: quantity("86", "mm[Hg]")}}},
		record.Observation{Item: item("Standing blood pressure", "Observation/bp2"), Date: on1("2025-03-01"), BloodPressure: &record.BloodPressure{
			Text: "150/? mm[Hg]", Position: "standing", Systolic: record.Pressure{Value: quantity("150", "mm[Hg]")}, Diastolic: record.Pressure{AbsentReason: &record.Concept{Text: "Not performed"}}}},
		record.Observation{Item: record.Item{Text: "Finding of another practice", Sources: []string{"Observation/5"}, EnteredInError: true, FromElsewhere: true}, Comment: "Left ear.\nSeen twice."},
	)
}

func sampleInvestigations() record.Area[record.Investigation] {
	return recorded1(record.Investigation{
		Item: item("Full blood count", "DiagnosticReport/1"), Issued: "2026-10-07T14:30:00+01:00", Status: "unknown", ReportIDs: []string{"26H1234"},
		Performers: []record.Participant{{Actor: record.Actor{Organisation: "Example Pathology"}}},
		Specimens:  []record.Specimen{{Item: item("EDTA blood", "Specimen/1"), Collected: on1("2026-10-05T10:15:00+01:00")}},
		Requests:   []record.DiaryEntry{{Item: item("Full blood count request", "ProcedureRequest/9"), Intent: "order", Authored: "2026-10-05"}},
		Results: []record.Observation{
			{Item: item("Full blood count", "Observation/g"), Members: []record.Observation{
				{Item: item("Haemoglobin estimation", "Observation/r1"), Value: quantity("132", "g/L"), Ranges: []record.Range{{Text: "115 - 165"}},
					Related: []record.Relation{{Type: "derived-from", Link: record.Link{Text: "Full blood count", Source: "Observation/g"}}}},
				{Item: item("Total white blood count", "Observation/r2"), Value: quantity("12.10", "10*9/L"), Ranges: []record.Range{{Text: "4.0 - 11.0"}}, Interpretation: &record.Concept{Text: "H"}},
				{Item: item("Mean corpuscular haemoglobin concentration (MCHC)", "Observation/r3"), Value: &record.Value{Text: "< 320.5 g/L", Number: "320.5", Comparator: "<", Unit: "g/L"},
					Comment: "Sample slightly haemolysed."},
				{Item: item("Film", "Observation/r4"), Value: &record.Value{Text: "Occasional target cells, otherwise unremarkable film"}},
			}},
			{Item: item("Erythrocyte sedimentation rate", "Observation/r5"), Value: &record.Value{Text: "Not tested"}, Interpretation: &record.Concept{Text: "Abnormal", Codes: []record.Code{{Code: "A"}}}},
		},
		Comments: []record.Observation{{Item: item("Comment note", "Observation/f"), Narrative: true, Comment: "Repeat in three months.", Date: on1("2026-10-08")}},
	})
}

func sampleReferrals() record.Area[record.Referral] {
	return recorded1(
		record.Referral{
			Item: item("Suspected breast cancer", "ReferralRequest/1"), Date: "2021-05-04", Priority: "asap", Status: "active", UBRN: "000049790000",
			Recipients: []record.Actor{{Name: "Breast clinic", Organisation: "Example Hospital", ODS: "RXX01"}}, Requester: doctor("Dr Ann Other", "General Medical Practitioner"),
			Supporting: []record.Link{{Text: "Referral letter", Kind: record.KindDocument, Date: "2021-05-04", Source: "DocumentReference/1"}},
		},
		record.Referral{Item: item("Physiotherapy", "ReferralRequest/2"), Date: "2022-06", Status: "cancelled", Priority: "routine"},
	)
}

func sampleDiary() record.Area[record.DiaryEntry] {
	return recorded1(
		record.DiaryEntry{Item: item("Hypertension annual review", "ProcedureRequest/1"), Intent: "plan", Status: "active", Due: on1("2027-03-12"), Authored: "2026-10-05", Requester: doctor("Dr Ann Other", "General Medical Practitioner")},
		record.DiaryEntry{Item: item("Medication review", "ProcedureRequest/2"), Intent: "plan", Status: "active"},
		record.DiaryEntry{Item: item("Influenza vaccination", "ProcedureRequest/3"), Intent: "plan", Status: "active", Due: record.When{Date: "2026-09-01", End: "2027-01-31"}},
	)
}

func sampleDocuments() record.Area[record.Document] {
	return record.Area[record.Document]{
		State:    record.StateDisabled,
		Warnings: []record.Warning{{Kind: record.WarnDisabled, Area: record.Documents, Text: "Documents have been switched off at the practice."}},
		Items: []record.Document{{Item: item("Discharge letter", "DocumentReference/1"), Created: "2021-05-04", Description: "Discharge from ward 7",
			Authors: []record.Actor{{Organisation: "Example Hospital"}}, Attachments: []record.Attachment{{ContentType: "application/pdf", Size: "184320", URL: "https://example.invalid/Binary/1"}}}},
	}
}

package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// fixture reads the full record of the person of the fixtures, with the resources of a file.
func fixture(t testing.TB, name string) *Record {
	t.Helper()
	return recordOf(t, fixtureResources(t, name)...)
}

func fixtureResources(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, r := range raw {
		found = append(found, string(r))
	}
	return found
}

func TestAllergies(t *testing.T) {
	expect(t, fixture(t, "allergies.json"), `
		allergies.state recorded
		allergies.items.# 9
		allergies.items.0.text Penicillin, per patient
		allergies.items.0.codes.# 2
		allergies.items.0.codes.1.code 91936005
		allergies.items.0.sources.0 AllergyIntolerance/penicillin
		allergies.items.0.categories.0 medication
		allergies.items.0.criticality high
		allergies.items.0.severity severe
		allergies.items.0.reactions.# 2
		allergies.items.0.reactions.0.text Came up in lumps
		allergies.items.0.reactions.1.text Anaphylaxis
		allergies.items.0.onset.date 1979
		allergies.items.0.asserted 2004-03-02T10:00:00+00:00
		allergies.items.0.recorder.name Dr Cal Doe
		allergies.items.0.recorder.role General Medical Practitioner
		allergies.items.0.recorder.organisation The Surgery
		allergies.items.0.recorder.ods A12345
		allergies.items.0.notes.0.text Told by her mother
		allergies.items.0.consultation.absent unresolved
		allergies.items.0.consultation.source Encounter/not-sent
		allergies.items.1.text Septrin Paed susp
		allergies.items.1.degraded true
		allergies.items.1.decision_support_unsafe true
		allergies.items.2.text Wasp venom
		allergies.items.2.not_for_patient true
		allergies.items.2.onset.text aged 7 years
		allergies.items.3.absent unresolved
		allergies.items.3.sources.0 AllergyIntolerance/gone
		allergies.items.3.sources.1 List:886921000000105/entry/3
		allergies.items.4.absent not-sent
		allergies.items.4.text Allergy items are not supported by the provider system
		allergies.items.5.duplicate true
		allergies.items.5.text Penicillin, per patient
		allergies.items.6.absent wrong-type
		allergies.items.6.text Hay fever
		allergies.items.7.deleted true
		allergies.items.7.entered_in_error true
		allergies.items.7.text X1
		allergies.items.8.absent empty
		allergies.ended.state recorded
		allergies.ended.items.0.text Egg protein allergy
		allergies.ended.items.0.sources.0 List:1103671000000101#egg
		allergies.ended.items.0.status resolved
		allergies.ended.items.0.end_date 2011-06
		allergies.ended.items.0.end_reason Tolerated at challenge
	`)
}

func TestMedications(t *testing.T) {
	expect(t, fixture(t, "medications.json"), `
		medications.items.# 4
		medications.issues_requested true
		medications.items.0.text RAMIPRIL caps 5mg
		medications.items.0.sources.1 Medication/ramipril
		medications.items.0.status active
		medications.items.0.type repeat
		medications.items.0.dosage One each morning; Half at night
		medications.items.0.instruction With water
		medications.items.0.period.start 2024-05-01
		medications.items.0.last_issued 2024-06-26
		medications.items.0.dosage_last_changed 2024-05-01
		medications.items.0.from_elsewhere
		medications.items.0.plan.repeats.allowed 6
		medications.items.0.plan.repeats.left 4
		medications.items.0.plan.repeats.expires 2025-05-01
		medications.items.0.plan.quantity 28 capsule
		medications.items.0.plan.supply 28 day
		medications.items.0.issues.# 2
		medications.items.0.issues.0.date 2024-06-26
		medications.items.0.issues.1.date 2024-05-29
		medications.items.0.issues.1.prescription_id EPS-1
		medications.items.0.issues.1.notes.0.text For the chemist
		medications.items.0.chain MedicationRequest/plan-1
		medications.items.0.earlier.# 1
		medications.items.0.earlier.0.dosage One at night
		medications.items.1.chain MedicationRequest/plan-1
		medications.items.1.earlier.# 0
		medications.items.1.plan.stopped.text Dose changed
		medications.items.1.plan.stopped.date 2023-05-01
		medications.items.2.text Methotrexate (hospital)
		medications.items.2.degraded true
		medications.items.2.from_elsewhere true
		medications.items.2.type
		medications.items.2.period.start 2021-02
		medications.items.2.chain
		medications.items.3.text Something from the chemist
		medications.items.3.dosage (the dose is not given in words)
		medications.items.3.plan
		medications.items.3.issues.# 1
	`)
}

// "#id" means something else in every resource.
func TestContainedMedicines(t *testing.T) {
	statement := func(id, name string) string {
		return `{"resourceType":"MedicationStatement","id":"` + id + `","contained":[{"resourceType":"Medication","id":"m","code":{"text":"` + name + `"}},
			{"resourceType":"MedicationRequest","id":"plan","intent":"plan","medicationReference":{"reference":"#m"},"priorPrescription":{"reference":"#m"}}],
			"basedOn":[{"reference":"#plan"}],"medicationReference":{"reference":"#m"}}`
	}
	expect(t, recordOf(t, listOf(codeMedications, "MedicationStatement/a", "MedicationStatement/b"), statement("a", "Aspirin"), statement("b", "Bisoprolol"),
		`{"resourceType":"MedicationRequest","id":"stray","intent":"order","basedOn":[{"reference":"#plan"}]}`), `
		medications.items.0.text Aspirin
		medications.items.0.sources.1 MedicationStatement/a#m
		medications.items.0.plan.text Aspirin
		medications.items.0.issues.# 0
		medications.items.1.text Bisoprolol
		medications.items.1.plan.sources.0 MedicationStatement/b#plan
		medications.items.1.chain
		medications.items.1.earlier.# 0
	`)
}

func TestConsultations(t *testing.T) {
	r := fixture(t, "consultations.json")
	expect(t, r, `
		consultations.items.# 3
		consultations.items.0.text Surgery
		consultations.items.0.date 2024-01-02T09:00:00+00:00
		consultations.items.0.recorded 2024-01-02T09:11:00+00:00
		consultations.items.0.length 10 min
		consultations.items.0.from_elsewhere
		consultations.items.0.locations.0 Branch in the High Street
		consultations.items.0.participants.0.name Dr Cal Doe
		consultations.items.0.participants.0.roles.0 performer
		consultations.items.0.participants.1.roles.0 recorder
		consultations.items.0.participants.1.source Practitioner/not-sent
		consultations.items.0.entries.# 2
		consultations.items.0.entries.0.kind topic
		consultations.items.0.entries.0.section.title Knee
		consultations.items.0.entries.0.section.problems.0.text Osteoarthritis of knee
		consultations.items.0.entries.0.section.problems.0.date 2019
		consultations.items.0.entries.0.section.entries.0.kind heading
		consultations.items.0.entries.0.section.entries.0.section.title Medication
		consultations.items.0.entries.0.section.entries.0.section.entries.0.kind prescription
		consultations.items.0.entries.0.section.entries.0.section.entries.0.prescription.text Ibuprofen 400mg tablets
		consultations.items.0.entries.0.section.entries.0.section.entries.0.prescription.quantity 21 tablet
		consultations.items.0.entries.0.section.entries.0.section.entries.1.allergy.text Latex
		consultations.items.0.entries.0.section.entries.0.section.entries.2.document.text Letter to orthopaedics
		consultations.items.0.entries.0.section.entries.1.section.title Examination
		consultations.items.0.entries.0.section.entries.1.section.entries.0.observation.text Joint swelling
		consultations.items.0.entries.0.section.entries.1.section.entries.1.kind other
		consultations.items.0.entries.0.section.entries.1.section.entries.1.item.text Something else
		consultations.items.0.entries.1.section.text Topic (EHR)
		consultations.items.0.entries.1.section.entries.# 5
		consultations.items.0.entries.1.section.entries.0.observation.narrative true
		consultations.items.0.entries.1.section.entries.1.item.absent not-sent
		consultations.items.0.entries.1.section.entries.2.item.absent unresolved
		consultations.items.0.entries.1.section.entries.2.kind observation
		consultations.items.0.entries.1.section.entries.3.item.duplicate true
		consultations.items.0.entries.1.section.entries.4.kind topic
		consultations.items.0.entries.1.section.entries.4.item.duplicate true
		consultations.items.1.from_elsewhere true
		consultations.items.1.draft true
		consultations.items.1.organisation.name The Hub
		consultations.items.2.text Telephone
		consultations.items.2.entries.# 0
		consultations.related.# 2
		consultations.related.0.item.abridged true
		consultations.related.0.list consultations-uncategorised-data-contained-in-consultations
		consultations.related.1.observation.value.text in full
		documents.state recorded
		documents.items.# 1
		documents.items.0.sources.0 DocumentReference/letter
		allergies.state missing
		allergies.items.# 0
	`)
	if got, want := r.Areas.Consultations.Items[0].Entries[1].Section.Entries[0].Observation.Comment, "Fell on ice.\nWalks with a stick."; got != want {
		t.Errorf("got comment %q, want %q", got, want)
	}
	if !hasWarning(r, WarnUnlinked, Consultations) {
		t.Error("got no warning of the heading that no consultation holds, want one")
	}
}

func TestProblems(t *testing.T) {
	r := fixture(t, "problems.json")
	expect(t, r, `
		problems.items.# 1
		problems.items.0.text Asthma
		problems.items.0.status active
		problems.items.0.significance major
		problems.items.0.onset.date 1999-10
		problems.items.0.ended.date 2030
		problems.items.0.asserter.name Dr Who
		problems.items.0.notes.0.text Since school
		problems.items.0.actual.text Wheeze
		problems.items.0.actual.not_for_patient true
		problems.items.0.linked.# 3
		problems.items.0.linked.0.text Salbutamol inhaler
		problems.items.0.linked.0.kind medication
		problems.items.0.linked.0.date 2001
		problems.items.0.linked.1.absent not-sent
		problems.items.0.linked.1.text Document items have been disabled
		problems.items.0.linked.2.absent unresolved
		problems.items.0.linked.2.kind observation
		problems.items.0.problems.0.relation child
		problems.items.0.problems.0.text Bronchitis
		problems.linked.# 1
		problems.linked.0.text Bronchitis
		problems.linked.0.ended.text ended, date not given
		problems.related.# 1
		problems.related.0.kind medication
		problems.related.0.medication.dosage Two puffs when needed
		medications.state missing
		medications.items.# 0
	`)
	if !hasWarning(r, WarnNotSent, Problems) {
		t.Error("got no warning of content that was only named, want one")
	}
}

func TestImmunisations(t *testing.T) {
	expect(t, fixture(t, "immunisations.json"), `
		immunisations.items.# 4
		immunisations.items.0.text Influenza vaccination
		immunisations.items.0.kind given
		immunisations.items.0.from_elsewhere true
		immunisations.items.0.report_origin.text Pharmacy
		immunisations.items.0.recorded 2023-10-05
		immunisations.items.0.vaccine
		immunisations.items.0.parent_present true
		immunisations.items.0.dose 0.50 ml
		immunisations.items.0.batch L7
		immunisations.items.0.sequence 2
		immunisations.items.0.protocols.0 Influenza; dose 2 of 3
		immunisations.items.0.manufacturer Vaccines Ltd
		immunisations.items.0.location Village hall
		immunisations.items.0.practitioners.0.roles.0 administrator
		immunisations.items.1.kind not-given
		immunisations.items.1.text MMR
		immunisations.items.1.not_given_reasons.0.text Parent declined
		immunisations.items.2.kind unknown
		immunisations.items.3.kind status
		immunisations.items.3.text Consent given for vaccination
		immunisations.items.3.observation.date.date 2023-09-30
	`)
}

func TestObservations(t *testing.T) {
	r := fixture(t, "observations.json")
	expect(t, r, `
		uncategorised.items.# 7
		uncategorised.items.0.blood_pressure.text >120/80 mm[Hg]
		uncategorised.items.0.blood_pressure.position standing
		uncategorised.items.0.blood_pressure.systolic.value.number 120
		uncategorised.items.0.date.date 2024-01
		uncategorised.items.0.date.end 2024-02
		uncategorised.items.1.value.text 70.50 kg
		uncategorised.items.1.comment clothed: yes
		uncategorised.items.1.interpretation.text High
		uncategorised.items.1.ranges.0.text 50–70 kg
		uncategorised.items.1.ranges.1.text up to 70
		uncategorised.items.2.members.# 3
		uncategorised.items.2.members.0.text Units a week
		uncategorised.items.2.members.1.text Exercise
		uncategorised.items.2.members.2.absent unresolved
		uncategorised.items.2.related.# 3
		uncategorised.items.3.value.text no
		uncategorised.items.3.members.# 0
		uncategorised.items.4.answers.1.question How many?
		uncategorised.items.4.answers.1.answers.0 2
		uncategorised.items.4.answers.1.depth 1
		uncategorised.items.5.entered_in_error true
		uncategorised.items.5.unreadable.# 2
		uncategorised.items.6.text (not named in the record)
		uncategorised.items.6.narrative true
		uncategorised.items.6.comment No code at all
	`)
	for _, kind := range []WarningKind{WarnUnreadable, WarnError, WarnUnresolved} {
		if !hasWarning(r, kind, Uncategorised) {
			t.Errorf("got no warning %s, want one", kind)
		}
	}
}

func TestInvestigations(t *testing.T) {
	expect(t, fixture(t, "investigations.json"), `
		investigations.items.# 2
		investigations.items.0.text Full blood count
		investigations.items.0.report_ids.0 LAB-1
		investigations.items.0.performers.0.name The Laboratory
		investigations.items.0.specimens.0.text Venous blood
		investigations.items.0.specimens.0.collected.date 2024-02-28T09:00:00Z
		investigations.items.0.specimens.1.absent unresolved
		investigations.items.0.requests.0.text Blood tests
		investigations.items.0.requests.0.intent order
		investigations.items.0.requests.1.absent not-sent
		investigations.items.0.results.# 3
		investigations.items.0.results.0.absent unresolved
		investigations.items.0.results.1.text Full blood count
		investigations.items.0.results.1.members.# 2
		investigations.items.0.results.1.members.0.value.text 131 g/L
		investigations.items.0.results.1.members.1.value.text <4.0 10*9/L
		investigations.items.0.results.1.members.1.interpretation.text Low
		investigations.items.0.results.1.members.1.comment Film seen
		investigations.items.0.results.1.members.1.comments.0.comment Repeat in a month
		investigations.items.0.results.2.value.text not done
		investigations.items.0.comments.0.comment Normal, tell patient
		investigations.items.0.conclusion No further action
		investigations.items.1.text Ultrasound
		investigations.items.1.results.# 1
		investigations.items.1.results.0.text A
		investigations.items.1.results.0.members.# 1
		investigations.items.1.results.0.members.0.text B
		investigations.items.1.results.0.members.0.members.# 0
	`)
}

func TestReferralsDiaryAndDocuments(t *testing.T) {
	expect(t, fixture(t, "plans.json"), `
		referrals.items.# 2
		referrals.items.0.text Ophthalmology referral
		referrals.items.0.reasons.0.text Cataract
		referrals.items.0.ubrn 000012345678
		referrals.items.0.priority asap
		referrals.items.0.recipients.0.name Eye clinic
		referrals.items.0.recipients.0.organisation The Trust
		referrals.items.0.recipients.0.ods RX1
		referrals.items.0.requester.name Dr Doe
		referrals.items.0.on_behalf_of.name The Surgery
		referrals.items.0.supporting.0.text Letter
		referrals.items.0.supporting.0.not_for_patient true
		referrals.items.1.text Physio
		referrals.items.1.status cancelled
		diary.items.# 2
		diary.items.0.text Smear due
		diary.items.0.intent plan
		diary.items.0.due.date 2026-05-01
		diary.items.0.due.end
		diary.items.0.reasons.0.text Routine recall
		diary.items.1.due.end 2026-06
		diary.items.1.notes.0.text Not to be done.
		documents.items.# 1
		documents.items.0.not_for_patient true
		documents.items.0.from_elsewhere true
		documents.items.0.attachments.# 2
		documents.items.0.attachments.0.size 120
		documents.items.0.attachments.1.url
		documents.items.0.attachments.1.title Too large
	`)
}

func hasWarning(r *Record, kind WarningKind, area AreaName) bool {
	for _, w := range r.Warnings {
		if w.Kind == kind && w.Area == area {
			return true
		}
	}
	return false
}

func TestADateThatIsNoneIsShownAndSaid(t *testing.T) {
	r := recordOf(t, listOf(codeAllergies, "AllergyIntolerance/a"),
		`{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"code":{"text":"Latex"},"onsetDateTime":"19","assertedDate":"2019"}`)
	expect(t, r, `
		allergies.items.0.onset.date 19
		allergies.items.0.unreadable.# 1
		allergies.items.0.unreadable.0 AllergyIntolerance/a onset
	`)
	if !hasWarning(r, WarnUnreadable, Allergies) {
		t.Error("got no warning of a date that is none, want one")
	}
}

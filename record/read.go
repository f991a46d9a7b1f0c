package record

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gpconnect-go/gpc/fhir"
)

// Read reads the answer to q about the patient with the number n. Unless the answer is,
// beyond doubt, about that patient, there is no Record but a [*PatientError]: there must be
// one Patient only, its NHS number must be n, and every resource that names a patient must
// name that one.
func Read(b *fhir.Bundle, n fhir.NHSNumber, q Query) (*Record, error) {
	if b == nil {
		return nil, &PatientError{Reason: "there is no answer", Err: ErrNoRecord}
	}
	r := newReader(b, &q)
	if err := r.setPatient(); err != nil {
		return nil, err
	}
	if err := r.isAsked(n); err != nil {
		return nil, err
	}
	return r.record(), nil
}

// View reads a saved answer, of which neither the question nor the patient is known. An area
// whose list is there counts as asked for, and one whose list is not there as not requested.
// A number that is no NHS number is shown, with a warning, and so is what names another
// patient. Without a Patient that has a number, or with several Patients, there is no Record
// but a [*PatientError].
func View(b *fhir.Bundle) (*Record, error) {
	if b == nil {
		return nil, &PatientError{Reason: "there is no answer", Err: ErrNoRecord}
	}
	r := newReader(b, nil)
	if err := r.setPatient(); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(r.patient.NHSIdentifiers(), func(id fhir.Identifier) bool { return id.Value != "" }) {
		return nil, &PatientError{Reason: "the Patient has no NHS number", Err: ErrNoPatient}
	}
	return r.record(), nil
}

// mostEntries bounds what an answer may cost: real records have a few thousand entries in
// all their lists.
const mostEntries = 250_000

func (r *reader) setPatient() (err error) {
	if r.entries > mostEntries {
		return fmt.Errorf("%w of %d", ErrTooManyEntries, mostEntries)
	}
	r.patient, err = r.onlyPatient()
	return err
}

// record tells the whole record. What consultations and problems share with other areas is
// told last, so that it is told in full only where no area does.
func (r *reader) record() *Record {
	r.readOutcomes()
	rec := &Record{bundle: r.b, Patient: r.tellPatient()}
	rec.Source = r.source(rec.Patient)
	a := &rec.Areas
	a.Allergies.Area = area(r, Allergies, codeAllergies, r.tellAllergy)
	a.Allergies.Ended = area(r, Allergies, codeEndedAllergies, r.tellAllergy)
	a.Medications.Area = area(r, Medications, codeMedications, r.tellMedication)
	r.addEarlier(a.Medications.Items)
	a.Medications.IssuesRequested = r.issuesRequested()
	a.Consultations.Area = area(r, Consultations, codeConsultations, r.tellConsultation)
	a.Problems.Area = area(r, Problems, codeProblems, r.tellProblem)
	a.Immunisations = area(r, Immunisations, codeImmunisations, r.tellImmunisation)
	a.Uncategorised = area(r, Uncategorised, codeUncategorised, r.tellObservation)
	a.Investigations = area(r, Investigations, codeInvestigations, r.tellInvestigation)
	a.Referrals = area(r, Referrals, codeReferrals, r.tellReferral)
	a.Diary = area(r, Diary, codeDiary, r.tellRequest)
	r.settleAllergies(&a.Allergies)
	r.addRelated(a)
	a.Documents = r.documents(a)
	r.collectWarnings(rec)
	return rec
}

// source is what the answer itself says about where it comes from.
func (r *reader) source(p Patient) Source {
	s := Source{Saved: r.query == nil}
	if p.Practice != nil {
		s.ODS, s.Practice = p.Practice.ODS, p.Practice.Name
	}
	return s
}

func (r *reader) issuesRequested() fhir.Bool {
	if r.query == nil || r.query.Medications == nil {
		return fhir.Absent
	}
	if r.query.Medications.WithoutIssues {
		return fhir.False
	}
	return fhir.True
}

// area tells one area by its primary list.
func area[T any, P itemised[T]](r *reader, name AreaName, code string, tell func(fhir.Resource) (T, bool)) Area[T] {
	a := Area[T]{Items: items[T, P](r, code, tell)}
	about := make([]*Item, len(a.Items))
	for i := range a.Items {
		about[i] = P(&a.Items[i]).item()
	}
	r.settle(name, code, about, &a.State, &a.Withheld)
	for _, list := range r.lists.primary[code] {
		a.EmptyReason = cmp.Or(a.EmptyReason, list.EmptyReason.Display())
		for _, n := range list.Note {
			if n.Text != "" {
				a.Notes = append(a.Notes, n.Text)
			}
		}
	}
	return a
}

package record

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// What may be wrong with an answer. Every error of [Read] and [View] is one of them in the
// sense of errors.Is; the first three are [*PatientError]s.
var (
	ErrWrongPatient = errors.New("the answer is not, beyond doubt, about the patient asked for")
	ErrNoPatient    = errors.New("the answer has no Patient with an NHS number")
	ErrNoRecord     = errors.New("the answer is no structured record")

	ErrTooManyEntries = errors.New("the lists of the answer have more entries than the limit")
)

// PatientError says what is wrong with whom an answer is about. It holds nothing about the
// patients.
type PatientError struct {
	Reason string // ours, never the answer's words
	Count  int    // how many resources it is about; 0 when that means nothing
	Err    error  // ErrWrongPatient, ErrNoPatient or ErrNoRecord
}

func (e *PatientError) Error() string { return e.Err.Error() + ": " + e.Reason }

func (e *PatientError) Unwrap() error { return e.Err }

// onlyPatient is the one Patient of the answer.
func (r *reader) onlyPatient() (*fhir.Patient, error) {
	var found []fhir.Resource
	for _, res := range r.resources {
		if res.Type == "Patient" {
			found = append(found, res)
		}
		for _, c := range res.ContainedResources() {
			if c.Type == "Patient" {
				found = append(found, c)
			}
		}
	}
	switch {
	case len(found) == 0 && r.hasNoList():
		return nil, &PatientError{Reason: "neither a Patient nor a List", Err: ErrNoRecord}
	case len(found) == 0:
		return nil, &PatientError{Reason: "no Patient", Err: ErrNoPatient}
	case len(found) > 1:
		return nil, &PatientError{Reason: "more than one Patient", Count: len(found), Err: ErrWrongPatient}
	}
	p := view[fhir.Patient](r, found[0])
	if p == nil || r.isContained(found[0]) {
		return nil, &PatientError{Reason: "the Patient cannot be read", Err: ErrNoPatient}
	}
	return p, nil
}

func (r *reader) hasNoList() bool {
	return !slices.ContainsFunc(r.resources, func(res fhir.Resource) bool { return res.Type == "List" })
}

// isAsked makes sure that the Patient is the one with the number n, and that nothing in the
// answer names another.
func (r *reader) isAsked(n fhir.NHSNumber) error {
	number, ok := r.patient.NHSNumber()
	switch {
	case len(r.patient.NHSIdentifiers()) == 0:
		return &PatientError{Reason: "the Patient has no NHS number", Err: ErrWrongPatient}
	case !ok:
		return &PatientError{Reason: "the Patient's NHS number is none, or there are two", Err: ErrWrongPatient}
	case n.IsZero() || number != n:
		return &PatientError{Reason: "the Patient has another NHS number", Err: ErrWrongPatient}
	case hasOddPrefix(r.patient.Odd, "/identifier", "/id"):
		return &PatientError{Reason: "an identifier of the Patient cannot be read", Err: ErrWrongPatient}
	}
	if strangers := r.strangers(); strangers > 0 {
		return &PatientError{Reason: "resources name another patient", Count: strangers, Err: ErrWrongPatient}
	}
	return nil
}

// strangers counts the resources, contained ones too, that are not about the Patient.
func (r *reader) strangers() (n int) {
	for _, res := range r.resources {
		if r.isAboutOther(res) {
			n++
		}
		for _, c := range res.ContainedResources() {
			if r.isAboutOther(c) {
				n++
			}
		}
	}
	return n
}

// isAboutOther says whether the subject of a resource is not the Patient of the answer. A
// resource without a subject is not about another.
func (r *reader) isAboutOther(res fhir.Resource) bool {
	if r.isContained(res) {
		return r.judgeSubject(res)
	}
	if r.about[res.Index] == subjectUnknown {
		r.about[res.Index] = subjectIsPatient
		if r.judgeSubject(res) {
			r.about[res.Index] = subjectIsOther
		}
	}
	return r.about[res.Index] == subjectIsOther
}

// What is known of the subject of an entry.
const (
	subjectUnknown = iota
	subjectIsPatient
	subjectIsOther
)

func (r *reader) judgeSubject(res fhir.Resource) (other bool) {
	subject, readable := r.subjectOf(res)
	return !readable || !r.isPatient(subject) || r.namesOther(res)
}

// namesOther looks for a subject or patient where the view of the resource has none, as in
// a resource that is called by another type than its own.
func (r *reader) namesOther(res fhir.Resource) bool {
	names := subjectNames[:]
	switch _, known := kinds[res.Type]; {
	case res.Type == "AllergyIntolerance", res.Type == "Immunization":
		names = names[:1]
	case known, res.Type == "Specimen":
		names = names[1:]
	}
	for _, name := range names {
		m, ok := res.Member(name)
		if !ok {
			continue
		}
		var ref fhir.Reference
		if json.Unmarshal(m, &ref) != nil || !r.isPatient(ref) {
			return true
		}
	}
	return false
}

var subjectNames = [...]string{"subject", "patient"}

// isPatient says whether a reference agrees with the Patient: by Type/id, by NHS number, or
// both where it has both. Words alone say nothing and so agree.
func (r *reader) isPatient(ref fhir.Reference) bool {
	if ref.Reference != "" && relative(ref.Reference) != r.keys[r.patient.Index] {
		return false
	}
	id := ref.Identifier
	if id == nil || id.Value == "" || id.System != fhir.NHSNumberSystem && id.System != fhir.NHSNumberSystemDSTU2 {
		return true
	}
	for _, own := range r.patient.NHSIdentifiers() {
		if digits(own.Value) == digits(id.Value) {
			return true
		}
	}
	return false
}

// relative is a reference without what may be before and after Type/id.
func relative(ref string) string {
	if before, _, ok := strings.Cut(ref, "/_history/"); ok {
		ref = before
	}
	if !strings.Contains(ref, "://") {
		return ref
	}
	parts := strings.Split(ref, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, s)
}

func hasOddPrefix(odd []string, prefixes ...string) bool {
	return slices.ContainsFunc(odd, func(path string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
	})
}

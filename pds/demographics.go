package pds

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/gpconnect-go/gpc/fhir"
)

// Verification is how far an NHS number is known to be this person's
// (UKCore-NHSNumberVerificationStatus); "" where PDS does not say.
type Verification string

// Verified is "number present and verified", the one status with which GP Connect
// may be asked.
const Verified Verification = "01"

// Sensitivity is the confidentiality of the record at PDS (v3-Confidentiality). Of
// any other than Unrestricted, PDS leaves out where the person may be found, and GP
// Connect must not be asked.
type Sensitivity string

const (
	Unrestricted   Sensitivity = "U"
	Restricted     Sensitivity = "R" // S-flag
	VeryRestricted Sensitivity = "V"
	Redacted       Sensitivity = "REDACTED" // an invalidated record
	Unstated       Sensitivity = ""         // none, or none that can be read
)

// DeathNotification is by whom PDS was told of a death.
type DeathNotification string

const (
	InformalDeath     DeathNotification = "1" // a local organisation
	FormalDeath       DeathNotification = "2" // the registrar of deaths
	DeathRemoved      DeathNotification = "U" // a notification that was taken back
	DeathUnclassified DeathNotification = "unclassified"
)

// Death is what PDS has been told of the patient's death.
type Death struct {
	Date         fhir.Date // as sent
	Notification DeathNotification
	Stated       bool // deceased, without a date
}

// Removal is that a practice's list no longer has the patient, and why.
type Removal struct {
	Code    string // DEA death, EMB embarkation, SCT Scotland, NIT Northern Ireland, TRA, ORR, or one not known yet
	Display string // PDS's words for it
	Period  fhir.Period
}

// Registration is one practice where the patient is, was or will be registered.
type Registration struct {
	ODS    string
	Period fhir.Period
}

// Demographics are the facts that PDS states about one patient.
type Demographics struct {
	NHSNumber     fhir.NHSNumber // of the record that came
	Verification  Verification
	Sensitivity   Sensitivity
	Names         []fhir.HumanName // all of them, with their use and period
	BirthDate     fhir.Date
	Gender        string // male, female, other, unknown; "" where PDS does not say
	Registrations []Registration
	Death         Death
	Removal       *Removal // never in the answer to a search
	Version       string   // meta.versionId
	Raw           []byte   `json:"-"` // the resource as it came; not to be changed
}

// Deceased says whether the patient has died, by any way PDS says so. What cannot
// be classified counts.
func (d Demographics) Deceased() bool {
	if d.Death.Date != "" || d.Death.Stated {
		return true
	}
	return d.Death.Notification != "" && d.Death.Notification != DeathRemoved
}

// Name is the usual name, which every patient at PDS has.
func (d Demographics) Name() fhir.HumanName {
	for _, n := range d.Names {
		if n.Use == "usual" {
			return n
		}
	}
	return (&fhir.Patient{Name: d.Names}).OfficialName()
}

// Practice is where the patient is registered at that moment. It is not ok when
// there is no such practice, or when there are two: then nobody can know which.
func (d Demographics) Practice(at time.Time) (Registration, bool) {
	var found Registration
	for _, r := range d.Registrations {
		if !r.Current(at) || isNoPractice(r.ODS) {
			continue
		}
		if found.ODS != "" && !sameODS(found.ODS, r.ODS) {
			return Registration{}, false
		}
		found = r
	}
	return found, found.ODS != ""
}

// Current says whether the registration has begun and not ended. A day counts to
// its end. A limit that cannot be read is not taken for an open one.
func (r Registration) Current(at time.Time) bool {
	if r.Period.Start != "" {
		from, _, ok := r.Period.Start.Range(fhir.London())
		if !ok || at.Before(from) {
			return false
		}
	}
	if r.Period.End != "" {
		_, to, ok := r.Period.End.Range(fhir.London())
		if !ok || !at.Before(to) {
			return false
		}
	}
	return true
}

// isNoPractice knows the codes that stand for no practice, none applicable and none
// known (NHS Data Dictionary, default codes).
func isNoPractice(ods string) bool {
	switch strings.ToUpper(ods) {
	case "V81997", "V81998", "V81999":
		return true
	}
	return false
}

func sameODS(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// Person is who PDS says this is, as far as a practice's Patient is compared with it.
func (d Demographics) Person(at time.Time) fhir.Person {
	name := d.Name()
	practice, _ := d.Practice(at)
	return fhir.Person{
		NHSNumber: d.NHSNumber, Family: name.Family, Given: name.Given, BirthDate: d.BirthDate,
		Gender: d.Gender, Practice: practice.ODS, Deceased: d.Deceased(),
	}
}

// R4 is the resource in samply's models, for what the facts leave out: addresses,
// telephone numbers, preferences. Its codes are integers: one that R4 does not list
// makes the whole resource unreadable there, and one that is absent where R4 demands
// it reads as the first of its list. The facts come from the bytes, not from it.
func (d Demographics) R4() (*r4.Patient, error) {
	p, err := r4.UnmarshalPatient(d.Raw)
	if err != nil {
		// Its errors quote the value that they could not read.
		return nil, &Error{Op: "read the patient as R4", class: ErrUnreadable, detail: "something in it is not as R4 lists it"}
	}
	return &p, nil
}

// Format writes that these are somebody's demographics and nothing of them,
// whatever the verb.
func (d Demographics) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.masked()) }

// LogValue is as Format.
func (d Demographics) LogValue() slog.Value { return slog.StringValue(d.masked()) }

func (d Demographics) masked() string { return "demographics of " + d.NHSNumber.String() }

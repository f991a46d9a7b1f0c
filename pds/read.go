package pds

import (
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
)

// Trace is what PDS said about one patient, and when.
type Trace struct {
	Demographics
	Asked     fhir.NHSNumber // the number that was asked about
	At        time.Time      // when the answer was there
	RequestID string
}

// Superseded says whether PDS answered with a record that replaces the one asked
// for. NHSNumber is the number to use from now on.
func (t *Trace) Superseded() bool { return t.NHSNumber != t.Asked }

// ReadTrace reads the Patient that PDS sent about the number asked, at a moment
// that the caller knows: for traces made by other means than this package. Bytes
// that are no sound Patient, or in which a fact that the gate needs is there and
// cannot be read, are refused. The error holds no patient's data.
func ReadTrace(raw []byte, asked fhir.NHSNumber, at time.Time) (*Trace, error) {
	r, err := fhir.ParseResource(raw, fhir.Limits{Bytes: 8 << 20})
	if err != nil {
		return nil, err
	}
	d, err := readPatient(r)
	if err != nil {
		return nil, err
	}
	return &Trace{Demographics: d, Asked: asked, At: at}, nil
}

// readPatient takes the facts from the bytes, through fhir's view: R4's Patient and
// STU3's have the members that matter here in common, codes stay strings, and the
// view names what it could not read.
func readPatient(r fhir.Resource) (Demographics, error) {
	if r.Type != "Patient" {
		return Demographics{}, oddf("the answer is not a Patient")
	}
	p, err := fhir.As[fhir.Patient](r)
	if err != nil {
		return Demographics{}, err
	}
	if member := unreadMember(p.Odd); member != "" {
		return Demographics{}, oddf("the Patient's %s cannot be read", member)
	}
	number, err := fhir.ParseNHSNumber(r.ID)
	if err != nil {
		return Demographics{}, oddf("the Patient's id is not an NHS number")
	}
	verification, err := verificationOf(p, number)
	if err != nil {
		return Demographics{}, err
	}
	return Demographics{
		NHSNumber: number, Verification: verification, Sensitivity: sensitivityOf(p.Meta.Security),
		Names: p.Name, BirthDate: p.BirthDate, Gender: p.Gender, Registrations: registrationsOf(p),
		Death: deathOf(p), Removal: removalOf(p), Version: p.Meta.VersionID, Raw: r.Raw,
	}, nil
}

// unreadMember is the first member with a fact in it of which something could not be
// read. A restriction, a death or an end of registration that is there in a shape we
// do not know must not pass for one that is not there.
func unreadMember(odd []string) string {
	for _, path := range odd {
		member, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		switch member {
		case "meta", "identifier", "name", "gender", "birthDate", "deceasedDateTime", "deceasedBoolean", "generalPractitioner", "extension":
			return member
		}
	}
	return ""
}

// verificationOf is the status on the identifier that is the number. A Patient whose
// NHS number identifiers are all another's contradicts itself.
func verificationOf(p *fhir.Patient, number fhir.NHSNumber) (Verification, error) {
	ids := p.NHSIdentifiers()
	for _, id := range ids {
		if n, err := fhir.ParseNHSNumber(id.Value); err != nil || n != number {
			continue
		}
		var status []fhir.CodeableConcept
		for _, e := range id.Extension.All("UKCore-NHSNumberVerificationStatus") {
			if e.ValueCodeableConcept != nil {
				status = append(status, *e.ValueCodeableConcept)
			}
		}
		return Verification(theCode("UKCore-NHSNumberVerificationStatus", status...)), nil
	}
	if len(ids) > 0 {
		return "", oddf("the Patient's id and its NHS number differ")
	}
	return "", nil
}

// sensitivityOf is the label that restricts, if there is one: with more than one
// label, the record is unrestricted only if all say so.
func sensitivityOf(labels []fhir.Coding) Sensitivity {
	if len(labels) == 0 {
		return Unstated
	}
	for _, l := range labels {
		if Sensitivity(l.Code) != Unrestricted {
			return Sensitivity(l.Code)
		}
	}
	return Unrestricted
}

func registrationsOf(p *fhir.Patient) []Registration {
	var all []Registration
	for _, gp := range p.GeneralPractitioner {
		if id := gp.Identifier; id != nil && id.System == fhir.ODSOrganisationSystem && strings.TrimSpace(id.Value) != "" {
			all = append(all, Registration{ODS: strings.TrimSpace(id.Value), Period: id.Period})
		}
	}
	return all
}

// deathOf reads the date and, from the extension, by whom PDS was told.
func deathOf(p *fhir.Patient) Death {
	d := Death{Date: p.DeceasedDateTime, Stated: p.DeceasedBoolean.IsTrue()}
	for _, e := range p.Extension.All("UKCore-DeathNotificationStatus") {
		part, _ := e.Extension.Find("deathNotificationStatus")
		code := ""
		if part.ValueCodeableConcept != nil {
			code = theCode("UKCore-DeathNotificationStatus", *part.ValueCodeableConcept)
		}
		switch n := DeathNotification(code); {
		case code == "":
			d.Notification = DeathUnclassified
		case d.Notification == "" || d.Notification == DeathRemoved:
			d.Notification = n
		}
	}
	return d
}

func removalOf(p *fhir.Patient) *Removal {
	e, ok := p.Extension.Find("PDS-RemovalFromRegistration")
	if !ok {
		return nil
	}
	r := new(Removal)
	if code, _ := e.Extension.Find("removalFromRegistrationCode"); code.ValueCodeableConcept != nil {
		r.Code = theCode("PDS-RemovalReasonExitCode", *code.ValueCodeableConcept)
		r.Display = code.ValueCodeableConcept.Display()
	}
	since, _ := e.Extension.Find("effectiveTime")
	if since.ValuePeriod != nil {
		r.Period = *since.ValuePeriod
	} else {
		r.Period.Start = since.Date()
	}
	return r
}

// theCode is the one code of that code system, which is known by the last part of
// its URI: the part before it has changed over the years. Codings that contradict
// one another give none. A coding without a system is taken, as PDS's schema does
// not require one.
func theCode(system string, concepts ...fhir.CodeableConcept) string {
	found := ""
	for _, concept := range concepts {
		for _, c := range concept.Coding {
			if name := c.System[strings.LastIndexByte(c.System, '/')+1:]; name != "" && !strings.HasPrefix(name, system) {
				continue
			}
			if c.Code == "" || found != "" && found != c.Code {
				return ""
			}
			found = c.Code
		}
	}
	return found
}

// Package pds asks the Personal Demographics Service who a patient is and where
// they are registered, and keeps the gate that follows from the answer: whether
// GP Connect may be asked about this patient at all, and whom.
//
//	keys, err := pds.NewSignedJWT(pds.SignedJWTConfig{TokenURL: …, ClientID: …, KeyID: …, Key: key})
//	c, err := pds.New(pds.Config{BaseURL: "https://int.api.service.nhs.uk/personal-demographics/FHIR/R4", Token: keys})
//	mine, err := c.As(pds.Asking{Organisation: "A12345"})
//	trace, err := mine.Patient(ctx, number)
//
// A [Trace] is what PDS says about one patient, as facts: the number that holds
// now, how far it is verified, names, birth date, gender, where registered and
// since when, whether the record is restricted, whether the patient has died, why
// they were removed from a practice's list. The bytes are kept beside it.
//
// [Client.Search] finds a patient by demographics. Its answers are partial, and the
// type they come in cannot be given to a gate: read the patient again by number.
//
// A [Gate] admits or refuses before anything is sent to a practice, and afterwards
// compares the Patient that the practice sent with the trace. It has the methods
// that client.Encounter asks for:
//
//	gate, err := pds.NewGate(pds.GateConfig{Tracer: mine})
//	trace, ods, err := gate.Locate(ctx, number) // trace.NHSNumber is the number to go on with
//	encounter, err := c.Encounter(organisation, practitioner, gate)
//
// PDS faces the internet and has a public certificate, unlike the Spine: without
// [Config].TLS the system's roots are trusted.
//
// No error, String or log value of this package holds a patient's data, a token or a
// key. What PDS wrote in its own words is in [Error].Outcome, and may name the patient.
package pds

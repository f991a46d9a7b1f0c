package record

import "github.com/gpconnect-go/gpc/fhir"

// eachDate gives the dates of an item with their names in its JSON. They are shown as they
// were sent, also those that are none.
func eachDate(whole any, give func(name string, d fhir.Date)) {
	when := func(name string, w When) {
		give(name, w.Date)
		if w.End != "" {
			give(name+".end", w.End)
		}
	}
	period := func(p Period) {
		give("period.start", p.Start)
		give("period.end", p.End)
	}
	switch w := whole.(type) {
	case *Allergy:
		when("onset", w.Onset)
		give("asserted", w.Asserted)
		give("last_occurrence", w.LastOccurrence)
		give("end_date", w.EndDate)
	case *Medication:
		period(w.Period)
		give("asserted", w.Asserted)
		give("last_issued", w.LastIssued)
		give("dosage_last_changed", w.DosageLastChanged)
	case *Prescription:
		period(w.Period)
		give("authored", w.Authored)
		if w.Stopped != nil {
			give("stopped.date", w.Stopped.Date)
		}
		if w.Repeats != nil {
			give("repeats.expires", w.Repeats.Expires)
		}
	case *Consultation:
		period(w.Period)
		give("recorded", w.Recorded)
	case *Section:
		give("date", w.Date)
	case *Problem:
		when("onset", w.Onset)
		when("ended", w.Ended)
		give("asserted", w.Asserted)
	case *Immunisation:
		give("date", w.Date)
		give("recorded", w.Recorded)
		give("expires", w.Expires)
	case *Observation:
		when("date", w.Date)
		give("issued", w.Issued)
	case *Investigation:
		give("issued", w.Issued)
		when("effective", w.Effective)
	case *Specimen:
		when("collected", w.Collected)
		give("received", w.Received)
	case *Referral:
		give("date", w.Date)
	case *DiaryEntry:
		when("due", w.Due)
		give("authored", w.Authored)
	case *Document:
		give("created", w.Created)
		give("indexed", w.Indexed)
	}
}

// markDates notes the dates of an item that are none.
func markDates(about *Item, whole any) {
	eachDate(whole, func(name string, d fhir.Date) {
		if d != "" && !d.Valid() {
			about.Unreadable = append(about.Unreadable, about.Sources[0]+" "+name)
		}
	})
}

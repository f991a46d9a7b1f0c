package sandbox

// A slotLine is an appointment slot as the status page shows it.
type slotLine struct {
	Practice string // ODS code
	Start    string // YYYY-MM-DD hh:mm, London's
	Session  string // what kind of session
	With     string // practitioner and place
	State    string // free, booked, and for whom it is if not for all
}

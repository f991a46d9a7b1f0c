package show

import (
	"reflect"
	"slices"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// sheet is a record read out: words in the order of reading.
type sheet struct {
	Name    string
	Banners []string // about the patient, before all else: deceased, not to be disclosed
	Patient []fact
	Source  string // "From the GP record of …"
	Origin  []fact
	Caution caution
	Areas   []*area
	Legend  []tag // the tags that occur
}

// area is one of the ten, in the order of a record's JSON.
type area struct {
	Anchor   string // also the key in JSON
	Title    string
	Sentence string // what state it is in
	Alarm    bool   // the state is to be told like a warning
	caution
	Notes  []string
	Dated  bool // entries stand behind their date
	Tree   bool // entries are consultations
	Groups []group
}

// group is a part of an area under a title of its own ("Current repeats").
type group struct {
	Title    string // "" of the only one
	Sentence string
	caution
	Notes   []string
	Past    bool // nothing in it is so now
	Apart   bool // its entries are not of the list of the area
	Entries []entry
	Facts   []fact // what is only named here, as it is told in full elsewhere
}

// entry is one item, or a part of one.
type entry struct {
	When  string // its date, "" when not told or not known
	Clock string // its time of day
	Label string // what it is, where that must be said ("Planned", "NOT GIVEN")
	Alarm bool   // the label must not be missed
	Title string
	Tags  []string

	Value  string // of a measurement, all of it
	Number string // and its parts, when it is a number and a unit
	Unit   string
	Mark   string // interpretation ("HIGH"); Normal when there is nothing in it to point out
	Normal bool
	Range  string

	Lead    []string // what comes first beneath the title: a dosage, a narrative; as written
	By      string   // who observed it
	Brief   []string // short facts that need no label
	Facts   []fact
	Results []entry // shown as a table
	Depth   int     // of a row of a table: 0, of a member of a group 1, ...
	Parts   []entry // shown beneath
	Heading int     // 1 a topic, 2 a heading of a consultation, deeper ones likewise; 0 an item
}

// fact is something about an item under a label, one line or several.
type fact struct {
	Label string
	Lines []line
	Prose bool // line breaks in it are the GP's
}

// line is a line of a fact, with the tags of what it links to.
type line struct {
	Text string
	Tags []string
}

// nothingToRead is the title over items of which the list has only the name.
const nothingToRead = "Named without content"

// reader reads a record out.
type reader struct {
	r     *record.Record
	now   time.Time
	used  map[string]bool // tags
	known map[string]bool // people who need not be named, see present
	shown map[string]bool // specimens that stand with their report
	filed string          // the day on which all results of the report were recorded
	in    string          // source of the consultation that is being read out
}

// readOut makes the sheet of r.
func readOut(r *record.Record, now time.Time) *sheet {
	rd := &reader{r: r, now: now, used: map[string]bool{}}
	s := &sheet{Name: orText(r.Patient.Name, "Name not given")}
	rd.patient(s)
	rd.source(s)
	s.Caution = cautions(r.Warnings)
	s.Areas = []*area{
		rd.allergies(), rd.medications(), rd.consultations(), rd.problems(), rd.immunisations(),
		rd.uncategorised(), rd.investigations(), rd.referrals(), rd.diary(), rd.documents(),
	}
	s.Legend = rd.legend()
	scrub(reflect.ValueOf(s))
	return s
}

// at dates an entry: by the day, or by words ("aged 7"). Of a stretch of time the end is a
// short fact.
func (e *entry) at(w record.When) {
	e.When, e.Clock = day(w.Date), clock(w.Date)
	if e.When == "" {
		e.When = w.Text
	} else {
		e.tells(w.Text)
	}
	e.tells(prefixed("until ", moment(w.End)))
}

// says adds a fact unless there is nothing to say.
func (e *entry) says(label string, lines ...line) {
	var some []line
	for _, l := range lines {
		if l.Text != "" {
			some = append(some, l)
		}
	}
	if len(some) > 0 {
		e.Facts = append(e.Facts, fact{Label: label, Lines: some})
	}
}

// tells adds short facts, leaving out what is empty.
func (e *entry) tells(brief ...string) {
	for _, b := range brief {
		if b != "" {
			e.Brief = append(e.Brief, b)
		}
	}
}

// notes adds remarks as they were written, each once: a plan often repeats its statement's.
func (e *entry) notes(label string, notes []record.Note) {
	for _, n := range notes {
		text := noteText(n)
		said := slices.ContainsFunc(e.Facts, func(f fact) bool { return f.Prose && f.Label == label && f.Lines[0].Text == text })
		if text != "" && !said {
			e.Facts = append(e.Facts, fact{Label: label, Lines: []line{{Text: text}}, Prose: true})
		}
	}
}

// lines are lines without tags, the empty ones left out.
func lines(texts ...string) []line {
	var all []line
	for _, t := range texts {
		if t != "" {
			all = append(all, line{Text: t})
		}
	}
	return all
}

// prefixed is text behind words of ours, or nothing when there is no text.
func prefixed(words, text string) string {
	if text == "" {
		return ""
	}
	return words + text
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// on is " on 12 Mar 2019", or nothing.
func on(d fhir.Date) string { return prefixed(" on ", day(d)) }

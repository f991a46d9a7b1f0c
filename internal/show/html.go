package show

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gpconnect-go/gpc/record"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var pageStyle string

// page is what the template is filled with: the sheet, and what only a screen can show.
type page struct {
	*sheet
	Style    template.CSS
	Policy   string
	Glance   []card
	Timeline *timeline
	Charts   []chart
}

// headed is the style sheet with the patient at the head of every sheet of paper, as a sheet
// may be parted from the others. Text in a style sheet is told by the numbers of its characters,
// so that it can be nothing but text.
func headed(s *sheet) string {
	texts := []string{s.Name}
	for _, f := range s.Patient {
		if f.Label == "NHS number" || f.Label == "Born" {
			text := f.Label + " " + f.Lines[0].Text
			for _, t := range f.Lines[0].Tags {
				text += " " + bracket(t)
			}
			texts = append(texts, text)
		}
	}
	var css strings.Builder
	for _, r := range join(" · ", texts...) {
		fmt.Fprintf(&css, `\%06x`, r)
	}
	return pageStyle + `@page { @top-left { content: "` + css.String() + `"; font: 8pt sans-serif; } }` + "\n"
}

// card is a box of the summary: the head of an area, or of a part of one.
type card struct {
	Anchor, Title, Sentence string
	Alarm                   bool
	Entries                 []entry
}

// Wide says whether a box has so much in it that it needs the whole width, in columns.
func (c card) Wide() bool { return len(c.Entries) > 10 }

// HTML writes r as one file that needs nothing else: no network, no script. Its policy
// forbids both, whatever the record holds. The error is w's, or the template's.
func HTML(w io.Writer, r *record.Record, o Options) error {
	t, err := pageTemplate()
	if err != nil {
		return err
	}
	p := page{sheet: readOut(r, o.Now)}
	style := headed(p.sheet)
	p.Style, p.Policy = template.CSS(style), policy(style)
	p.Glance = glance(p.sheet)
	p.Timeline = medicationTimeline(r, o.Now)
	all := measured(r)
	for i, s := range all {
		p.Charts = append(p.Charts, draw(s, i+1))
	}
	if len(all) > 0 {
		p.Glance = append(p.Glance, newestOf(all))
	}
	scrub(reflect.ValueOf(&p.Glance))
	scrub(reflect.ValueOf(&p.Timeline))
	scrub(reflect.ValueOf(&p.Charts))
	b := bufio.NewWriter(w)
	if err := t.Execute(b, p); err != nil {
		return err
	}
	return b.Flush()
}

// pageTemplate is parsed when it is first needed: most runs of the program write no HTML.
var pageTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{
		"percent": func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" },
		"px":      func(y float64) string { return strconv.FormatFloat(y, 'f', 1, 64) },
		"join":    func(sep string, texts []string) string { return join(sep, texts...) },
		"level":   level,
		"slug":    slug,
		"inset":   func(depth int) int { return min(depth, 4) },
	}).Parse(pageHTML)
})

// policy forbids everything but the style sheet, which it knows by its digest.
func policy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// level is the rank of the heading of a topic (1) or heading (2) of a consultation, which
// is of rank 3 itself.
func level(heading int) int { return min(heading+3, 6) }

// slug makes a class of a tag.
func slug(tag string) string { return strings.ReplaceAll(strings.ToLower(tag), " ", "-") }

// glance is the summary: what must be known at once, each box with its sentence first.
// Nothing in it is cut short: who reads the summary only must not miss an allergy.
func glance(s *sheet) []card {
	var cards []card
	for _, a := range s.Areas {
		switch record.AreaName(a.Anchor) {
		case record.Allergies:
			c := cardOf(a, "Allergies", "Active", func(g group) bool { return !g.Past })
			slices.SortStableFunc(c.Entries, func(x, y entry) int { return cmp.Compare(y.Mark, x.Mark) }) // the life-threatening first
			cards = append(cards, c)
		case record.Medications:
			cards = append(cards, cardOf(a, "Current medication", "Current", func(g group) bool { return !g.Past && g.Title != nothingToRead }))
		case record.Problems:
			cards = append(cards, cardOf(a, "Active problems", "Active", func(g group) bool { return g.Title == "Active" }))
		case record.Diary:
			cards = append(cards, cardOf(a, "Planned", "Planned", func(group) bool { return true }))
		}
	}
	return cards
}

// cardOf makes the box of those groups of an area that belong to it. Its sentence is the
// area's; of what it has not got all, it says how many.
func cardOf(a *area, title, word string, belongs func(group) bool) card {
	c := card{Anchor: a.Anchor, Title: title, Sentence: a.Sentence, Alarm: a.Alarm}
	all := 0
	for _, g := range a.Groups {
		if belongs(g) {
			c.Entries = append(c.Entries, g.Entries...)
		}
		if !g.Apart {
			all += len(g.Entries)
		}
	}
	switch n := len(c.Entries); {
	case n < all && n == 0:
		c.Sentence += " " + word + ": none."
	case n < all:
		c.Sentence += fmt.Sprintf(" %s: %d.", word, n)
	}
	return c
}

// newestOf is the box of what was measured more than once: the newest of each.
func newestOf(all []series) card {
	c := card{Anchor: "charts", Title: "Measurements", Sentence: "The latest of what was measured more than once."}
	for _, s := range all {
		newest := s.readings[len(s.readings)-1]
		c.Entries = append(c.Entries, entry{When: day(newest.date), Title: s.name, Value: newest.text})
	}
	return c
}

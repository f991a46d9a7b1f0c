package show

import (
	"bufio"
	"fmt"
	"strings"
)

// printer lays a sheet out in lines. Its writer keeps the first error.
type printer struct {
	w      *bufio.Writer
	width  int
	colour bool
}

// Columns of the text. Dates stand in a column of their own, labels in another.
const (
	margin    = 2
	dates     = 11 // "12 Mar 2019"
	labels    = 15
	narrowest = 18 // text is never squeezed into less
	notches   = 2  // what stands beneath something is that much further in
)

// line prints one line; spans are apart by a space, but for the one on the left.
func (p *printer) line(left span, spans ...span) {
	all := []span{left}
	for i, s := range spans {
		if i > 0 {
			all = append(all, span{" ", plain})
		}
		all = append(all, s)
	}
	p.raw(all...)
}

// raw prints spans one after the other on one line, without spaces at its end.
func (p *printer) raw(spans ...span) {
	n := len(spans)
	for i := range spans {
		spans[i].text = oneSpace.Replace(spans[i].text)
	}
	for n > 0 && strings.TrimRight(spans[n-1].text, " ") == "" {
		n--
	}
	for i, s := range spans[:n] {
		if i == n-1 {
			s.text = strings.TrimRight(s.text, " ")
		}
		p.put(s)
	}
	_ = p.w.WriteByte('\n')
}

// oneSpace: what binds words is a space on paper, and so is a line break in a table's cell.
var oneSpace = strings.NewReplacer("\n", " ", nbsp, " ")

func (p *printer) put(s span) {
	if p.colour && s.style != plain && strings.TrimSpace(s.text) != "" {
		s.text = "\x1b[" + string(s.style) + "m" + s.text + "\x1b[0m"
	}
	_, _ = p.w.WriteString(s.text)
}

func (p *printer) blank() { p.line(span{}) }

func (p *printer) say(indent int, text string, s style) {
	p.flow(indent, span{}, span{text, s})
}

// sheet prints all of it: who, from where, the warnings, the areas, the legend.
func (p *printer) sheet(s *sheet) {
	p.say(0, s.Name, strong)
	for _, b := range s.Banners {
		p.say(0, b, alarm)
	}
	p.facts(0, s.Patient)
	p.blank()
	p.say(0, s.Source, plain)
	p.facts(0, s.Origin)
	p.warnings(s.Caution)
	for _, a := range s.Areas {
		p.area(a)
	}
	if len(s.Legend) == 0 {
		return
	}
	p.heading("Tags")
	for _, t := range s.Legend {
		p.flow(margin+2, span{pad("", margin, false), plain}, span{bracket(t.Name), tagStyle(t.Name)}, span{t.Meaning + ".", plain})
	}
}

// heading prints a title with a rule to the right margin.
func (p *printer) heading(title string) {
	p.blank()
	rule := strings.Repeat("─", max(3, p.width-width(title)-1))
	p.line(span{}, span{title, strong}, span{rule, faint})
}

func (p *printer) warnings(c caution) {
	if len(c.Warnings) == 0 {
		p.blank()
		p.line(span{}, span{"No warnings came with this record.", plain})
		return
	}
	p.heading(fmt.Sprintf("WARNINGS (%d)", len(c.Warnings)))
	p.caution(c, false)
}

// caution prints warnings, and then what the practice's system says about them.
func (p *printer) caution(c caution, inside bool) {
	for _, w := range c.Warnings {
		p.bang(0, w.Line(inside))
	}
	lead := span{"  In full:", faint}
	for _, s := range c.Words {
		p.flow(11, lead, span{s, plain})
		lead = span{}
	}
}

// bang prints something that must not be missed.
func (p *printer) bang(indent int, text string) {
	lead := span{pad("", indent, false) + "! ", alarm}
	p.prose(indent+2, lead, text, alarm)
}

func (p *printer) area(a *area) {
	p.heading(a.Title)
	if a.Alarm {
		p.bang(0, a.Sentence)
	} else {
		p.say(0, a.Sentence, plain)
	}
	p.caution(a.caution, true)
	p.notes(a.Notes)
	for _, g := range a.Groups {
		p.group(g, a)
	}
}

func (p *printer) notes(all []string) {
	for _, n := range all {
		p.prose(6, span{"Note: ", faint}, n, plain)
	}
}

func (p *printer) group(g group, a *area) {
	if g.Title != "" {
		p.blank()
		p.line(span{}, span{g.Title, strong})
		if g.Sentence != "" {
			p.say(0, g.Sentence, plain)
		}
		p.caution(g.caution, true)
		p.notes(g.Notes)
	}
	for i, e := range g.Entries {
		if i == 0 && g.Title == "" || i > 0 && (a.Tree || p.tall(e) || p.tall(g.Entries[i-1])) {
			p.blank()
		}
		p.entry(e, margin, a.Dated, a.Tree && !g.Apart)
	}
	if len(g.Facts) > 0 {
		p.blank()
		p.say(margin, "Told in full in another place of this record:", plain)
		p.facts(margin, g.Facts)
	}
}

// tall says whether an entry takes so many lines that room around it helps.
func (p *printer) tall(e entry) bool {
	return len(e.Facts)+len(e.Lead)+len(e.Parts)+len(e.Results) > 0
}

// facts prints labels and what stands behind them. A label is not repeated.
func (p *printer) facts(indent int, all []fact) {
	indent = max(0, min(indent, p.width-narrowest-labels))
	said := ""
	for _, f := range all {
		label := f.Label
		if label == said && !f.Prose {
			label = ""
		}
		said = f.Label
		lead := span{pad(pad("", indent, false)+label, indent+labels, false), faint}
		for _, l := range f.Lines {
			if f.Prose {
				p.prose(indent+labels, lead, l.Text, plain)
			} else {
				p.flow(indent+labels, lead, append([]span{{l.Text, plain}}, tagSpans(l.Tags)...)...)
			}
			lead = span{}
		}
	}
}

func bracket(tag string) string { return "[" + glue(tag) + "]" }

func tagSpans(tags []string) []span {
	var all []span
	for _, t := range tags {
		all = append(all, span{bracket(t), tagStyle(t)})
	}
	return all
}

// tagStyle: what must not be told, or must not be believed, stands out.
func tagStyle(tag string) style {
	switch tag {
	case tagNotForPatient, tagOtherPatient, tagError, tagDeleted, tagNoChecks, tagModified, tagNotNHS:
		return alarm
	}
	return strong
}

package show

import (
	"strings"
)

// style is what a span looks like when there is colour: the numbers of an ANSI sequence.
type style string

const (
	plain  style = ""
	strong style = "1"
	faint  style = "2"
	alarm  style = "1;31"
)

// span is a piece of text in one style.
type span struct {
	text  string
	style style
}

// nbsp binds words of ours that belong on one line; it is printed as a space.
const nbsp = "\u00a0"

func glue(s string) string { return strings.ReplaceAll(s, " ", nbsp) }

// words cuts spans at spaces and line breaks; a word that is wider than n is cut, too.
func words(spans []span, n int) []span {
	var all []span
	for _, s := range spans {
		cut := func(r rune) bool { return r == ' ' || r == '\n' }
		for word := range strings.FieldsFuncSeq(s.text, cut) {
			for word != "" {
				var head string
				head, word = split(word, n)
				all = append(all, span{head, s.style})
			}
		}
	}
	return all
}

// wrap lays spans out in lines of at most n columns (n > 1).
func wrap(spans []span, n int) [][]span {
	var lines [][]span
	var line []span
	used := 0
	for _, w := range words(spans, n) {
		c := width(w.text)
		switch {
		case len(line) == 0:
			line, used = append(line, w), c
		case used+1+c > n:
			lines = append(lines, line)
			line, used = []span{w}, c
		case line[len(line)-1].style == w.style:
			line[len(line)-1].text += " " + w.text
			used += 1 + c
		default:
			line, used = append(line, w), used+1+c
		}
	}
	if len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}

// flow prints spans in lines from column indent on. lead stands before the first line, in
// the columns up to indent; when it does not fit there, the text follows it.
func (p *printer) flow(indent int, lead span, spans ...span) {
	indent = min(indent, p.width-narrowest)
	lead.text = strings.TrimRight(lead.text, " ")
	if label := strings.TrimLeft(lead.text, " "); label != "" && width(lead.text) >= indent {
		spans = append([]span{{label, lead.style}}, spans...)
		lead.text = ""
	}
	left := span{pad(lead.text, indent, false), lead.style}
	lines := wrap(spans, p.width-indent)
	if len(lines) == 0 && strings.TrimSpace(lead.text) != "" {
		p.line(left)
	}
	for _, line := range lines {
		p.line(left, line...)
		left = span{pad("", indent, false), plain}
	}
}

// prose prints text as it was written: its line breaks and paragraphs are kept, long lines
// wrapped.
func (p *printer) prose(indent int, lead span, text string, s style) {
	gone := true // an empty line has been printed, or nothing yet
	for line := range strings.SplitSeq(strings.Trim(text, "\n "), "\n") {
		empty := strings.TrimSpace(line) == ""
		if empty && !gone {
			p.blank()
		}
		if gone = empty; !empty {
			p.flow(indent, lead, span{line, s})
			lead = span{}
		}
	}
}

package show

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/record"
)

// warning is what is to be known before reading, once for all areas that it is about.
type warning struct {
	Text  string
	Areas []where
}

// where is an area that a warning is about, and how many of its items, 0 when not known.
type where struct {
	Anchor, Title string
	Count         int
}

// caution are the warnings of the record or of an area. Words are what the practice's system
// says: it sends the same sentences, run together in any order, on every list, and a reader
// who meets each of them thirty times reads none. So each is told once.
type caution struct {
	Warnings []warning
	Words    []string
}

// cautions collects warnings: by what they say, with the areas that they are about.
func cautions(all []record.Warning) caution {
	var c caution
	for _, w := range all {
		head := headline(w)
		i := slices.IndexFunc(c.Warnings, func(k warning) bool { return k.Text == head })
		if i < 0 {
			i = len(c.Warnings)
			c.Warnings = append(c.Warnings, warning{Text: head})
		}
		c.Warnings[i].add(w)
		if head == w.Text {
			continue
		}
		for _, s := range sentences(w.Text) {
			if !slices.Contains(c.Words, s) {
				c.Words = append(c.Words, s)
			}
		}
	}
	return c
}

func (k *warning) add(w record.Warning) {
	if w.Area == "" && w.Count == 0 {
		return
	}
	for i := range k.Areas {
		if k.Areas[i].Anchor == string(w.Area) {
			k.Areas[i].Count += w.Count
			return
		}
	}
	k.Areas = append(k.Areas, where{Anchor: string(w.Area), Title: title(w.Area), Count: w.Count})
}

// headline is what a warning is about. The codes of lists have a sentence of ours, as the
// notes of a list are about all of its codes at once; all others speak for themselves.
func headline(w record.Warning) string {
	switch w.Kind {
	case record.WarnConfidential:
		return "Items were withheld as confidential" + bracketed(w.Code)
	case record.WarnInTransit:
		return "The previous practice's record has not arrived in full" + bracketed(w.Code)
	case record.WarnAwaitingFiling:
		return "What others sent to the practice has not been filed yet" + bracketed(w.Code)
	case record.WarnOtherCode:
		return "A list carries a warning that is not known here" + bracketed(w.Code)
	}
	return w.Text
}

// about is the areas of a warning in words; inside an area, only how many items.
func (k warning) about(inside bool) string {
	var texts []string
	for _, a := range k.Areas {
		n := ""
		switch {
		case a.Count == 1:
			n = "1 item"
		case a.Count > 1:
			n = fmt.Sprintf("%d items", a.Count)
		}
		if inside || a.Title == "" {
			texts = append(texts, n)
		} else {
			texts = append(texts, a.Title+bracketed(n))
		}
	}
	return join(", ", texts...)
}

// Line is a warning with what it is about.
func (k warning) Line(inside bool) string {
	about := k.about(inside)
	switch {
	case about == "":
		return k.Text
	case inside:
		return k.Text + " (" + about + ")"
	}
	return strings.TrimRight(k.Text, ". ") + ": " + about
}

// sentences cuts notes at line breaks and at full stops that a capital letter follows.
// Nothing but the space between them is lost.
func sentences(text string) []string {
	var all []string
	for line := range strings.SplitSeq(clean(text), "\n") {
		line = strings.TrimSpace(line)
		for i := 0; i+2 < len(line); i++ {
			if line[i] == '.' && line[i+1] == ' ' && line[i+2] >= 'A' && line[i+2] <= 'Z' {
				all = append(all, line[:i+1])
				line, i = line[i+2:], 0
			}
		}
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}

// unsaid leaves out of a list's notes what its warnings have told.
func (c caution) unsaid(notes []string) []string {
	var rest []string
	for _, n := range notes {
		told := true
		for _, s := range sentences(n) {
			told = told && slices.Contains(c.Words, s)
		}
		if !told {
			rest = append(rest, n)
		}
	}
	return rest
}

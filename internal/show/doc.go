// Package show writes a record for people to read: [Record] for a terminal, [HTML] for a
// screen or paper.
//
// Both are made in two steps. The record is read out into a sheet (sheet.go): words in
// order, what they belong to, and nothing about how they look. One file an area says how
// its items are read out. Then the sheet is laid out, by text.go or by html.go. So the two
// forms say the same, and a thing that is in neither is missing in one place only.
//
// What may mislead is decided while reading out: which sentence tells the state of an area
// (states.go), what is apart from what (ended allergies, past medication, vaccines that
// were not given), which tags an item carries (tags.go).
//
// Nothing that comes from the record reaches the reader's terminal or browser as it is:
// see clean.go. Equal records give equal output, byte for byte.
package show

import (
	"bufio"
	"io"
	"time"

	"github.com/gpconnect-go/gpc/record"
)

// Options are about the form only; nothing of the record is left out by any of them.
type Options struct {
	Width  int       // of the text in columns, 80 when 0; below 40 it is 40
	Colour bool      // bold and colour by ANSI sequences; without it the text has no escape sequence
	Now    time.Time // for the patient's age and for what is still ahead; neither is told when zero
}

// Record writes r as text. The error is w's.
func Record(w io.Writer, r *record.Record, o Options) error {
	s := readOut(r, o.Now)
	b := bufio.NewWriter(w)
	p := &printer{w: b, width: max(orElse(o.Width, 80), 40), colour: o.Colour}
	p.sheet(s)
	return b.Flush()
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

package show

// columnsOf are the columns of a table of results.
type tableColumns struct {
	name, number, unit, mark, rng int
}

const (
	longestName  = 34 // longer ones are wrapped
	shortestName = 18
	longestValue = 24 // a longer value stands beneath its name
	longestMark  = 13
	gap          = 2
)

// results prints a table: name, value, unit, mark and range, each in its column, numbers to
// the right. What does not fit stands beneath its row.
func (p *printer) results(rows []entry, indent int) {
	if len(rows) == 0 {
		return
	}
	room := p.width - min(indent, p.width/2)
	c := measure(rows, room)
	for _, r := range rows {
		p.row(r, c, indent)
	}
}

// measure finds the width of each column. Where there is no room for all of them, the name
// gives way first, then the range, the mark and the value: these then stand beneath.
func measure(rows []entry, room int) tableColumns {
	var c tableColumns
	for _, r := range rows {
		c.name = max(c.name, min(width(name(r)), longestName))
		c.mark = max(c.mark, upTo(width(r.Mark), longestMark))
		c.rng = max(c.rng, upTo(width(r.Range), longestValue))
		if inColumns(r) {
			c.number, c.unit = max(c.number, width(r.Number)), max(c.unit, width(r.Unit))
		}
	}
	for _, r := range rows {
		if !inColumns(r) {
			c.unit = max(c.unit, upTo(width(r.Value), longestValue)-c.number-1)
		}
	}
	c.name = max(c.name, shortestName)
	for _, give := range []*int{nil, &c.rng, &c.mark, &c.unit, &c.number} {
		if give != nil && c.total() > room {
			*give = 0
		}
		if over := c.total() - room; over > 0 && c.name-over >= shortestName {
			c.name -= over
		}
	}
	c.name = min(c.name, room)
	return c
}

// inColumns says whether the value of a row is a number and its unit, and short.
func inColumns(r entry) bool {
	return r.Number != "" && width(r.Value) <= longestValue
}

// upTo is n, or 0 when it is more than most.
func upTo(n, most int) int {
	if n > most {
		return 0
	}
	return n
}

// total is the width of all columns that are used, with the gaps between them.
func (c tableColumns) total() int {
	n := c.name + gap + c.number + 1 + c.unit
	for _, w := range []int{c.mark, c.rng} {
		if w > 0 {
			n += gap + w
		}
	}
	return n
}

// inset is how far a row is set in by its depth in its group.
func inset(r entry) int { return notches * min(r.Depth, 4) }

// name is how a row is called.
func name(r entry) string {
	return pad("", inset(r), false) + join(", ", join(": ", r.Label, r.Title), r.When)
}

// row prints a result in columns, and beneath it what has no column.
func (p *printer) row(r entry, c tableColumns, indent int) {
	at := min(indent, p.width/2)
	left := span{pad("", at+inset(r), false), plain}
	lines := wrap([]span{{name(r), nameStyle(r)}}, c.name-inset(r))
	cells, beneath := cells(r, c)
	for i, l := range lines {
		if i < len(lines)-1 || len(cells) == 0 {
			p.line(left, l...)
			continue
		}
		l[0].text = pad(l[0].text, c.name-inset(r), false)
		p.raw(append([]span{left, l[0]}, cells...)...)
	}
	under := at + inset(r) + notches
	if len(beneath) > 0 {
		p.flow(under, span{}, beneath...)
	}
	p.body(entry{Lead: r.Lead, Brief: r.Brief, Facts: r.Facts, Parts: r.Parts}, under)
}

// cells are the columns after the name, and what does not fit into them.
func cells(r entry, c tableColumns) (cells, beneath []span) {
	both := c.number + 1 + c.unit
	value := pad(r.Value, both, false)
	if inColumns(r) && width(r.Number) <= c.number && width(r.Unit) <= c.unit {
		value = pad(r.Number, c.number, true) + " " + pad(r.Unit, c.unit, false)
	}
	put := func(text, words string, s style, column int) {
		if column > 0 && width(text) <= column {
			cells = append(cells, span{pad("", gap, false), plain}, span{pad(text, column, false), s})
		} else if text != "" {
			beneath = append(beneath, span{words + text, s})
		}
	}
	put(value, "", plain, both)
	put(r.Mark, "", markStyle(r), c.mark)
	put(r.Range, "range ", faint, c.rng)
	if r.By != "" {
		beneath = append(beneath, span{"by " + r.By, faint})
	}
	return cells, append(beneath, tagSpans(r.Tags)...)
}

// nameStyle: the head of a group stands out from its results.
func nameStyle(r entry) style {
	if r.Value == "" && r.Depth == 0 {
		return strong
	}
	return plain
}

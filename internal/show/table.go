package show

// columnsOf are the columns of a table of results.
type tableColumns struct {
	name, number, unit, mark, rng int
}

const (
	longestName  = 34 // longer ones are wrapped
	longestValue = 24 // a longer value stands beneath its name
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

// measure finds the width of each column. The name gives way first, then the range.
func measure(rows []entry, room int) tableColumns {
	var c tableColumns
	for _, r := range rows {
		c.name = max(c.name, min(width(name(r)), longestName))
		c.mark = max(c.mark, min(width(r.Mark), longestValue))
		c.rng = max(c.rng, width(r.Range))
		if r.Number != "" {
			c.number, c.unit = max(c.number, width(r.Number)), max(c.unit, width(r.Unit))
		}
	}
	for _, r := range rows {
		if r.Number == "" && width(r.Value) <= longestValue {
			c.unit = max(c.unit, width(r.Value)-c.number-1)
		}
	}
	for _, shortest := range []int{24, 12} {
		if over := c.total() - room; over > 0 && c.name-over >= shortest {
			c.name -= over
		} else if over > 0 {
			c.rng = 0
		}
	}
	if over := c.total() - room; over > 0 {
		c.name = max(12, c.name-over)
	}
	return c
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
func inset(r entry) int { return notches * min(r.Depth, 6) }

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
	blank := span{pad("", gap, false), plain}
	both := c.number + 1 + c.unit
	value := pad("", both, false)
	switch {
	case r.Number != "" && r.Value == join(" ", r.Number, r.Unit):
		value = pad(r.Number, c.number, true) + " " + pad(r.Unit, c.unit, false)
	case width(r.Value) <= both:
		value = pad(r.Value, both, false)
	default:
		beneath = append(beneath, span{r.Value, plain})
	}
	cells = append(cells, blank, span{value, plain})
	if width(r.Mark) <= c.mark {
		cells = append(cells, blank, span{pad(r.Mark, c.mark, false), markStyle(r)})
	} else {
		beneath = append(beneath, span{r.Mark, markStyle(r)})
	}
	if c.rng > 0 {
		cells = append(cells, blank, span{r.Range, faint})
	} else if r.Range != "" {
		beneath = append(beneath, span{"range " + r.Range, faint})
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

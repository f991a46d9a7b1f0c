package show

// entry prints an item from column indent on, with all that belongs to it beneath. Where
// dated, its date has a column of its own; in a tree what is beneath begins at the margin.
func (p *printer) entry(e entry, indent int, dated, tree bool) {
	lead := span{pad("", indent, false), plain}
	at := indent
	if dated {
		when := orText(e.When, "undated")
		if width(when) <= dates {
			lead.text += pad(when, dates, true)
			at += dates + 2
			e.When = ""
		}
	}
	p.flow(at, lead, titleSpans(e)...)
	if tree || !dated {
		at = indent + notches
	}
	p.body(e, at)
}

// titleSpans are the first line of an item: what and when, how much, and what to know of it.
func titleSpans(e entry) []span {
	var all []span
	add := func(text string, s style) {
		if text != "" {
			all = append(all, span{text, s})
		}
	}
	add(e.When, faint)
	if e.Label != "" {
		s := plain
		if e.Alarm {
			s = alarm
		}
		add(e.Label+colonIf(e.Title), s)
	}
	add(e.Title, strong)
	add(e.Value, plain)
	add(prefixed("at ", e.Clock), faint)
	add(e.Mark, markStyle(e))
	add(prefixed("range ", e.Range), faint)
	add(prefixed("by ", e.By), faint)
	return append(all, tagSpans(e.Tags)...)
}

func colonIf(follows string) string {
	if follows == "" {
		return ""
	}
	return ":"
}

func markStyle(e entry) style {
	if e.Normal {
		return plain
	}
	return alarm
}

// body prints what is beneath the title. Text as it was written comes first.
func (p *printer) body(e entry, indent int) {
	for _, l := range e.Lead {
		p.prose(indent, span{}, l, plain)
	}
	if brief := join(" · ", e.Brief...); brief != "" {
		p.say(indent, brief, faint)
	}
	p.facts(indent, e.Facts)
	p.results(e.Results, indent)
	for _, part := range e.Parts {
		p.part(part, indent)
	}
}

// part prints what stands beneath something. Narrative is text without a title; a topic's
// or heading's title stands over what it holds.
func (p *printer) part(e entry, indent int) {
	indent = min(indent, p.width/2)
	if e.Heading == 1 {
		p.blank()
	}
	if len(titleSpans(e)) > 0 {
		p.flow(indent, span{}, titleSpans(e)...)
		indent += notches
	}
	p.body(e, indent)
}

package record

import "fmt"

// warnOfParts says of what only a part was asked for: that nothing came of an area then says
// nothing about the rest of it.
func (r *reader) warnOfParts() {
	if r.query == nil {
		return
	}
	r.query.narrowed(func(name AreaName, part, left string) {
		r.warn(Warning{
			Kind: WarnNotWhole, Area: name, Parameter: parameterNames[name], Part: part,
			Text: left + " asked for: there may be more.",
		})
	})
}

// narrowed gives each part of the question that leaves something out, with what is left in
// words.
func (q Query) narrowed(give func(name AreaName, part, left string)) {
	days := func(name AreaName, part, what string, d Days) {
		if !d.IsZero() {
			give(name, part, "Only "+what+" "+d.words())
		}
	}
	if m := q.Medications; m != nil && !m.Since.IsZero() {
		give(Medications, "medicationSearchFromDate", "Only medication active on or after "+m.Since.words()+" was")
	}
	if c := q.Consultations; c != nil {
		days(Consultations, "consultationSearchPeriod", "consultations", c.Which.period)
		if c.Which.limits {
			give(Consultations, "includeNumberOfMostRecent", fmt.Sprintf("Only the latest %d consultations were", c.Which.recent))
		}
	}
	if p := q.Problems; p != nil && p.Status != "" {
		give(Problems, "filterStatus", "Only "+string(p.Status)+" problems were")
	}
	if p := q.Problems; p != nil && p.Significance != "" {
		give(Problems, "filterSignificance", "Only "+string(p.Significance)+" problems were")
	}
	if i := q.Immunisations; i != nil && i.Status.IsFalse() {
		give(Immunisations, "includeStatus", "Only immunisations without notes of consent and dissent were")
	}
	if u := q.Uncategorised; u != nil {
		days(Uncategorised, "uncategorisedDataSearchPeriod", "uncategorised data", u.Within)
	}
	if i := q.Investigations; i != nil {
		days(Investigations, "investigationSearchPeriod", "investigations", i.Within)
	}
	if f := q.Referrals; f != nil {
		days(Referrals, "referralSearchPeriod", "referrals", f.Within)
	}
	if d := q.Diary; d != nil && !d.Until.IsZero() {
		give(Diary, "diaryEntriesSearchDate", "Only diary entries due on or before "+d.Until.words()+" were")
	}
}

// words is a stretch of days as it is read out, with its verb.
func (d Days) words() string {
	switch {
	case d.From.IsZero():
		return "on or before " + d.To.words() + " were"
	case d.To.IsZero():
		return "on or after " + d.From.words() + " were"
	}
	return "from " + d.From.words() + " to " + d.To.words() + " were"
}

// words is a day as it is read out.
func (d Day) words() string {
	switch {
	case !d.relative:
		return d.String()
	case d.days < 0:
		return fmt.Sprintf("%d days ago", -d.days)
	case d.days > 0:
		return fmt.Sprintf("the day in %d days", d.days)
	}
	return "today"
}

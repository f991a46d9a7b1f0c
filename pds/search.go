package pds

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Match is one patient that a search found, with what PDS tells in a search: less
// than [Client.Patient] does, and never why somebody was removed from a practice's
// list. It is for choosing; a gate needs a [Trace].
type Match struct {
	Demographics
	Score float64 // 1 is an exact match; 0 where PDS does not say
}

// Matches is what a search gave. No match and too many are answers, not errors.
type Matches struct {
	Items   []Match // best first
	TooMany bool    // more matched than PDS gives out, which are none: refine the search

	// RestrictedLeftOut is that restricted patients were not looked at, because the
	// search was by postcode or practice: finding nobody does not mean there is nobody.
	RestrictedLeftOut bool

	RequestID string
	Raw       []byte `json:"-"` // the answer as it came
}

// One is the only match. Its error is ErrNotFound or ErrTooManyMatches otherwise.
func (m *Matches) One() (Match, error) {
	const op = "choose the match"
	switch {
	case m.TooMany || len(m.Items) > 1:
		return Match{}, &Error{Op: op, RequestID: m.RequestID, class: ErrTooManyMatches}
	case len(m.Items) == 0 && m.RestrictedLeftOut:
		return Match{}, &Error{Op: op, RequestID: m.RequestID, class: ErrNotFound,
			detail: "a search by postcode or practice leaves restricted patients out"}
	case len(m.Items) == 0:
		return Match{}, &Error{Op: op, RequestID: m.RequestID, class: ErrNotFound}
	}
	return m.Items[0], nil
}

// Search looks for patients by demographics. An application by itself is given one
// match, and only when it is the only one; a healthcare worker up to fifty.
func (c *Client) Search(ctx context.Context, q Query) (*Matches, error) {
	const op = "search for a patient"
	if err := q.check(); err != nil {
		return nil, problems(op, err)
	}
	a, id, err := c.get(ctx, op, "/Patient?"+q.encode())
	if err != nil {
		return nil, err
	}
	m, err := readMatches(a.Body)
	if err != nil {
		return nil, unreadable(op, id, err)
	}
	m.RequestID = id
	m.RestrictedLeftOut = q.Postcode != "" || q.Practice != ""
	return m, nil
}

// readMatches reads a searchset, or the OperationOutcome that stands in its place
// when too many match.
func readMatches(raw []byte) (*Matches, error) {
	b, err := fhir.ParseBundle(raw, fhir.Limits{Bytes: int64(len(raw)) + 1})
	if other := new(fhir.NotBundleError); errors.As(err, &other) {
		return insteadOfMatches(raw)
	}
	if err != nil {
		return nil, err
	}
	m := &Matches{Raw: raw}
	scores := scoresOf(raw)
	for r := range b.All() {
		if r.Type == "OperationOutcome" {
			if tooMany(r.Raw) {
				m.TooMany = true
			}
			continue
		}
		d, err := readPatient(r)
		if err != nil {
			return nil, err
		}
		match := Match{Demographics: d}
		if r.Index < len(scores) {
			match.Score = scores[r.Index]
		}
		m.Items = append(m.Items, match)
	}
	if total, ok := b.Total(); ok && total > 0 && b.Len() == 0 {
		return nil, oddf("the answer counts matches and has none")
	}
	slices.SortStableFunc(m.Items, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return m, nil
}

func insteadOfMatches(raw []byte) (*Matches, error) {
	if tooMany(raw) {
		return &Matches{TooMany: true, Raw: raw}, nil
	}
	return nil, oddf("the answer to the search is not a Bundle")
}

func tooMany(raw []byte) bool {
	o, ok := fhir.ParseOutcome("", raw)
	return ok && slices.Contains(codesOf(o), TooManyMatches)
}

// scoresOf are the entries' scores in their order; 0 for what is not there.
func scoresOf(raw []byte) []float64 {
	var bundle struct {
		Entry []struct {
			Search struct {
				Score json.RawMessage `json:"score"`
			} `json:"search"`
		} `json:"entry"`
	}
	if json.Unmarshal(raw, &bundle) != nil {
		return nil
	}
	scores := make([]float64, len(bundle.Entry))
	for i, e := range bundle.Entry {
		scores[i], _ = strconv.ParseFloat(strings.Trim(string(e.Search.Score), `"`), 64)
	}
	return scores
}

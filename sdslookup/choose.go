package sdslookup

import (
	"slices"
	"strings"
)

const (
	whyTaken     = "the only answer"
	whySame      = "says the same as the one taken"
	whyOther     = "another answer"
	whyNotPinned = "not the pinned party key"
	whyPartial   = "incomplete record"
)

// chooseMHS takes the one pair of address and party key that the records agree on, after leaving out what
// does not have the pinned party key ("" pins none) and what already has a reason against it. It writes
// into each candidate what became of it. Every address of a record is an answer of its own, and nothing is
// merged across records.
func chooseMHS(cs []Candidate, pinned string, complete func(*Candidate) bool) (Candidate, error) {
	if len(cs) == 0 {
		return Candidate{}, &Error{Kind: ErrNotFound}
	}
	reason := NotToldApart
	left := eligible(cs)
	for i := 0; i < len(left); {
		if pinned == "" || strings.EqualFold(left[i].PartyKey, pinned) {
			i++
			continue
		}
		left[i].Why, reason = whyNotPinned, NotPinned
		left = slices.Delete(left, i, i+1)
	}
	if len(left) == 0 {
		return Candidate{}, &Error{Kind: ErrNotFound, Reason: reason, Candidates: cs}
	}
	return chooseOne(cs, left, complete,
		func(a, b *Candidate) bool { return a.Address == b.Address && strings.EqualFold(a.PartyKey, b.PartyKey) })
}

// wholeMHS: step 2 needs the party key.
func wholeMHS(c *Candidate) bool { return c.Address != "" && c.PartyKey != "" }

// eligible are the candidates that nothing speaks against yet.
func eligible(cs []Candidate) []*Candidate {
	left := make([]*Candidate, 0, len(cs))
	for i := range cs {
		if cs[i].Why == "" {
			left = append(left, &cs[i])
		}
	}
	return left
}

// chooseAS takes the one ASID that the records agree on.
func chooseAS(cs []Candidate) (Candidate, error) {
	left := eligible(cs)
	if len(left) == 0 {
		return Candidate{}, &Error{Kind: ErrNotFound, Reason: NoASID, Candidates: cs}
	}
	return chooseOne(cs, left,
		func(c *Candidate) bool { return isASID(c.ASID) },
		func(a, b *Candidate) bool { return a.ASID == b.ASID })
}

func chooseOne(all []Candidate, left []*Candidate, complete func(*Candidate) bool, same func(a, b *Candidate) bool) (Candidate, error) {
	first := left[0]
	agreed := true
	for _, c := range left[1:] {
		agreed = agreed && same(first, c)
	}
	for i, c := range left {
		switch {
		case !complete(c):
			c.Why = whyPartial
		case !agreed:
			c.Why = whyOther
		case i > 0:
			c.Why = whySame
		}
	}
	switch {
	case !agreed:
		return Candidate{}, &Error{Kind: ErrAmbiguous, Candidates: all}
	case !complete(first):
		return Candidate{}, &Error{Kind: ErrNotFound, Reason: Incomplete, Candidates: all}
	}
	first.Taken, first.Why = true, whyTaken
	return *first, nil
}

// admit checks the address that was taken; a refused one is not taken after all.
func (p AddressPolicy) admit(address string, cs []Candidate) error {
	err := p.Check(address)
	if err == nil {
		return nil
	}
	for i := range cs {
		if cs[i].Taken {
			why, _ := p.refusal(address)
			cs[i].Taken, cs[i].Why = false, "the address "+why
		}
	}
	return err
}

// isASID: an ASID goes into a header, so what is no identifier is not taken for one. In the field it is
// twelve digits; test environments have others.
func isASID(s string) bool {
	return s != "" && len(s) <= 64 && consistsOf(s, isAlphanumeric)
}

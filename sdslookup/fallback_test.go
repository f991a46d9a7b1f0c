package sdslookup

import (
	"errors"
	"testing"
)

func TestFallback(t *testing.T) {
	failing := func(kind error) *moody { m := newMoody(); m.fails(kind); return m }
	tests := []struct {
		name string
		dirs []Directory
		kind error
	}{
		{"the first", []Directory{newMoody(), failing(ErrNotFound)}, nil},
		{"silent, then an answer", []Directory{failing(ErrUnavailable), newMoody()}, nil},
		{"not trusted, then an answer", []Directory{failing(ErrTLS), newMoody()}, nil},
		{"refused, then an answer", []Directory{failing(ErrRefused), newMoody()}, nil},
		{"not held, then an answer", []Directory{failing(ErrNotKnown), newMoody()}, nil},
		{"a no is final", []Directory{failing(ErrNotFound), newMoody()}, ErrNotFound},
		{"two answers are final", []Directory{failing(ErrAmbiguous), newMoody()}, ErrAmbiguous},
		{"a refused address is final", []Directory{failing(ErrAddressRefused), newMoody()}, ErrAddressRefused},
		{"all fail", []Directory{failing(ErrNotKnown), failing(ErrUnavailable), failing(ErrTLS)}, ErrUnavailable},
		{"none holds it", []Directory{failing(ErrNotKnown), failing(ErrNotKnown)}, ErrNotKnown},
		{"none", nil, ErrNotKnown},
	}
	for _, tt := range tests {
		ep, err := Fallback(tt.dirs...).Endpoint(brief(t), "A12345", slotSearch)
		if !errors.Is(err, tt.kind) || tt.kind == nil && ep != practiceEndpoint("A12345") {
			t.Errorf("%s: got %+v, %v; want %v", tt.name, ep, err, tt.kind)
		}
	}
	chain := Fallback(newMoody())
	if _, err := chain.Organisation(brief(t), "A12345"); !errors.Is(err, ErrNotKnown) {
		t.Errorf("got %v", err)
	}
	if _, err := chain.OwnASID(brief(t), OwnQuery{ODS: "A12345"}); !errors.Is(err, ErrNotKnown) {
		t.Errorf("got %v", err)
	}
}

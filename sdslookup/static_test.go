package sdslookup

import (
	"errors"
	"strings"
	"testing"
)

func TestStaticReasons(t *testing.T) {
	service := StaticService{Interactions: slots, Address: "https://gp.example/A", ASID: "1", PartyKey: "A-1"}
	c := StaticConfig{Practices: []StaticPractice{
		{ODS: "a12345", Name: "The Surgery", Services: []StaticService{service}},
		{ODS: "A00001", Name: "The Old Surgery", Closed: "2024-03-31", Successors: []string{"A12345"}},
		{ODS: "A00002", Closed: "2999-01-01"},
		{ODS: "A00003", Services: []StaticService{service, {Interactions: slots, Address: "https://gp.example/B", ASID: "2", PartyKey: "B-1"}}},
	}, PartyKeys: map[string]string{"A00003": "b-1"}}
	whole, err := NewStatic(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Partial = true
	partial, err := NewStatic(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ods    string
		kind   error // of the whole one
		reason Reason
		inPart error // of the partial one
		says   string
	}{
		{"A12345", nil, "", nil, ""},
		{"A00001", ErrNotFound, Closed, ErrNotFound, "closed on 2024-03-31, succeeded by A12345"},
		{"A00002", ErrNotFound, NotEnabled, ErrNotFound, "not enabled"},
		{"A00003", nil, "", nil, ""},
		{"A00004", ErrNotFound, UnknownODS, ErrNotKnown, "unknown ODS code"},
	} {
		_, err := whole.Endpoint(brief(t), tt.ods, slotSearch)
		e := new(Error)
		if !errors.Is(err, tt.kind) || tt.kind != nil && (!errors.As(err, &e) || e.Reason != tt.reason || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: got %v; want %v, %q with %q", tt.ods, err, tt.kind, tt.reason, tt.says)
		}
		if _, err := partial.Endpoint(brief(t), tt.ods, slotSearch); !errors.Is(err, tt.inPart) {
			t.Errorf("%s, partial: got %v, want %v", tt.ods, err, tt.inPart)
		}
	}
	if ep, err := whole.Endpoint(brief(t), "A00003", slotSearch); err != nil || ep.ASID != "2" {
		t.Errorf("pinned: got %+v, %v", ep, err)
	}
	if _, err := whole.OwnASID(brief(t), OwnQuery{"A12345", slotSearch, ""}); !errors.Is(err, ErrNotKnown) {
		t.Errorf("no systems in the file: got %v", err)
	}
	if o, err := partial.Organisation(brief(t), "A00001"); err != nil || o.Name != "The Old Surgery" {
		t.Errorf("got %+v, %v", o, err)
	}
	if _, err := partial.Organisation(brief(t), "A00004"); !errors.Is(err, ErrNotKnown) {
		t.Errorf("got %v", err)
	}
}

func TestNewStaticSaysEverythingAtOnce(t *testing.T) {
	_, err := NewStatic(StaticConfig{
		Practices: []StaticPractice{
			{ODS: "!", Closed: "yesterday"},
			{ODS: "A12345", Services: []StaticService{{Interactions: []Interaction{"slots"}, ASID: "1 2"}}},
			{ODS: "A12345", Services: []StaticService{{Interactions: []Interaction{"slots"}}}},
		},
		Systems:   []StaticSystem{{ODS: "", ASID: "x y"}},
		Allow:     AddressPolicy{Hosts: []string{"*"}},
		PartyKeys: map[string]string{"A12345": ""},
	})
	for _, want := range []string{`practice 1: sds: not asked: "!"`, `practice 1: closed on "yesterday"`, `practice 2: "1 2" is no ASID`, "practice 3: sds: not asked", "system 1: sds: not asked: an ODS code is missing", `system 1: "x y"`, `"*"`, "pinned party key"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q in it", err, want)
		}
	}
}

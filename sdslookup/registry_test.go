package sdslookup

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func organisation(attrs map[string][]string) record {
	return record{"uniqueIdentifier=A,ou=organisations,o=nhs", attrs}
}

// TestWhyNotFound: the third search, and what it makes of a practice without an MHS record.
func TestWhyNotFound(t *testing.T) {
	closed := organisation(map[string][]string{"o": {"The Old Surgery"}, "nhsOrgCloseDate": {"20240331"}, "NHSOCSSUCCESSOR": {"A22222", "A33333"}})
	tests := []struct {
		name         string
		organisation func(*asked)
		services     func(*asked)
		reason       Reason
		says         string
	}{
		{"closed", func(a *asked) { a.answer(closed) }, nil, Closed, "A12345: closed on 2024-03-31, succeeded by A22222, A33333"},
		{"will close", func(a *asked) { a.answer(organisation(map[string][]string{"nhsOrgCloseDate": {"29990101"}})) }, nil, NotEnabled, "not enabled for this interaction"},
		{"open", func(a *asked) { a.answer(organisation(map[string][]string{"nhsOrgOpenDate": {"19740401"}})) }, nil, NotEnabled, "not enabled for this interaction"},
		{"unknown", func(a *asked) { a.answer() }, nil, UnknownODS, "unknown ODS code"},
		{"two of them", func(a *asked) { a.answer(closed, closed) }, nil, NotToldApart, "not in the directory"},
		{"no organisations, no record", func(a *asked) { a.done(32) }, func(a *asked) { a.answer() }, NotToldApart, "not in the directory"},
		{"no organisations, a record", func(a *asked) { a.done(32) }, func(a *asked) { a.answer(asRecord("A12345")) }, NotEnabled, "not enabled"},
		{"no organisations, many records", func(a *asked) { a.done(32) }, func(a *asked) { a.entries(asRecord("A12345")); a.done(4) }, NotEnabled, "not enabled"},
		{"no organisations, and trouble", func(a *asked) { a.done(32) }, func(a *asked) { a.done(50) }, NotToldApart, "not in the directory"},
		{"trouble", func(a *asked) { a.done(50) }, nil, NotToldApart, "not in the directory"},
		{"trouble that ends the connection", (*asked).cut, nil, NotToldApart, "not in the directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFamily(t)
			p := newPeer(t, f.serverTLS(), func(a *asked) {
				switch {
				case a.base == "ou=organisations,o=nhs":
					tt.organisation(a)
				case a.filter == "(nhsIDCode=A12345)" && tt.services != nil:
					tt.services(a)
				default:
					a.answer()
				}
			})
			err := ask(directoryAt(t, f, nil, p), "A12345")(brief(t))
			var e *Error
			if !errors.As(err, &e) || e.Kind != ErrNotFound || e.Step != StepMHS || e.Reason != tt.reason || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want ErrNotFound, %q, with %q", err, tt.reason, tt.says)
			}
		})
	}
}

// TestMissOutlivedByNobody: the caller's ctx ends during the third search; that is what is reported.
func TestMissOutlivedByNobody(t *testing.T) {
	f := newFamily(t)
	ctx, cancel := context.WithCancel(context.Background())
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if a.base == "ou=organisations,o=nhs" {
			cancel()
			return
		}
		a.answer()
	})
	err := ask(directoryAt(t, f, nil, p), "A12345")(ctx)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNotFound) {
		t.Errorf("got %v; want the end of ctx", err)
	}
}

func TestOrganisation(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), func(a *asked) {
		if a.base != "ou=organisations,o=nhs" || a.filter != "(uniqueIdentifier=A12345)" {
			t.Errorf("asked %q in %q", a.filter, a.base)
		}
		a.answer(organisation(map[string][]string{"O": {"The Surgery"}, "nhsOrgTypeCode": {"PR"}, "postalcode": {"LS1 4AP"},
			"nhsOrgOpenDate": {"20010203101112"}, "nhsOrgCloseDate": {"2024-02-30"}}))
	})
	d := directoryAt(t, f, nil, p)
	got, err := d.Organisation(brief(t), "a12345")
	want := Organisation{ODS: "A12345", Name: "The Surgery", Type: "PR", Postcode: "LS1 4AP", Opened: time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for kind, handle := range map[error]func(*asked){
		ErrNotFound:    func(a *asked) { a.answer() },
		ErrNotKnown:    func(a *asked) { a.done(32) },
		ErrUnavailable: func(a *asked) { a.done(53) },
		ErrAmbiguous:   func(a *asked) { a.answer(organisation(nil), organisation(nil)) },
	} {
		p.behave(handle)
		var e *Error
		if _, err := d.Organisation(brief(t), "A12345"); !errors.As(err, &e) || e.Kind != kind || e.Step != StepOrganisation {
			t.Errorf("got %v, want %v", err, kind)
		}
	}
}

func TestRealOwnASID(t *testing.T) {
	tests := []struct {
		name string
		q    OwnQuery
		want string
		kind error
	}{
		{"by manufacturer", OwnQuery{"CONS1", slotSearch, "YGCON"}, "400000000100", nil},
		{"manufacturer in lower case", OwnQuery{"cons1", slotSearch, "ygcon"}, "400000000100", nil},
		{"the other system", OwnQuery{"CONS1", slotSearch, "YGOTH"}, "400000000101", nil},
		{"only one has it", OwnQuery{"CONS1", structured, ""}, "400000000100", nil},
		{"without manufacturer", OwnQuery{"CONS1", slotSearch, ""}, "", ErrAmbiguous},
		{"manufacturer that has none", OwnQuery{"CONS1", slotSearch, "YGM06"}, "", ErrNotFound},
		{"organisation that has none", OwnQuery{"X99999", slotSearch, ""}, "", ErrNotFound},
		{"filter in the manufacturer", OwnQuery{"CONS1", slotSearch, "Y*)(o=*"}, "", ErrInvalid},
	}
	d := realDirectory(t).directory(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := d.OwnASID(brief(t), tt.q)
			if got != tt.want || !errors.Is(err, tt.kind) {
				t.Errorf("got %q, %v; want %q, %v", got, err, tt.want, tt.kind)
			}
			if e := new(Error); tt.kind == ErrAmbiguous && (!errors.As(err, &e) || len(e.Candidates) != 2 || e.Step != StepOwn) {
				t.Errorf("got %+v; want two candidates", e)
			}
		})
	}
}

func TestRealOrganisation(t *testing.T) {
	_, err := realDirectory(t).directory(t).Organisation(brief(t), "A80001")
	if !errors.Is(err, ErrNotKnown) {
		t.Errorf("got %v; want ErrNotKnown, since that directory has no organisations", err)
	}
}

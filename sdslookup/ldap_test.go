package sdslookup

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestNewLDAPSaysEverythingAtOnce(t *testing.T) {
	_, err := NewLDAP(LDAPConfig{
		Servers:     []string{"ldap://plain.example", "ldaps://", "ldaps://host.example:99999", "ldaps://user:secret@host.example", "://"},
		TLS:         &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS11},
		Timeout:     -time.Second,
		DialTimeout: time.Second,
		Allow:       AddressPolicy{Hosts: []string{"*.nhs.uk"}},
		PartyKeys:   map[string]string{"A12345": " ", "!": "X-1"},
	})
	if !errors.Is(err, ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{`"ldap://plain.example"`, `"ldaps://"`, "99999", "user information", `"://"`, "no roots", "does not verify", "less than TLS 1.2", "negative", `"*.nhs.uk"`, "pinned party key of A12345 is empty", `"!" is not an ODS code`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("a password is repeated: %v", err)
	}
	if _, err := NewLDAP(LDAPConfig{}); err == nil || !strings.Contains(err.Error(), "no directory server") || !strings.Contains(err.Error(), "no TLS configuration") {
		t.Errorf("empty: got %v", err)
	}
	good := &tls.Config{RootCAs: x509.NewCertPool()}
	for _, server := range []string{"ldaps://host.example", "ldaps://host.example:636", "ldaps://127.0.0.1:10636/", "ldaps://[::1]:636"} {
		d, err := NewLDAP(LDAPConfig{Servers: []string{server}, TLS: good})
		if err != nil {
			t.Errorf("%s: %v", server, err)
			continue
		}
		d.Close()
	}
}

// TestRecordsOfEveryShape: what counts as one answer, and what does not.
func TestRecordsOfEveryShape(t *testing.T) {
	mhs := func(id, address, key string) record {
		attrs := map[string][]string{}
		if address != "" {
			attrs["nhsmhsendpoint"] = strings.Split(address, " ")
		}
		if key != "" {
			attrs["NHSMHSPARTYKEY"] = strings.Split(key, " ")
		}
		return record{"uniqueIdentifier=" + id + ",ou=services,o=nhs", attrs}
	}
	as := func(ids ...string) record {
		return record{"uniqueIdentifier=x,ou=services,o=nhs", map[string][]string{"uniqueIdentifier": ids}}
	}
	const a, b = "https://a.example/x", "https://b.example/x"
	tests := []struct {
		name     string
		mhs, as  []record
		pin      string
		want     Endpoint
		kind     error
		step     Step
		reason   Reason
		attempts string // "taken/why" of each candidate of the last step
	}{
		{"one", []record{mhs("1", a, "K-1")}, []record{as("7")}, "", at(a, "7", "K-1"), nil, "", "", "taken: the only answer"},
		{"identical duplicates", []record{mhs("1", a, "K-1"), mhs("2", a, "k-1")}, []record{as("7"), as("7")}, "", at(a, "7", "K-1"), nil, "", "", "taken: the only answer, left: says the same as the one taken"},
		{"same address, other key", []record{mhs("1", a, "K-1"), mhs("2", a, "K-2")}, nil, "", Endpoint{}, ErrAmbiguous, StepMHS, "", "left: another answer, left: another answer"},
		{"the same but pinned", []record{mhs("1", a, "K-1"), mhs("2", b, "K-2")}, []record{as("7")}, "k-2", at(b, "7", "K-2"), nil, "", "", "taken: the only answer"},
		{"pinned, still two", []record{mhs("1", a, "K-1"), mhs("2", b, "K-1")}, nil, "K-1", Endpoint{}, ErrAmbiguous, StepMHS, "", "left: another answer, left: another answer"},
		{"pinned, none", []record{mhs("1", a, "K-1")}, nil, "K-9", Endpoint{}, ErrNotFound, StepMHS, NotPinned, "left: not the pinned party key"},
		{"two addresses in one record", []record{mhs("1", a+" "+b, "K-1")}, nil, "", Endpoint{}, ErrAmbiguous, StepMHS, "", "left: another answer, left: another answer"},
		{"two keys in one record", []record{mhs("1", a, "K-1 K-2")}, nil, "", Endpoint{}, ErrAmbiguous, StepMHS, "", "left: another answer, left: another answer"},
		{"address and key in two records", []record{mhs("1", a, ""), mhs("2", "", "K-1")}, nil, "", Endpoint{}, ErrAmbiguous, StepMHS, "", "left: incomplete record, left: incomplete record"},
		{"no address", []record{mhs("1", "", "K-1")}, nil, "", Endpoint{}, ErrNotFound, StepMHS, Incomplete, "left: incomplete record"},
		{"no key", []record{mhs("1", a, "")}, nil, "", Endpoint{}, ErrNotFound, StepMHS, Incomplete, "left: incomplete record"},
		{"key with a star", []record{mhs("1", a, "K*)(x=*")}, []record{as("7")}, "", at(a, "7", "K*)(x=*"), nil, "", "", "taken: the only answer"},
		{"two ASIDs in one record", []record{mhs("1", a, "K-1")}, []record{as("7", "8")}, "", Endpoint{}, ErrAmbiguous, StepAS, "", "left: another answer, left: another answer"},
		{"no ASID", []record{mhs("1", a, "K-1")}, []record{as()}, "", Endpoint{}, ErrNotFound, StepAS, Incomplete, "left: incomplete record"},
		{"ASID that would break a header", []record{mhs("1", a, "K-1")}, []record{as("7\r\nX: 1")}, "", Endpoint{}, ErrNotFound, StepAS, Incomplete, "left: incomplete record"},
		{"address refused", []record{mhs("1", "https://user@a.example/", "K-1")}, nil, "", Endpoint{}, ErrAddressRefused, StepMHS, NoServiceRoot, "left: the address has user information"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFamily(t)
			p := newPeer(t, f.serverTLS(), func(q *asked) {
				if strings.Contains(q.filter, "nhsMhs)") {
					q.answer(tt.mhs...)
				} else {
					q.answer(tt.as...)
				}
			})
			d := directoryAt(t, f, func(c *LDAPConfig) {
				if tt.pin != "" {
					c.PartyKeys = map[string]string{"A12345": tt.pin}
				}
			}, p)
			var searches []Search
			ctx := WithTrace(brief(t), &Trace{Searched: func(s Search) { searches = append(searches, s) }})
			got, err := d.Endpoint(ctx, "A12345", slotSearch)
			if got != tt.want || !errors.Is(err, tt.kind) {
				t.Fatalf("got %+v, %v; want %+v, %v", got, err, tt.want, tt.kind)
			}
			if e := new(Error); tt.kind != nil && (!errors.As(err, &e) || e.Step != tt.step || e.Reason != tt.reason || e.Server != p.url) {
				t.Errorf("got step %q, reason %q at %q; want %q, %q at %q", e.Step, e.Reason, e.Server, tt.step, tt.reason, p.url)
			}
			if said := said(searches[len(searches)-1]); said != tt.attempts {
				t.Errorf("got candidates %q, want %q", said, tt.attempts)
			}
		})
	}
}

func said(s Search) string {
	var parts []string
	for _, c := range s.Candidates {
		verdict := "left"
		if c.Taken {
			verdict = "taken"
		}
		parts = append(parts, fmt.Sprintf("%s: %s", verdict, c.Why))
	}
	return strings.Join(parts, ", ")
}

// TestTrace: what --explain prints is what was asked.
func TestTrace(t *testing.T) {
	f := newFamily(t)
	p := newPeer(t, f.serverTLS(), practices)
	d := directoryAt(t, f, nil, p)
	var outer, inner []Search
	var connects []Connect
	ctx := WithTrace(brief(t), &Trace{Searched: func(s Search) { outer = append(outer, s) }})
	ctx = WithTrace(ctx, &Trace{Searched: func(s Search) { inner = append(inner, s) }, Connected: func(c Connect) { connects = append(connects, c) }})
	if err := ask(d, "A12345")(ctx); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		step         Step
		filter       string
		attributes   string
		record, pair string
	}{
		{StepMHS, "(&(nhsIDCode=A12345)(objectClass=nhsMhs)(nhsMhsSvcIA=" + string(slotSearch) + "))", "nhsMhsEndPoint nhsMhsPartyKey", "uniqueIdentifier=SA12345,ou=services,o=nhs", "A12345-0000001"},
		{StepAS, "(&(nhsIDCode=A12345)(objectClass=nhsAs)(nhsMHSPartyKey=A12345-0000001))", "uniqueIdentifier", "uniqueIdentifier=200000000001,ou=services,o=nhs", "A12345-0000001"},
	}
	if len(inner) != len(want) || len(outer) != len(want) || len(connects) != 1 || connects[0].Server != p.url || connects[0].Err != nil {
		t.Fatalf("got %d and %d searches and connections %v", len(inner), len(outer), connects)
	}
	for i, w := range want {
		s := inner[i]
		if s.Step != w.step || s.Server != p.url || s.Base != "ou=services,o=nhs" || s.Filter != w.filter || strings.Join(s.Attributes, " ") != w.attributes || s.Took <= 0 || s.Err != nil {
			t.Errorf("got %+v, want %+v", s, w)
		}
		if len(s.Candidates) != 1 || !s.Candidates[0].Taken || s.Candidates[0].Record != w.record || s.Candidates[0].PartyKey != w.pair {
			t.Errorf("got candidates %+v", s.Candidates)
		}
	}
	if WithTrace(ctx, nil) != ctx {
		t.Error("a nil trace makes a new context")
	}
}

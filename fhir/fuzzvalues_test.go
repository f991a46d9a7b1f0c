package fhir

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDate(f *testing.F) {
	for _, d := range []string{"", "2020", "2020-02", "2020-02-29", "2020-02-30", "2026-05-05T10:00:00+01:00", "2026-05-05T10:00:00.250Z",
		"2026-05-05T10:00", "2016-12-31T23:59:60Z", "0001-01-01", "9999-12-31T23:59:59.999999999999-14:00", "2026-03-29T01:30:00", "2026-10-25T01:30:00"} {
		f.Add(d, "2020-06")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		d, o := Date(a), Date(b)
		from, to, ok := d.Range(London())
		if ok != d.Valid() || ok && !to.After(from) {
			t.Fatalf("%q: valid %v, from %v to %v", a, d.Valid(), from, to)
		}
		if d.Before(o) && (d.Compare(o) >= 0 || o.Before(d)) {
			t.Fatalf("%q is before %q, and in order %d", a, b, d.Compare(o))
		}
		if c := d.Compare(o); c != -o.Compare(d) || d.Compare(d) != 0 {
			t.Fatalf("%q and %q: order %d one way, %d the other", a, b, c, o.Compare(d))
		}
		// What time knows as a date is one here, and the same one.
		if want, err := time.Parse(time.RFC3339, a); err == nil && d.Precision() >= Second && !from.Equal(want.Truncate(time.Nanosecond)) {
			t.Fatalf("%q: got %v, want %v", a, from, want)
		}
	})
}

func FuzzOutcome(f *testing.F) {
	seed(f, "[op]*.*ml")
	seed(f, "outcome-*.json")
	f.Add([]byte(`<?xml version="1.0" encoding="x"?><OperationOutcome><issue>&amp;<![CDATA[x]]></issue></OperationOutcome>`))
	f.Add([]byte("<html><TITLE>a&nbsp;\x1b[0m</title>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		kind := Sniff(body)
		o, ok := ParseOutcome("", body)
		if ok != (o != nil) || ok && kind != JSONBody && kind != XMLBody {
			t.Fatalf("got %v of what is %s", ok, kind)
		}
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
		if ok && (o.Type != "OperationOutcome" || !bytes.Contains(body, o.Raw)) {
			t.Fatalf("got a %q whose Raw is not as it came", o.Type)
		}
		if r, err := ParseResource(body, outcomeLimits); err == nil && (r.Type == "OperationOutcome") != ok {
			t.Fatalf("sound JSON of type %q: got %v", r.Type, ok)
		}
		title := PageTitle(body)
		if title != "" && kind != HTMLBody || strings.ContainsFunc(title, func(c rune) bool { return c < ' ' || c == '\x7f' }) || utf8.RuneCountInString(title) > 200 {
			t.Fatalf("got the title %q of what is %s", title, kind)
		}
	})
}

func FuzzNHSNumber(f *testing.F) {
	for _, s := range []string{"9000000009", "900 000 0009", "900-000-0009", "", "0000000000", "９000000009"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNHSNumber(s)
		if (err == nil) == n.IsZero() {
			t.Fatalf("got %v and a number that is zero: %v", err, n.IsZero())
		}
		if err != nil {
			if err != ErrNHSNumberLength && err != ErrNHSNumberDigits && err != ErrNHSNumberCheck {
				t.Fatal("the error is not one of those that quote nothing")
			}
			return
		}
		if again, err := ParseNHSNumber(n.Digits()); err != nil || again != n || len(n.Digits()) != 10 {
			t.Fatal("its digits are another number")
		}
		if got := fmt.Sprintf("%v %d %x %+v %#v", n, n, n, n, n); strings.Contains(got, n.Digits()[:9]) {
			t.Fatal("the number shows itself")
		}
	})
}

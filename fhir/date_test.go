package fhir

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestDate(t *testing.T) {
	for _, c := range []struct {
		in        Date
		precision Precision
		from, to  string
	}{
		{"2020", Year, "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"},
		{"2020-06", Month, "2020-06-01T00:00:00+01:00", "2020-07-01T00:00:00+01:00"},
		{"2020-12", Month, "2020-12-01T00:00:00Z", "2021-01-01T00:00:00Z"},
		{"2020-02-29", Day, "2020-02-29T00:00:00Z", "2020-03-01T00:00:00Z"},
		{"2020-03-29", Day, "2020-03-29T00:00:00Z", "2020-03-30T00:00:00+01:00"}, // 23 hours
		{"2020-06-01T12:00:00+01:00", Second, "2020-06-01T12:00:00+01:00", "2020-06-01T12:00:01+01:00"},
		{"2020-06-01T12:00:00-11:30", Second, "2020-06-01T12:00:00-11:30", "2020-06-01T12:00:01-11:30"},
		{"2020-06-01T12:00:00Z", Second, "2020-06-01T12:00:00Z", "2020-06-01T12:00:01Z"},
		{"2020-06-01T12:00:00+00:00", Second, "2020-06-01T12:00:00Z", "2020-06-01T12:00:01Z"},
		{"2020-06-01T12:00:00.25Z", Fraction, "2020-06-01T12:00:00.25Z", "2020-06-01T12:00:00.250000001Z"},
		{"2020-06-01T12:00:00.1234567891Z", Fraction, "2020-06-01T12:00:00.123456789Z", "2020-06-01T12:00:00.12345679Z"},
		{"2020-06-01T12:00:00", Second, "2020-06-01T12:00:00+01:00", "2020-06-01T12:00:01+01:00"}, // no zone: London
		{"2020-06-01T12:00", Minute, "2020-06-01T12:00:00+01:00", "2020-06-01T12:01:00+01:00"},
		{"2016-12-31T23:59:60Z", Second, "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"},
	} {
		from, to, ok := c.in.Range(London())
		if got := c.in.Precision(); got != c.precision || !ok {
			t.Errorf("%s: got precision %d %v, want %d", c.in, got, ok, c.precision)
		}
		if f, u := from.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano); f != c.from || u != c.to {
			t.Errorf("%s: got %s to %s, want %s to %s", c.in, f, u, c.from, c.to)
		}
	}
}

func TestMalformedDate(t *testing.T) {
	for _, d := range []Date{
		"", "20", "202", "20200", "2020-", "2020-1", "2020-13", "2020-00", "2020-02-30", "2021-02-29", "2020-06-31", "0000",
		"2020-06-01T", "2020-06-01T12", "2020-06-01T24:00:00", "2020-06-01T12:60:00", "2020-06-01T12:00:61",
		"2020-06-01T12:00:00.", "2020-06-01T12:00:00+1", "2020-06-01T12:00:00+15:00", "2020-06-01T12:00:00 01:00",
		"2020-06-01 12:00:00", "2020-06-01Z", " 2020", "2020 ", "01/06/2020", "yesterday", "２０２０", "2020-06-01T12:00:00Zz",
	} {
		_, _, ok := d.Range(London())
		if d.Valid() || ok || d.Precision() != Malformed {
			t.Errorf("%q: got a date, want malformed", d)
		}
	}
}

func TestDateOrder(t *testing.T) {
	// In this order; those on one line of time as certain as marked.
	order := []Date{"", "nonsense", "2019-12-31T23:59:59Z", "2020", "2020-01", "2020-01-01", "2020-01-01T00:00:00Z", "2020-06-01",
		"2020-06-01T00:30:00+01:00", "2020-06-01T00:30:00Z", "2020-06-01T01:31:00"}
	for i, a := range order {
		for j, b := range order {
			if got, want := a.Compare(b), compare(Precision(i), Precision(j)); got != want {
				t.Errorf("%q and %q: got %d, want %d", a, b, got, want)
			}
		}
	}
	for _, c := range []struct {
		a, b Date
		want bool
	}{
		{"2019", "2020", true}, {"2020", "2019", false}, {"2020", "2020-06", false}, {"2020-06", "2020", false},
		{"2020-06-01", "2020-06-02", true}, {"2020-05-31", "2020-06-01T00:00:00+01:00", true},
		{"2020-06-01T00:00:00+01:00", "2020-06-01", false}, {"bad", "2020", false}, {"2020", "", false},
	} {
		if got := c.a.Before(c.b); got != c.want {
			t.Errorf("%q before %q: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParseNHSNumber(t *testing.T) {
	for in, want := range map[string]string{
		"9000000009": "9000000009", "900 000 0009": "9000000009", "900-000-0009": "9000000009", " 9000000009 ": "9000000009",
		"9690937286": "9690937286", "9434765919": "9434765919", "0000000051": "0000000051",
	} {
		n, err := ParseNHSNumber(in)
		if err != nil || n.Digits() != want || n.IsZero() {
			t.Errorf("got %v, want a number ending %s", err, want[6:])
		}
	}
	for in, want := range map[string]error{
		"": ErrNHSNumberLength, "900000000": ErrNHSNumberLength, "90000000090": ErrNHSNumberLength, "- -": ErrNHSNumberLength,
		"9000000008": ErrNHSNumberCheck, "1234567890": ErrNHSNumberCheck, "0000000010": ErrNHSNumberCheck,
		"900000000x": ErrNHSNumberDigits, "9000000００9": ErrNHSNumberDigits, "900\t0000009": ErrNHSNumberDigits, "900\u00a00000009": ErrNHSNumberDigits,
	} {
		n, err := ParseNHSNumber(in)
		if !errors.Is(err, want) || !errors.Is(err, ErrNHSNumber) || !n.IsZero() || n.Digits() != "" {
			t.Errorf("%d characters: got %v, want %v", len(in), err, want)
		}
	}
}

// The check digit agrees with the rule as it is usually written: eleven less the remainder,
// eleven is nought, ten is no number.
func TestNHSNumberCheckDigit(t *testing.T) {
	for stem := 0; stem < 1_000_000_000; stem += 7_654_321 {
		digits, sum := fmt.Sprintf("%09d", stem), 0
		for i, c := range digits {
			sum += int(c-'0') * (10 - i)
		}
		check := (11 - sum%11) % 11
		for last := range 10 {
			_, err := ParseNHSNumber(fmt.Sprintf("%s%d", digits, last))
			if got, want := err == nil, last == check; got != want {
				t.Fatalf("stem %09d, check digit %d: got valid %v, want %v", stem, last, got, want)
			}
		}
	}
}

func TestNHSNumberDoesNotShowItself(t *testing.T) {
	n, err := ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	type hidden struct {
		n NHSNumber
		p *NHSNumber
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%010d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", n, &n, hidden{n, &n})
		fmt.Fprintf(&out, verb+"\n", map[NHSNumber]Person{n: {NHSNumber: n}})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "n", n, "h", hidden{n: n}, "s", struct{ N NHSNumber }{n})
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "n", n, "h", hidden{n: n})
	text, err := json.Marshal(map[NHSNumber]NHSNumber{n: n})
	out.Write(text)
	if strings.Contains(out.String(), "9000000009") || strings.Contains(out.String(), fmt.Sprintf("%x", 9000000009)) {
		t.Error("an NHS number was shown")
	}
	if got, want := string(text), `{"******0009":"******0009"}`; err != nil || got != want {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
	if got, want := fmt.Sprintf("%v|%v", n, NHSNumber{}), "******0009|"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	again, _ := ParseNHSNumber("900 000 0009")
	if again != n || n == (NHSNumber{}) {
		t.Error("equal numbers are not ==, or a number is none")
	}
}

package show

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Zoë Ŵyn 青霉素 حساسية 👩🏽‍⚕️", "Zoë Ŵyn 青霉素 حساسية 👩🏽‍⚕️"},
		{"\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"a\tb\x00c\x7fd", "a b␀c␡d"},
		{"one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"},
		{"\u009b31m", "�31m"},
		{"\u202egnp\u202c pen\u200bicillin\ufeff", "�gnp� pen�icillin�"},
		{"hy\u00adphen", "hyphen"},
		{"bad\xffutf8", "bad�utf8"},
		{"\U000e0041", "�"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("clean(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}

// hostile draws text as it might come in any field: words, controls, every kind of format
// character, invalid UTF-8, words without an end.
func hostile() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		part := rapid.OneOf(
			rapid.StringN(0, 12, -1),
			rapid.SampledFrom([]string{"\x1b[2J", "\x1b]0;title\x07", "\u009b1m", "\r", "\n\n", "\b\b", "\u202e", "\u2066", "\u200f", "\ufeff",
				"\xff\xfe", "\xe2\x28", "\u0301\u0301\u0301", "漢字かな", "👩🏽‍⚕️", " ", "\u00a0", "[NOT FOR PATIENT]", "<b>", "\u0000"}),
			rapid.Custom(func(t *rapid.T) string { return strings.Repeat("x", rapid.IntRange(1, 200).Draw(t, "n")) }),
		)
		return strings.Join(rapid.SliceOfN(part, 0, 6).Draw(t, "parts"), "")
	})
}

// poison replaces every string that v leads to.
func poison(v reflect.Value, draw func() string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), draw)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous {
				poison(v.Field(i), draw)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), draw)
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(draw())
		}
	}
}

// TestTerminalSafety puts hostile text into every field of a record and checks what would
// reach a terminal, byte for byte, and that no line is wider than the terminal.
func TestTerminalSafety(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := sample()
		texts := rapid.SliceOfN(hostile(), 1, 8).Draw(rt, "texts")
		n := 0
		poison(reflect.ValueOf(r), func() string { n++; return texts[n%len(texts)] })
		columns := rapid.IntRange(40, 130).Draw(rt, "columns")
		var b strings.Builder
		if err := Record(&b, r, Options{Width: columns, Now: now}); err != nil {
			rt.Fatal(err)
		}
		checkSafe(rt, b.String(), columns)
	})
}

func checkSafe(t rapid.TB, got string, columns int) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Fatal("invalid UTF-8")
	}
	for _, c := range got {
		if c != '\n' && (unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) && c != '\u200c' && c != '\u200d') {
			t.Fatalf("%U reaches the terminal", c)
		}
	}
	for line := range strings.Lines(got) {
		if w := width(strings.TrimRight(line, "\n")); w > columns {
			t.Fatalf("a line is %d columns wide, want at most %d: %q", w, columns, line)
		}
		if strings.HasSuffix(line, " \n") {
			t.Fatalf("a line ends with a space: %q", line)
		}
	}
}

// Without colour there is no escape sequence; with it, those of ours only.
func TestColour(t *testing.T) {
	r := sample()
	r.Areas.Allergies.Items[0].Text = "\x1b[5mPenicillin"
	if got := text(t, r); strings.Contains(got, "\x1b") {
		t.Error("an escape sequence without colour")
	}
	got := textAs(t, r, Options{Colour: true, Now: now})
	if strings.Contains(got, "\x1b[5m") {
		t.Error("an escape sequence of the record")
	}
	for _, code := range []string{"\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m"} {
		if !strings.Contains(got, code) {
			t.Errorf("no %q in coloured text", code)
		}
		got = strings.ReplaceAll(got, code, "")
	}
	if got != textAs(t, r, Options{Now: now}) {
		t.Error("colour changes more than the colour")
	}
}

func TestSentencesLoseNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.StringMatching(`([A-Z][a-z .]{0,6}[.][ \n]?){0,5}`).Draw(rt, "text")
		got := strings.Join(sentences(in), "")
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(got) != squeeze(in) {
			rt.Errorf("got %q of %q", got, in)
		}
	})
}

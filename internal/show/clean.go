package show

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from a record safe to be shown. Line breaks stay, whatever they were
// written as, and tabs are spaces. What would move the cursor, change the terminal or the
// direction of reading, or be there unseen, is replaced by something that is seen: a
// control character by its picture (ESC by ␛), the rest by U+FFFD. The joiners that scripts
// and emoji need stay.
func clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t':
			return ' '
		case r < 0x20:
			return 0x2400 + r
		case r == 0x7f:
			return '\u2421'
		case r == '\u00ad': // a soft hyphen is a place to break, no character
			return -1
		case unsafe(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// unsafe: the control characters C0, C1 and DEL, line and paragraph separators, and the
// characters of format (bidirectional controls, zero-width spaces, tags) but for the joiners.
func unsafe(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0xad || r == '\u200c' || r == '\u200d':
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// scrub cleans every string that v, a pointer, leads to. A sheet is scrubbed as a whole, so
// that no field of it can be forgotten.
func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scrub(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scrub(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scrub(v.Index(i))
		}
	case reflect.String:
		v.SetString(clean(v.String()))
	}
}

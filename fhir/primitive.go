package fhir

import (
	"errors"
	"strconv"
)

// Bool is a boolean that may be absent.
type Bool int8

const (
	Absent Bool = 0
	True   Bool = 1
	False  Bool = -1
)

// IsTrue is false for an absent boolean.
func (b Bool) IsTrue() bool { return b == True }

// IsFalse is false for an absent boolean.
func (b Bool) IsFalse() bool { return b == False }

func (b Bool) String() string {
	switch b {
	case True:
		return "true"
	case False:
		return "false"
	}
	return "absent"
}

var errNotBool = errors.New("not a boolean")

// UnmarshalJSON takes "true" and "false" as strings too, as some providers send them.
func (b *Bool) UnmarshalJSON(data []byte) error { return b.setRaw(string(data)) }

func (b *Bool) setRaw(raw string) error {
	switch raw {
	case "true", `"true"`:
		*b = True
	case "false", `"false"`:
		*b = False
	case "null":
		*b = Absent
	default:
		return errNotBool
	}
	return nil
}

// MarshalJSON writes null for an absent boolean.
func (b Bool) MarshalJSON() ([]byte, error) {
	if b == Absent {
		return []byte("null"), nil
	}
	return []byte(b.String()), nil
}

// Decimal is a number as the provider wrote it: "1.50" is not "1.5", a result's digits say
// how exact it is. Integers are kept the same way. It may hold text that is no number,
// when a provider sent such a string; see [Decimal.Float].
type Decimal string

var errNotNumber = errors.New("not a number")

// UnmarshalJSON takes a number in quotes too.
func (d *Decimal) UnmarshalJSON(data []byte) error { return d.setRaw(string(data)) }

func (d *Decimal) setRaw(raw string) error {
	switch c := raw[0]; {
	case c == '-' || c >= '0' && c <= '9':
		*d = Decimal(raw)
	case c == '"':
		*d = Decimal(unquoted(raw))
	case raw == "null":
		*d = ""
	default:
		return errNotNumber
	}
	return nil
}

// MarshalJSON writes the number as it was written; null when absent, a string when it is
// no JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	if !d.isNumber() {
		return []byte(strconv.QuoteToASCII(string(d))), nil
	}
	return []byte(d), nil
}

// Float is the number's nearest float64, for charts and comparisons, not for display.
func (d Decimal) Float() (float64, bool) {
	if !d.isNumber() {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(d), 64)
	return f, err == nil
}

// Int is the number when it is a whole one.
func (d Decimal) Int() (int, bool) {
	n, err := strconv.Atoi(string(d))
	return n, err == nil
}

// isNumber goes by the grammar of JSON numbers: ParseFloat would also take "Inf" and "0x1p-2".
func (d Decimal) isNumber() bool {
	s := string(d)
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	whole, s := cutDigits(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if s != "" && s[0] == '.' {
		var fraction string
		if fraction, s = cutDigits(s[1:]); fraction == "" {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		var exponent string
		if exponent, s = cutDigits(s); exponent == "" {
			return false
		}
	}
	return s == ""
}

// cutDigits splits s after its leading ASCII digits.
func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

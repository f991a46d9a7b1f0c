package fhir

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
)

// NHSNumber is a valid NHS number, or none when zero. It does not show itself: String,
// every fmt verb, JSON and slog give ******0009. [NHSNumber.Digits] gives the number, and
// is the one word to search for where numbers leave the program.
//
// NHSNumbers are comparable with == and may be map keys within one process.
type NHSNumber struct {
	// sealed is the number under a mask that differs from run to run, because fmt looks into
	// unexported fields of other structs without asking Format.
	sealed uint64
}

// mask has its top bit set, so that no number is sealed as zero, which means none.
var mask = rand.Uint64() | 1<<63

// ErrNHSNumber is that a text is no NHS number; the others are why, and are it as well.
var (
	ErrNHSNumber             = errors.New("not an NHS number")
	ErrNHSNumberLength error = noNumber("it would have ten digits")
	ErrNHSNumberDigits error = noNumber("it would have digits only")
	ErrNHSNumberCheck  error = noNumber("the check digit does not agree")
)

// noNumber is why. It is a type because formatting at the start of the program is dear.
type noNumber string

func (why noNumber) Error() string { return ErrNHSNumber.Error() + ": " + string(why) }

func (why noNumber) Unwrap() error { return ErrNHSNumber }

// ParseNHSNumber takes ten digits, with spaces and hyphens anywhere between them. The last
// digit is checked (modulus 11). The error says what is wrong and never quotes the text.
func ParseNHSNumber(s string) (NHSNumber, error) {
	var value, sum uint64
	digits := uint64(0)
	for _, c := range s {
		switch {
		case c == ' ' || c == '-':
			continue
		case c < '0' || c > '9':
			return NHSNumber{}, ErrNHSNumberDigits
		case digits == 10:
			return NHSNumber{}, ErrNHSNumberLength
		}
		d := uint64(c - '0')
		sum += d * (10 - digits) // weights 10, 9, ... 2, and 1 for the check digit
		value = value*10 + d
		digits++
	}
	if digits != 10 {
		return NHSNumber{}, ErrNHSNumberLength
	}
	// The check digit makes up a multiple of 11. Where that would take a 10, no digit does:
	// such numbers are not issued.
	if sum%11 != 0 {
		return NHSNumber{}, ErrNHSNumberCheck
	}
	return NHSNumber{sealed: value ^ mask}, nil
}

// IsZero says whether there is no number.
func (n NHSNumber) IsZero() bool { return n.sealed == 0 }

// Digits is the number itself, ten digits; "" when there is none.
func (n NHSNumber) Digits() string {
	if n.IsZero() {
		return ""
	}
	return fmt.Sprintf("%010d", n.sealed^mask)
}

// String shows the last four digits only; "" when there is no number.
func (n NHSNumber) String() string {
	if n.IsZero() {
		return ""
	}
	return "******" + n.Digits()[6:]
}

// Format is String, whatever the verb.
func (n NHSNumber) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }

// GoString is String.
func (n NHSNumber) GoString() string { return n.String() }

// LogValue is String.
func (n NHSNumber) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText is String: to put the number itself into JSON, put Digits there.
func (n NHSNumber) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

package sdslookup

import (
	"fmt"
	"strings"
)

// Interaction is a Spine interaction ID. It is compared case by case and never altered.
type Interaction string

const interactionPrefix = "urn:nhs:names:services:"

// ParseODS returns an ODS code as the directory spells it: trimmed, in capitals, 3 to 12 letters and
// digits. Ten digits alone are refused: no ODS code looks like that, an NHS number does.
func ParseODS(s string) (string, error) {
	code := strings.TrimSpace(s)
	switch {
	case code == "":
		return "", invalid("an ODS code is missing")
	case len(code) < 3 || len(code) > 12 || !consistsOf(code, isAlphanumeric): // before ToUpper, which makes an S of ſ
		return "", invalid("%s is not an ODS code: 3 to 12 letters and digits are expected", quote(s))
	case len(code) == 10 && consistsOf(code, isDigit):
		return "", invalid("ten digits are not an ODS code (an NHS number, perhaps?)")
	}
	return strings.ToUpper(code), nil
}

// ParseInteraction checks that s is an interaction ID. Case counts, so nothing is changed.
func ParseInteraction(s string) (Interaction, error) {
	rest, ok := strings.CutPrefix(s, interactionPrefix)
	switch {
	case s == "":
		return "", invalid("an interaction ID is missing")
	case !ok:
		return "", invalid("%s is not an interaction ID: it does not begin with %s", quote(s), interactionPrefix)
	case rest == "" || len(s) > 256 || !consistsOf(rest, isInteractionByte):
		return "", invalid("%s is not an interaction ID: letters, digits and : . _ $ - are expected after %s", quote(s), interactionPrefix)
	}
	return Interaction(s), nil
}

func invalid(format string, args ...any) error {
	return &Error{Kind: ErrInvalid, Err: fmt.Errorf(format, args...)}
}

// quote shows foreign text in an error: short, escaped, and not at all where it might hold an NHS number.
func quote(s string) string {
	if longestNumber(s) >= 10 {
		return "(text with a long number, not repeated)"
	}
	if r := []rune(s); len(r) > 128 {
		return fmt.Sprintf("%q…", string(r[:128]))
	}
	return fmt.Sprintf("%q", s)
}

// longestNumber counts the digits of the longest number in s, written with or without spaces and hyphens.
func longestNumber(s string) int {
	longest, n := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			n++
		case c != ' ' && c != '-':
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

func consistsOf(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isLetter(c byte) bool       { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) }

func isInteractionByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte(":._$-", c) >= 0
}

package sandbox

import "strings"

// mask hides all but the last four digits of whatever looks like an NHS number: ten digits
// in a row that no eleventh adjoins, or three, three and four as people write them.
func mask(s string) string {
	out := []byte(s)
	for i := 0; i < len(out); {
		n := 0
		for i+n < len(out) && out[i+n] >= '0' && out[i+n] <= '9' {
			n++
		}
		switch {
		case n == 10:
			copy(out[i:], "******")
		case n == 12 && i > 0 && out[i-1] == '%': // the first two are an escape's
			copy(out[i+2:], "******")
		case n == 3:
			maskWritten(out[i:])
		case n == 5 && i > 0 && out[i-1] == '%':
			maskWritten(out[i+2:])
		}
		i += max(n, 1)
	}
	return string(out)
}

// maskWritten hides a number that is written in groups, if one begins here.
func maskWritten(b []byte) {
	for _, separator := range []string{" ", "-", "+", "%20"} {
		second := 3 + len(separator)
		third := second + second
		end := third + 4
		if len(b) < end || string(b[3:second]) != separator || string(b[second+3:third]) != separator || len(b) > end && isDigit(b[end]) {
			continue
		}
		digits := string(b[:3]) + string(b[second:second+3]) + string(b[third:end])
		if strings.Trim(digits, "0123456789") == "" {
			copy(b, "***")
			copy(b[second:], "***")
			return
		}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

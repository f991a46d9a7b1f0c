package show

import (
	"strings"
	"unicode"
)

// wide are the characters that take two columns in a terminal: East Asian wide and
// full-width ones and emoji, by their blocks.
var wide = []struct{ from, to rune }{
	{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2e80, 0x303e}, {0x3041, 0x33ff},
	{0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xa960, 0xa97f},
	{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60},
	{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff},
	{0x20000, 0x3fffd},
}

// columns is how many columns r takes: none for what combines with the character before it.
func columns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r == '\u200c' || r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	for _, w := range wide {
		if r >= w.from && r <= w.to {
			return 2
		}
	}
	return 1
}

// width is how many columns s takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += columns(r)
	}
	return n
}

// split cuts s after as many characters as fit into n columns, at least one of them, and
// never between a character and what combines with it.
func split(s string, n int) (head, tail string) {
	used := 0
	for i, r := range s {
		c := columns(r)
		if i > 0 && c > 0 && used+c > n {
			return s[:i], s[i:]
		}
		used += c
	}
	return s, ""
}

// pad fills s up with spaces to n columns, on the left when right is set.
func pad(s string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-width(s)))
	if right {
		return fill + s
	}
	return s + fill
}

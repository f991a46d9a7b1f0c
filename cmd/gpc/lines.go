package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// newLines lines up what stands between tabs.
func newLines(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// lines are names and values, a line each, or as many as a terminal of that width needs (0: no
// terminal).
func lines(b *bytes.Buffer, width int, all [][2]string) {
	indent := 0
	for _, l := range all {
		indent = max(indent, utf8.RuneCountInString(l[0])+2)
	}
	for _, l := range all {
		fmt.Fprintf(b, "%-*s%s\n", indent, l[0], fold(orDash(shown(l[1])), width, indent))
	}
}

// fold breaks a text between words, so that with what stands before it, which is as wide as the
// indent of its further lines, it fits into the width. A word that is longer stays whole.
func fold(text string, width, indent int) string {
	return foldWords(text, strings.Fields(text), width, indent)
}

// foldSaid is fold for what gpc says itself: a command between ` and ` counts as one word, so
// that it can be copied.
func foldSaid(text string, width, indent int) string {
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		if !strings.HasPrefix(strings.TrimLeft(words[i], "([\"'"), "`") || strings.Count(words[i], "`")%2 == 0 {
			continue
		}
		end := slices.IndexFunc(words[i+1:], func(w string) bool { return strings.Count(w, "`")%2 == 1 })
		if end < 0 {
			break
		}
		words = slices.Replace(words, i, i+end+2, strings.Join(words[i:i+end+2], " "))
	}
	return foldWords(text, words, width, indent)
}

func foldWords(text string, words []string, width, indent int) string {
	if width <= indent {
		return text
	}
	var b strings.Builder
	at := indent
	for i, word := range words {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// cell is a text of somebody else's as a field of csv: an apostrophe keeps a spreadsheet from
// taking it for a formula. What is a number, or a telephone number, is none.
func cell(text string) string {
	text = shown(text)
	if text == "" || !strings.ContainsRune("=+-@", rune(text[0])) || strings.Trim(text, "+-0123456789 ().") == "" && text[0] != '=' {
		return text
	}
	return "'" + text
}

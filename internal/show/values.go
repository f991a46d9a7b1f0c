package show

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// valueText is a value as it is read out.
func valueText(v *record.Value) string {
	if v == nil {
		return ""
	}
	return clinical(strings.Replace(v.Text, string(v.Number), digits(v.Number), 1))
}

// clinical is a measured value with those units of UCUM that nobody in a clinic writes so as
// they do write them.
func clinical(value string) string {
	if v, ok := strings.CutSuffix(value, "Cel"); ok && (v == "" || strings.HasSuffix(v, " ")) {
		return v + "°C"
	}
	return strings.ReplaceAll(value, "mm[Hg]", "mmHg")
}

// digits is a number as it was sent, but for one with 16 digits and more: that many come
// from a system that keeps numbers in binary ("5.7000000000000002"), and the shortest
// number of the same binary value says what was measured.
func digits(d fhir.Decimal) string {
	f, ok := d.Float()
	if !ok || len(strings.Trim(string(d), "-0.")) <= 16 {
		return string(d)
	}
	if s := strconv.FormatFloat(f, 'f', -1, 64); len(s) < len(d) {
		return s
	}
	return string(d)
}

// mark is an interpretation in words, and whether it only says normal. The words are the
// record's; codes of v2/0078 alone are spelt out.
func mark(c *record.Concept) (text string, normal bool) {
	if c == nil {
		return "", false
	}
	for _, k := range append([]record.Code{{Code: c.Text}}, c.Codes...) {
		if w := markWord(k.Code); w != "" {
			text = cmp.Or(text, w)
		}
	}
	if c.Text != "" && markWord(c.Text) == "" && !strings.EqualFold(c.Text, text) {
		if known := strings.ToUpper(c.Text); width(known) <= 12 {
			return known, known == "NORMAL"
		}
		return join(": ", text, c.Text), false
	}
	return text, text == "NORMAL"
}

func markWord(code string) string {
	switch code {
	case "H":
		return "HIGH"
	case "HH":
		return "VERY HIGH"
	case "L":
		return "LOW"
	case "LL":
		return "VERY LOW"
	case "A":
		return "ABNORMAL"
	case "AA":
		return "VERY ABNORMAL"
	case "PA":
		return "POTENTIALLY ABNORMAL"
	case "N":
		return "NORMAL"
	}
	return ""
}

// ranges are the reference ranges in words.
func ranges(all []record.Range) string {
	var texts []string
	for _, r := range all {
		text := r.Text
		if r.Meaning != "" && !strings.Contains(text, r.Meaning) {
			text = join(" ", text, "("+r.Meaning+")")
		}
		texts = append(texts, clinical(text))
	}
	return join("; ", texts...)
}

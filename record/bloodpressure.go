package record

import (
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
)

// Blood pressures by their SNOMED codes ("Blood pressure triple"); those without a position
// may be combined freely.
var (
	panelCodes     = []string{"163020007", "386534000", "75367002", "163034007", "163035008", "163033001"}
	systolicCodes  = []string{"72313002", "271649006", "163030003", "400974009", "407554009", "407556006"}
	diastolicCodes = []string{"1091811000000102", "271650006", "163031004", "400975005", "407555005", "407557002"}
	positionCodes  = map[string][]string{
		"standing": {"163034007", "400974009", "400975005"},
		"sitting":  {"163035008", "407554009", "407555005"},
		"lying":    {"163033001", "407556006", "407557002"},
	}
)

// bloodPressure reads an observation with exactly two components, of which one is systolic
// and one diastolic by any of their codes; nil for all others. Real panels carry every sort of
// code, so that the panel's own is asked only where a half has words and no known code.
func bloodPressure(v *fhir.Observation) *BloodPressure {
	if len(v.Component) != 2 {
		return nil
	}
	a, b := v.Component[0], v.Component[1]
	halfA, halfB := half(a.Code), half(b.Code)
	if v.Code.AnyCode(panelCodes...) {
		halfA, halfB = coalesce(halfA, halfInWords(a.Code)), coalesce(halfB, halfInWords(b.Code))
	}
	// A half that nothing names is the other half, because the two were taken as one.
	if halfA == "" && halfB != "" && a.Code.IsZero() {
		halfA = otherHalf(halfB)
	}
	if halfB == "" && halfA != "" && b.Code.IsZero() {
		halfB = otherHalf(halfA)
	}
	if halfA == "" || halfB != otherHalf(halfA) {
		return nil
	}
	if halfA == "diastolic" {
		a, b = b, a
	}
	bp := &BloodPressure{Systolic: pressure(a), Diastolic: pressure(b), Position: position(v)}
	bp.Text = bloodPressureText(bp.Systolic.Value, bp.Diastolic.Value)
	return bp
}

func otherHalf(half string) string {
	if half == "systolic" {
		return "diastolic"
	}
	return "systolic"
}

// half says which half of a blood pressure a component is, by all of its codes: the first is
// often a Read code (2469, 246A, in several spellings).
func half(c fhir.CodeableConcept) string {
	for _, k := range c.Coding {
		read := strings.TrimRight(strings.TrimSuffix(k.Code, "00"), ".")
		switch {
		case slices.Contains(systolicCodes, k.Code), read == "2469" && k.System != fhir.SNOMED:
			return "systolic"
		case slices.Contains(diastolicCodes, k.Code), read == "246A" && k.System != fhir.SNOMED:
			return "diastolic"
		}
	}
	return ""
}

// halfInWords is half by what a component is called.
func halfInWords(c fhir.CodeableConcept) string {
	words := strings.ToLower(c.Display())
	switch systolic, diastolic := strings.Contains(words, "systolic"), strings.Contains(words, "diastolic"); {
	case systolic && !diastolic:
		return "systolic"
	case diastolic && !systolic:
		return "diastolic"
	}
	return ""
}

// position is how the patient was when it was taken, by the codes of the panel and of both
// halves; "" when they do not say, or differ.
func position(v *fhir.Observation) string {
	found := ""
	for name, of := range positionCodes {
		if v.Code.AnyCode(of...) || v.Component[0].Code.AnyCode(of...) || v.Component[1].Code.AnyCode(of...) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

func pressure(c fhir.ObservationComponent) Pressure {
	return Pressure{Value: value(c.ObservationValue), AbsentReason: concept(c.DataAbsentReason)}
}

// bloodPressureText is "120/80 mm[Hg]"; a half that is missing is a question mark, and units
// that differ stay with their halves.
func bloodPressureText(systolic, diastolic *Value) string {
	number := func(v *Value) (string, string) {
		switch {
		case v == nil:
			return "?", ""
		case v.Number == "":
			return v.Text, ""
		}
		return v.Comparator + string(v.Number), v.Unit
	}
	s, unitS := number(systolic)
	d, unitD := number(diastolic)
	if unitS != "" && unitD != "" && unitS != unitD {
		return s + " " + unitS + " / " + d + " " + unitD
	}
	return strings.TrimSpace(s + "/" + d + " " + coalesce(unitS, unitD))
}

package record

import (
	"fmt"
	"testing"
)

// Two values of a panel of blood pressure are a reading when codes or, failing these, words
// say which is which; without the panel, words say nothing.
func TestBloodPressureByItsPanelAndWords(t *testing.T) {
	const panel, other = "163020007", "163020099"
	for _, c := range []struct{ panel, first, second, want string }{
		{panel, `"coding":[{"code":"163030003"}]`, `"coding":[{"code":"163031004"}]`, "130/72 mm[Hg]"},
		{other, `"coding":[{"code":"163030003"}]`, `"coding":[{"code":"163031004"}]`, "130/72 mm[Hg]"},
		{panel, `"text":"Systolic BP"`, `"coding":[{"code":"1","display":"Diastolic reading"}]`, "130/72 mm[Hg]"},
		{panel, `"text":"Systolic BP"`, `"coding":[{"code":"271650006"}]`, "130/72 mm[Hg]"},
		{panel, `"text":"diastolic"`, `"text":"SYSTOLIC"`, "72/130 mm[Hg]"},
		{panel, `"text":"Systolic BP"`, `"text":"Pulse"`, ""},
		{panel, `"text":"Systolic and diastolic"`, `"text":"Systolic"`, ""},
		{panel, `"text":"Mean"`, `"text":"Pulse"`, ""},
		{other, `"text":"Systolic BP"`, `"text":"Diastolic BP"`, ""},
	} {
		r := recordOf(t, listOf(codeUncategorised, "Observation/o"), fmt.Sprintf(`{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},
			"code":{"coding":[{"system":"http://snomed.info/sct","code":%q}]},"component":[
			{"code":{%s},"valueQuantity":{"value":130,"unit":"mm[Hg]"}},{"code":{%s},"valueQuantity":{"value":72,"unit":"mm[Hg]"}}]}`, c.panel, c.first, c.second))
		got := ""
		if bp := r.Areas.Uncategorised.Items[0].BloodPressure; bp != nil {
			got = bp.Text
		}
		if got != c.want {
			t.Errorf("%s: %s, %s: got %q, want %q", c.panel, c.first, c.second, got, c.want)
		}
	}
}

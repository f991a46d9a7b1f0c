package show

import (
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/record"
)

var states = []struct {
	state    record.State
	withheld bool
	want     string
}{
	{record.StateNotRequested, false, "Not asked for; nothing is known."},
	{record.StateNone, false, "None recorded in the GP record."},
	{record.StateNone, true, "! Withheld: nothing was sent, because it is confidential."},
	{record.StateExplicitlyNone, false, "The GP record says that there is none."},
	{record.StateExplicitlyNone, true, "! Withheld: nothing was sent, because it is confidential."},
	{record.StateRecorded, false, "0 recorded."},
	{record.StateRecorded, true, "! 0 recorded; others were withheld."},
	{record.StateWithheld, true, "! Withheld: nothing was sent, because it is confidential."},
	{record.StateMissing, false, "! Missing: asked for and not answered; nothing can be concluded."},
	{record.StateDisabled, false, "! Switched off at the practice; nothing can be concluded."},
	{record.StateUnsupported, false, "! Not supported by the practice's system; nothing can be concluded."},
	{"of-tomorrow", false, "! In a state that is not known here (of-tomorrow); nothing can be concluded."},
}

func TestEveryStateHasItsSentence(t *testing.T) {
	for _, s := range states {
		r := sample()
		r.Areas.Diary = record.Area[record.DiaryEntry]{State: s.state, Withheld: s.withheld}
		if got := section(text(t, r), "Diary"); !strings.HasPrefix(got, s.want+"\n") {
			t.Errorf("%s, withheld %v: got\n%s\nwant first %q", s.state, s.withheld, got, s.want)
		}
	}
}

// An empty list of allergies, whatever its state, must never be read as "no allergies".
func TestEmptyAllergiesNeverSayNoKnownAllergies(t *testing.T) {
	for _, s := range states {
		r := sample()
		r.Areas.Allergies = record.AllergyArea{Area: record.Area[record.Allergy]{State: s.state, Withheld: s.withheld}}
		got := strings.ToLower(text(t, r))
		for _, never := range []string{"no known", "no allergies recorded", "nil known"} {
			if strings.Contains(got, never) {
				t.Errorf("%s, withheld %v: the text says %q", s.state, s.withheld, never)
			}
		}
	}
}

func TestSaysNone(t *testing.T) {
	none := func(text, code string) record.Allergy {
		return record.Allergy{Item: record.Item{Text: text, Codes: []record.Code{{Code: code}}}, SaysNone: true, Asserted: "2024-01-16T14:08:00+00:00"}
	}
	for _, c := range []struct {
		al       record.Allergy
		withheld bool
		want     string
	}{
		{none("NKA", "716186003"), false, "No known allergies (recorded on 16 Jan 2024)."},
		{none("No known food allergy", "429625007"), false, "No known food allergy (recorded on 16 Jan 2024)."},
		{record.Allergy{Item: record.Item{Text: "No known allergies"}, SaysNone: true}, false, "No known allergies (date of recording not known)."},
		{none("NKA", "716186003"), true, "! Withheld: others than these were not sent, because they are confidential."},
	} {
		r := sample()
		r.Areas.Allergies = record.AllergyArea{Area: record.Area[record.Allergy]{
			State: record.StateExplicitlyNone, Withheld: c.withheld, Items: []record.Allergy{c.al}}}
		if got := section(text(t, r), "Allergies"); !strings.HasPrefix(got, c.want+"\n") {
			t.Errorf("%s: got\n%s\nwant first %q", c.al.Text, got, c.want)
		}
	}
}

func TestReasonsNotesAndSavedAnswers(t *testing.T) {
	r := sample()
	r.Source.Saved = true
	r.Areas.Diary = record.Area[record.DiaryEntry]{State: record.StateNone, EmptyReason: "No Content Recorded", Notes: []string{"Information not available"}}
	r.Areas.Referrals = record.Area[record.Referral]{State: record.StateNotRequested}
	r.Areas.Investigations = record.Area[record.Investigation]{State: record.StateMissing, EmptyReason: "Unavailable"}
	r.Areas.Documents = record.Area[record.Document]{State: record.StateNotRequested}
	got := text(t, r)
	for area, want := range map[string]string{
		"Diary":          "None recorded in the GP record. (Reason given: No Content Recorded)\nNote: Information not available\n",
		"Referrals":      "Not asked for, or not answered: it is not in the saved answer. Nothing is known.\n",
		"Investigations": "! Missing: the list came empty; nothing can be concluded. (Reason given:\n  Unavailable)\n",
		"Documents":      "No item of this record points to a document, and documents cannot be asked for\nwith a record. There may be some.\n",
	} {
		if s := section(got, area); !strings.HasPrefix(s, want) {
			t.Errorf("%s: got\n%s\nwant first\n%s", area, s, want)
		}
	}
	if !strings.Contains(got, "read from a saved") {
		t.Error("that the answer was saved is not said")
	}
}

// Where only a part was asked for, nothing is said of the rest.
func TestNoneOfAPart(t *testing.T) {
	r := sample()
	part := record.Warning{Kind: record.WarnNotWhole, Area: record.Medications, Text: "Only medication active on or after 2025-01-01 was asked for: there may be more."}
	r.Areas.Medications = record.MedicationArea{Area: record.Area[record.Medication]{State: record.StateNone, Warnings: []record.Warning{part}}}
	want := "None recorded in the part of the GP record that was asked for.\n"
	if got := section(text(t, r), "Medications"); !strings.HasPrefix(got, want) || !strings.Contains(strings.Join(strings.Fields(got), " "), part.Text) {
		t.Errorf("got\n%s\nwant first %q, and the warning", got, want)
	}
}

// Repeating the same notes for each list buries them: each is told once, and no code is lost.
func TestCautions(t *testing.T) {
	const transit, hidden = "Transfer not complete; before 14-Sep-2026 may be missing.", "Items excluded."
	var all []record.Warning
	for _, a := range []record.AreaName{record.Allergies, record.Diary} {
		all = append(all,
			record.Warning{Kind: record.WarnInTransit, Code: "data-in-transit", Area: a, Text: transit + " " + hidden},
			record.Warning{Kind: record.WarnConfidential, Code: "confidential-items", Area: a, Text: hidden + "\r\n" + transit})
	}
	all = append(all, record.Warning{Kind: record.WarnOtherCode, Code: "new-code", Area: record.Diary, Text: "Something new"},
		record.Warning{Kind: record.WarnUnresolved, Area: record.Diary, Text: "Items did not come.", Count: 2},
		record.Warning{Kind: record.WarnUnresolved, Area: record.Diary, Text: "Items did not come.", Count: 1})
	r := &record.Record{Warnings: all}
	got := strings.Join(strings.Fields(section(text(t, r), "WARNINGS (4)")), " ")
	want := "! The previous practice's record has not arrived in full (data-in-transit): Allergies, Diary" +
		" ! Items were withheld as confidential (confidential-items): Allergies, Diary" +
		" ! A list carries a warning that is not known here (new-code): Diary" +
		" ! Items did not come: Diary (3 items)" +
		" In full: " + transit + " " + hidden + " Something new"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// section is what stands under a heading of the text.
func section(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n"+heading+" ─")
	_, rest, _ = strings.Cut(rest, "\n")
	lines := strings.SplitAfter(rest, "\n")
	for i, l := range lines {
		if strings.HasSuffix(l, "───\n") {
			return strings.Join(lines[:i], "")
		}
	}
	return rest
}

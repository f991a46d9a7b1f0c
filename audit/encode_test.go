package audit

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEncode: an entry's encoding is that of encoding/json, whatever is in it.
func TestEncode(t *testing.T) {
	number := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 1<<31))
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[A-Za-z0-9:/._$* -]{0,40}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		s := func(what string) string { return text.Draw(t, what) }
		n := func(what string) int { return number.Draw(t, what) }
		e := Entry{
			Seq: uint64(n("seq")), Prev: s("prev"), Kind: Kind(s("kind")), Trace: s("trace"),
			Time: time.Unix(int64(n("seconds")), int64(n("nanoseconds"))).UTC(),
			Op:   s("op"), Interaction: s("interaction"), Practice: s("practice"), From: s("from"), To: s("to"), Patient: s("patient"),
			Organisation: Organisation{s("ods"), s("organisation")},
			User:         User{s("id"), s("name"), s("sds id"), s("role"), s("system"), s("local")},
			Device:       Device{s("device system"), s("device"), s("model"), s("version")},
			Reason:       s("reason"), Scope: s("scope"), Remarks: rapid.SliceOfN(text, 0, 3).Draw(t, "remarks"), Attempt: n("attempt"),
			Result: s("result"), Status: n("status"), Bytes: n("bytes"), Layer: s("layer"), Codes: rapid.SliceOfN(text, 1, 3).Draw(t, "codes"),
			Duration: float64(n("duration")) / 1000,
			Format:   s("format"), TornBytes: int64(n("torn")), TornSHA256: s("sum"), Unbegun: n("unbegun"), Unended: n("unended"), Hash: s("hash"),
		}
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(e.encode(nil)); got != string(want) {
			t.Fatalf("\n got %s\nwant %s", got, want)
		}
	})
	resumed := Entry{Kind: Resumed, Time: time.Unix(0, 0).UTC()}
	if got, want := string(resumed.encode(nil)), `{"kind":"resumed","time":"1970-01-01T00:00:00Z"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

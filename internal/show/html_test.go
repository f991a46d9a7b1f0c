package show

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gpconnect-go/gpc/record"
)

// pageOf is r as a page.
func pageOf(t rapid.TB, r *record.Record) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r, Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readable is what a page says, without its markup and its style sheet.
func readable(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page, "")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
}

func TestPageHoldsWhatTheTextHolds(t *testing.T) {
	for name, data := range people(t) {
		t.Run(name, func(t *testing.T) {
			r := view(t, data)
			got := squeeze(readable(pageOf(t, r)))
			for _, a := range readOut(r, now).Areas {
				if !strings.Contains(got, squeeze(a.Title+a.Sentence)) {
					t.Errorf("the page does not say: %s %s", a.Title, a.Sentence)
				}
			}
			n := 0
			eachItem(reflect.ValueOf(r.Areas), func(it record.Item, narrative bool) {
				n++
				if !narrative && !strings.Contains(got, squeeze(clean(it.Text))) {
					t.Errorf("item %d of the record is not on the page", n)
				}
			})
		})
	}
}

// TestPolicy: the policy forbids all but the style sheet, by the digest of what is really there.
func TestPolicy(t *testing.T) {
	got := pageOf(t, sample())
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(got)
	if style == nil {
		t.Fatal("no style sheet")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-` +
		html.EscapeString(base64.StdEncoding.EncodeToString(sum[:])) + `&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">`
	if !strings.Contains(strings.ReplaceAll(got, "&#43;", "+"), strings.ReplaceAll(want, "&#43;", "+")) {
		t.Errorf("got no %s", want)
	}
	if before, _, _ := strings.Cut(got, "<style>"); !strings.Contains(before, "Content-Security-Policy") {
		t.Error("the policy comes after the style sheet")
	}
}

// tags are the elements and the attributes that a page may have.
var (
	anyTag    = regexp.MustCompile(`<(/?)([A-Za-z!][A-Za-z0-9]*)((?:[^>"]|"[^"]*")*)>`)
	attribute = regexp.MustCompile(`([A-Za-z-]+)(?:="([^"]*)")?`)
)

// checkInert fails when a page could run, fetch or send anything, or when markup of the
// record has become markup of the page.
func checkInert(t rapid.TB, page string) {
	t.Helper()
	known := map[string]bool{}
	for e := range strings.FieldsSeq(`!DOCTYPE html head meta title style body a header h1 h2 h3 h4 h5 h6 p dl dt dd div main section ul ol li strong b span nav
		article table thead tbody tr th td svg text line rect path circle figure figcaption details summary br`) {
		known[e] = true
	}
	for _, m := range anyTag.FindAllStringSubmatch(page, -1) {
		if !known[m[2]] {
			t.Fatalf("the page has an element %q", m[2])
		}
		for _, a := range attribute.FindAllStringSubmatch(m[3], -1) {
			name := strings.ToLower(a[1])
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "src", name == "srcset", name == "action", name == "data":
				t.Fatalf("<%s> has an attribute %s", m[2], name)
			case name == "href" && !strings.HasPrefix(a[2], "#"):
				t.Fatalf("a link leads out of the page: %s", a[2])
			}
		}
	}
}

func TestPageIsInert(t *testing.T) {
	checkInert(t, pageOf(t, sample()))
	for name, data := range people(t) {
		t.Run(name, func(t *testing.T) { checkInert(t, pageOf(t, view(t, data))) })
	}
}

func TestPageSafety(t *testing.T) {
	evil := rapid.SampledFrom([]string{"<script>alert(1)</script>", "</style><script>", "</title><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>",
		"' onmouseover='x", "javascript:alert(1)", "<!--", "-->", "]]>", "&lt;b&gt;", "{{.}}", "</td></tr></table>", "\x00", "\u202e", "`"})
	rapid.Check(t, func(rt *rapid.T) {
		r := sample()
		texts := rapid.SliceOfN(rapid.OneOf(evil, hostile()), 1, 8).Draw(rt, "texts")
		n := 0
		poison(reflect.ValueOf(r), func() string { n++; return texts[n%len(texts)] })
		got := pageOf(rt, r)
		checkInert(rt, got)
		if i := strings.IndexFunc(got, unsafe); i >= 0 {
			rt.Fatalf("%U is on the page", []rune(got[i:])[0])
		}
	})
}

// The box of a part of an area tells the area's state, and how many of its items it has.
func TestGlance(t *testing.T) {
	r := sample()
	r.Areas.Allergies.State, r.Areas.Allergies.Withheld = record.StateRecorded, true
	r.Areas.Diary = record.Area[record.DiaryEntry]{State: record.StateMissing}
	cards := map[string]card{}
	for _, c := range glance(readOut(r, now)) {
		cards[c.Title] = c
	}
	for title, want := range map[string]struct {
		sentence string
		entries  int
	}{
		"Allergies":          {"2 recorded; others were withheld.", 2},
		"Current medication": {"6 recorded. Current: 3.", 3},
		"Active problems":    {"2 recorded; others were withheld. Active: 1.", 1},
		"Planned":            {"Missing: asked for and not answered; nothing can be concluded.", 0},
	} {
		if got := cards[title]; got.Sentence != want.sentence || len(got.Entries) != want.entries {
			t.Errorf("%s: got %q with %d entries, want %q with %d", title, got.Sentence, len(got.Entries), want.sentence, want.entries)
		}
	}
}

// Every sheet of paper says whose record it is, whatever is in the name.
func TestSheetsOfPaperAreNamed(t *testing.T) {
	r := sample()
	r.Patient.Name, r.Patient.NHSNumber, r.Patient.BirthDate = `O"BRIEN; } </style> \0, Zoë`, "9000000008", "1952-03-12"
	head := regexp.MustCompile(`@top-left \{ content: "((?:\\[0-9a-f]{6})+)";`).FindStringSubmatch(pageOf(t, r))
	if head == nil {
		t.Fatal("got no head of the sheet that is told by numbers alone")
	}
	var got strings.Builder
	for code := range strings.SplitSeq(head[1][1:], `\`) {
		n, err := strconv.ParseInt(code, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteRune(rune(n))
	}
	if want := `O"BRIEN; } </style> \0, Zoë · NHS number 900 000 0008 (Number present and verified) [NOT AN NHS NUMBER] · Born 12 Mar 1952 (74 years)`; strings.ReplaceAll(got.String(), nbsp, " ") != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

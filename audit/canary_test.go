package audit

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// TestCanary plants a patient wherever the other side, or a careless error,
// could bring one along, and looks for it in all that the journal leaves.
func TestCanary(t *testing.T) {
	const digits, name, token = "9476719931", "Zyxwvut", "eyJhbGciOiJub25lIn0"
	path := newPath(t)
	j := openAt(t, path)
	e := attempt("5cbbaeb1-39ad-4c4e-8a1f-3a2f4ad7e4f5")
	e.Patient = number(t, digits)
	e.Remarks = []string{"override not-registered: she says her number is 947 671 9931"}
	if err := j.Begin(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Status, e.Layer = 422, client.LayerProvider
	e.Codes = []client.Code{client.InvalidNHSNumber, client.Code(digits), client.Code("PATIENT_" + digits), client.Code("Patient " + name), client.Code("947-671-9931")}
	e.Err = fmt.Errorf("no record for %s %s with %s: %w", name, digits, token, client.ErrRefused)
	j.End(t.Context(), e)
	e.Attempt = 0
	j.End(t.Context(), e)
	closed(t, j)
	appendTo(t, path, "{\"torn")
	j = openAt(t, path)
	closed(t, j)
	closedErr := j.Begin(t.Context(), e)

	left := string(content(t, path)) + string(content(t, path+".head")) + fmt.Sprint(closedErr) + fmt.Sprintf("%+v", entries(t, path))
	for _, planted := range []string{
		digits, "947-671-9931", "947 671 9931", name, token,
		base64.StdEncoding.EncodeToString([]byte(digits)), hex.EncodeToString([]byte(digits)), string(testKey.secret), hex.EncodeToString(testKey.secret),
	} {
		if strings.Contains(left, planted) {
			t.Errorf("%q is in what the journal leaves", planted)
		}
	}
	if !strings.Contains(left, testKey.Pseudonym(e.Patient)) {
		t.Error("the patient's pseudonym is not in the journal")
	}
	folder, err := os.ReadDir(strings.TrimSuffix(path, "/audit.jsonl"))
	if err != nil || len(folder) != 2 {
		t.Errorf("got %d files, %v; want the journal and its head", len(folder), err)
	}
}

// TestEntry: what consumer obligations name is in the lines, and comes back
// from them.
func TestEntry(t *testing.T) {
	path := newPath(t)
	j, err := Open(Config{Path: path, Key: testKey, Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	e := attempt("t-1")
	e.Patient = number(t, "9000000009")
	e.Remarks = []string{"not traced: --no-trace", "override deceased: seen today at 10:30"}
	e.Device = client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "1.0.0"}
	if err := j.Begin(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Status, e.Duration, e.Layer, e.Bytes = 403, 1234567*time.Nanosecond, client.LayerProvider, 812
	e.Codes, e.Err = []client.Code{client.NoPatientConsent}, errors.Join(errors.New("x"), client.ErrRefused)
	j.End(t.Context(), e)
	closed(t, j)

	all := entries(t, path)
	want := Entry{
		Kind: Begin, Trace: "t-1", Op: "get the structured record", Interaction: string(client.GetStructuredRecord),
		Practice: "A12345", From: "200000000359", To: "918999198820", Patient: testKey.Pseudonym(e.Patient),
		Organisation: Organisation{ODS: "A11111", Name: "Example Organisation"},
		User:         User{ID: "10019", Name: "Dr Melissa Slade", SDSUserID: "111122223333"},
		Device:       Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "1.0.0"},
		Reason:       "directcare", Scope: "patient/*.read", Attempt: 1,
		Remarks: e.Remarks,
	}
	same(t, all[1], want)
	want.Kind, want.Result, want.Status, want.Bytes, want.Layer, want.Duration = End, "refused", 403, 812, "provider", 1.234
	want.Codes = []string{"NO_PATIENT_CONSENT"}
	same(t, all[2], want)
}

func same(t *testing.T, got, want Entry) {
	t.Helper()
	if got.Time.IsZero() || got.Time.Location() != time.UTC || got.Hash == "" || got.Prev == "" || got.Seq == 0 {
		t.Errorf("got %+v, want a time in UTC, a number and hashes", got)
	}
	want.Time, want.Seq, want.Prev, want.Hash = got.Time, got.Seq, got.Prev, got.Hash
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

func TestResults(t *testing.T) {
	for want, err := range map[string]error{
		Answered:      nil,
		"refused":     client.ErrRefused,
		"not-found":   errors.Join(client.ErrNotFound, client.ErrRefused),
		"certificate": errors.Join(client.ErrRefused, client.ErrCertificate),
		"no-answer":   client.ErrNoAnswer,
		"unreadable":  client.ErrUnreadable,
		"invalid":     client.ErrInvalid,
		"vetoed":      client.ErrVetoed,
		"cancelled":   fmt.Errorf("x: %w", context.Canceled),
		"deadline":    errors.Join(client.ErrNoAnswer, context.DeadlineExceeded),
		"failed":      errors.New("anything"),

		"outcome-unknown":      errors.Join(context.DeadlineExceeded, client.ErrOutcomeUnknown),
		"slot-taken":           errors.Join(client.ErrRefused, client.ErrSlotTaken),
		"provider-unreachable": errors.Join(client.ErrNoAnswer, client.ErrProviderUnreachable),
		"client-certificate":   errors.Join(client.ErrCertificate, client.ErrRefused, client.ErrClientCertificate),
	} {
		if got := resultOf(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestTooLong: a line that no reader would take is refused, and so is its
// call; as an end it is counted.
func TestTooLong(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	e := attempt("t-1")
	e.By.Family = strings.Repeat("x", maxLine)
	if err := j.Begin(t.Context(), e); err == nil {
		t.Error("Begin: got nil, want an error")
	}
	j.End(t.Context(), e)
	begin(t, j, "t-2")
	closed(t, j)
	if r, err := VerifyFile(path); err != nil || r.Begun != 1 || r.Resumed != 1 {
		t.Errorf("got %+v, %v; want one begun and the lost end counted", r, err)
	}
}

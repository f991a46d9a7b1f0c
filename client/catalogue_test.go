package client

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

// classIdentifiers are the classes by their names in Go.
var classIdentifiers = map[error]string{
	ErrRefused: "ErrRefused", ErrNotFound: "ErrNotFound", ErrNoAnswer: "ErrNoAnswer", ErrUnreadable: "ErrUnreadable", ErrInvalid: "ErrInvalid",
	ErrCertificate: "ErrCertificate", ErrClientCertificate: "ErrClientCertificate", ErrNotEnabled: "ErrNotEnabled", ErrDuplicate: "ErrDuplicate",
	ErrVersionConflict: "ErrVersionConflict", ErrSenderNotAccredited: "ErrSenderNotAccredited", ErrReceiverNotAccredited: "ErrReceiverNotAccredited",
	ErrNoSharingAgreement: "ErrNoSharingAgreement", ErrEndpointVaries: "ErrEndpointVaries", ErrProviderUnreachable: "ErrProviderUnreachable",
	ErrThrottled: "ErrThrottled", ErrVetoed: "ErrVetoed", ErrRehearsed: "ErrRehearsed", ErrSlotTaken: "ErrSlotTaken", ErrOutcomeUnknown: "ErrOutcomeUnknown",
	ErrUnsettled: "ErrUnsettled",
}

// TestCatalogue: each entry is told once, in full, and is found in the
// spellings that occur.
func TestCatalogue(t *testing.T) {
	seen := map[Code]bool{}
	for _, e := range Catalogue() {
		if seen[e.Code] || e.Code != normalise(string(e.Code)) {
			t.Errorf("%s: is there twice, or not in the one spelling", e.Code)
		}
		seen[e.Code] = true
		if e.Meaning == "" || e.Cause == "" || e.Do == "" || e.Layer == "" || classIdentifiers[e.class] == "" && !informs(e) {
			t.Errorf("%s: something is not said of it: %+v", e.Code, e)
		}
		if status := (&Error{StatusCode: e.Status}); e.Status != 0 && e.Retry != status.Temporary() {
			t.Errorf("%s: the catalogue says retry %v, an error with status %d is temporary: %v", e.Code, e.Retry, e.Status, status.Temporary())
		}
		for _, spelling := range []string{string(e.Code), strings.ToLower(string(e.Code)), strings.ToLower(strings.ReplaceAll(string(e.Code), "_", "-")), " " + strings.ReplaceAll(string(e.Code), "_", " ") + " "} {
			if found, ok := Explain(spelling); !ok || found.Code != e.Code {
				t.Errorf("%q: got %s, %v, want %s", spelling, found.Code, ok, e.Code)
			}
		}
	}
	for said, want := range map[string]Code{
		"495": "HTTP_495", "NO_ORGANISATIONAL_CONSENT": NoOrganisationConsent,
		"ASID_CHECK_FAILED_MESSAGESENDER_200000000001":                            SenderCheckFailed,
		"ENDPOINT_https://a.example_CPAID_S1_VARIES_FROM_TARGETURL_https://b":     EndpointVaries,
		"ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://practice.example/a":          ProviderCommunicationError,
		"FOT_CHECK_FAILED_MESSAGESENDER_1_MESSAGERECEIVER_2":                      SharingCheckFailed,
		"PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_200000000002 and more": ReceiverCheckFailed,
	} {
		if e, ok := Explain(said); !ok || e.Code != want {
			t.Errorf("%q: got %s, %v, want %s", said, e.Code, ok, want)
		}
	}
	if e, ok := Explain("NO_SUCH_CODE"); ok {
		t.Errorf("NO_SUCH_CODE: got %+v, want nothing", e)
	}
}

// errorsPage is docs/errors.md.
func errorsPage() string {
	var b strings.Builder
	b.WriteString(`# Errors

Written by a test from the client's catalogue: ` + "`go test ./client -run TestErrorsPage -update`" + `. At a terminal, ` + "`gpc explain <code>`" + `
says the same of one code, in any spelling, or of a whole message of the proxy as it stands in a log.

Every error of an operation is a ` + "`*client.Error`" + `: who failed, with which status and codes, and the trace id. ` + "`errors.Is`" + ` finds
codes and classes in it, ` + "`Temporary`" + ` says whether trying again can help, ` + "`RetryAfter`" + ` how long the other side asks to be left
alone. Reads are tried again by themselves, up to three times; writes never are.

## Classes

An error is of a general class and may be of a particular one as well.

| class | it means |
|---|---|
`)
	byName := map[string]error{}
	var names []string
	for class, name := range classIdentifiers {
		byName[name] = class
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, byName[name])
	}
	for _, part := range []struct {
		title string
		in    func(Entry) bool
	}{
		{"What practices say", func(e Entry) bool { return e.Layer == LayerProvider && !isStatus(e) }},
		{"What the proxy says, and Spine", func(e Entry) bool { return e.Layer == LayerProxy && !isStatus(e) }},
		{"Statuses that come without an outcome", isStatus},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| code | HTTP | it means | likely cause | what to do | class | again |\n|---|---|---|---|---|---|---|\n", part.title)
		entries := slices.DeleteFunc(Catalogue(), func(e Entry) bool { return !part.in(e) })
		slices.SortStableFunc(entries, func(x, y Entry) int { return cmp.Compare(x.Status, y.Status) })
		for _, e := range entries {
			b.WriteString(errorsLine(e))
		}
	}
	return b.String()
}

// informs is that the code is no error's.
func informs(e Entry) bool { return strings.HasPrefix(string(e.Code), "RESOURCE_") }

func isStatus(e Entry) bool { return strings.HasPrefix(string(e.Code), "HTTP_") }

func errorsLine(e Entry) string {
	status, again, code, class := "", "", "`"+string(e.Code)+"`", "–"
	if e.Status != 0 {
		status = fmt.Sprint(e.Status)
	}
	if isStatus(e) {
		code = "–"
	}
	if e.Retry {
		again = "yes"
	}
	if e.class != nil {
		class = "`" + classIdentifiers[e.class] + "`"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |\n", code, status, e.Meaning, e.Cause, e.Do, class, again)
}

// TestErrorsPage keeps docs/errors.md what the catalogue says.
func TestErrorsPage(t *testing.T) {
	file := filepath.Join("..", "docs", "errors.md")
	if *update {
		if err := os.WriteFile(file, []byte(errorsPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != errorsPage() {
		t.Error("docs/errors.md is out of date; run: go test ./client -run TestErrorsPage -update")
	}
}

package client

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// The systems that mark an outcome as the proxy's own.
const (
	proxySystem     = "http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0"
	spineCoreSystem = "https://fhir.nhs.uk/StructureDefinition/spine-operationoutcome-1"
)

// proxyWords begin the messages of the proxy, and what they are called here.
var proxyWords = [...]struct {
	begins string
	code   Code
}{
	{"ASID_CHECK_FAILED", SenderCheckFailed},
	{"PARTYKEY_INTERACTION_CHECK_FAILED", ReceiverCheckFailed},
	{"FOT_CHECK_FAILED", SharingCheckFailed},
	{"ERROR_COMMUNICATING_TO_ENDPOINT_URL", ProviderCommunicationError},
	{"UNSUPPORTED_MEDIA_TYPE", "UNSUPPORTED_MEDIA_TYPE"},
}

// judge returns nil for an answer that is one, and otherwise the error that
// it amounts to: whose, with which codes. A status outside 2xx is never
// decoded as the answer.
func (k *call) judge(a *wire.Answer) *Error {
	if a.Status >= 200 && a.Status < 300 && a.Status != http.StatusPartialContent {
		return nil
	}
	outcome, ok := fhir.ParseOutcome(a.Header.Get("Content-Type"), a.Body)
	e := k.fail(LayerProvider, nil)
	e.StatusCode = a.Status
	e.RetryAfter, _ = askedToWait(a.Header, k.client.config.Now())
	if !ok {
		// Providers answer in FHIR; what does not is most likely the proxy, or a box before it.
		e.Layer = LayerProxy
		status := a.Status
		if fhir.Sniff(a.Body) == fhir.HTMLBody {
			e.Page = fhir.PageTitle(a.Body)
			if hidden := hiddenStatus(a.Status, e.Page); hidden != 0 {
				status, e.Codes = hidden, []Code{Code(fmt.Sprintf("HTTP_%d", hidden))}
			}
		}
		e.classes = classes(status, nil)
		return e
	}
	e.Outcome = outcome
	e.Codes, e.Layer = readOutcome(outcome)
	e.classes = classes(a.Status, e.Codes)
	return e
}

func readOutcome(o *fhir.OperationOutcome) ([]Code, Layer) {
	layer := LayerProvider
	if len(o.Meta.Profile) == 0 && !hasDetails(o) {
		layer = LayerProxy // SpineCore's bare form
	}
	var codes []Code
	for _, issue := range o.Issue {
		if code, ok := proxyCode(issue); ok {
			codes, layer = append(codes, code), LayerProxy
			continue
		}
		for _, coding := range issue.Details.Coding {
			if coding.Code != "" {
				codes = append(codes, safe(normalise(string(coding.Code))))
				break
			}
		}
	}
	return codes, layer
}

// hiddenStatus reads what nginx hides: its own 495 to 497 go out with status
// 400, and only the page's title says which it is. It is 0 for every other page.
func hiddenStatus(status int, title string) int {
	if status != http.StatusBadRequest {
		return 0
	}
	switch title {
	case "400 The SSL certificate error":
		return 495
	case "400 No required SSL certificate was sent":
		return 496
	case "400 The plain HTTP request was sent to HTTPS port":
		return 497
	}
	return 0
}

func hasDetails(o *fhir.OperationOutcome) bool {
	for _, issue := range o.Issue {
		if len(issue.Details.Coding) > 0 || issue.Details.Text != "" {
			return true
		}
	}
	return false
}

// proxyCode recognises an issue of the proxy's own. Its key stands in the
// display, with ASIDs or addresses behind it; the code is the HTTP status.
func proxyCode(issue fhir.OutcomeIssue) (Code, bool) {
	own := false
	words := []string{issue.Diagnostics, issue.Details.Text}
	for _, c := range issue.Details.Coding {
		own = own || c.System == proxySystem || c.System == spineCoreSystem
		words = append(words, c.Display)
	}
	for _, w := range words {
		w = string(normalise(w))
		for _, known := range proxyWords {
			if strings.HasPrefix(w, known.begins) && (own || known.code != "UNSUPPORTED_MEDIA_TYPE") {
				return known.code, true
			}
		}
		if strings.HasPrefix(w, "ENDPOINT_") && strings.Contains(w, "_VARIES_FROM_TARGETURL") {
			return EndpointVaries, true
		}
	}
	if !own {
		return "", false
	}
	return safe(normalise("HTTP_" + issue.Details.Coding[0].Code)), true
}

// notACode stands in the place of one that is free text or holds a long number:
// codes are printed and logged, and what is no code may be about the patient.
// The words themselves are in the outcome.
const notACode Code = "(NOT_A_CODE)"

func safe(c Code) Code {
	digits := 0
	for _, r := range string(c) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.':
			return notACode
		}
	}
	if c == "" || len(c) > 64 || digits > 5 {
		return notACode
	}
	return c
}

// classes are those of the status and of each code that the catalogue knows.
func classes(status int, codes []Code) []error {
	all := statusClasses(status)
	for _, c := range append(codes, Code(fmt.Sprintf("HTTP_%d", status))) {
		if e, ok := Explain(string(c)); ok && e.class != nil && !slices.Contains(all, e.class) {
			all = append(all, e.class)
		}
	}
	return all
}

func statusClasses(status int) []error {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return []error{ErrNotFound}
	case status == http.StatusPreconditionFailed:
		return []error{ErrRefused, ErrVersionConflict}
	case status == 495 || status == 496:
		return []error{ErrRefused, ErrCertificate}
	case status < 400:
		return []error{ErrUnreadable} // a redirect, which is not followed, or a part of an answer
	case status == 408 || status == 429 || status == 444 || status == 499 || status >= 500:
		return []error{ErrNoAnswer}
	}
	return []error{ErrRefused}
}

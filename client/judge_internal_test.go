package client

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

func judged(status int, contentType, body string) *Error {
	k := &call{client: &Client{config: Config{Now: time.Now}}, op: "test", ods: "A12345"}
	return k.judge(&wire.Answer{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body)})
}

// provider is an outcome as practices write it.
func provider(code string) string {
	return `{"resourceType":"OperationOutcome","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-OperationOutcome-1"]},
		"issue":[{"severity":"error","code":"forbidden","details":{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1","code":"` + code + `"}]},"diagnostics":"about 9000000009"}]}`
}

// proxy is an outcome as the proxy writes it: the status for a code, the key in the display.
func proxy(status, message string) string {
	return `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","details":{"coding":[
		{"system":"http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0","code":"` + status + `","display":"` + message + `"}]},"diagnostics":"` + message + `"}]}`
}

func TestJudge(t *testing.T) {
	const fhirJSON = "application/fhir+json;charset=utf-8"
	for _, test := range []struct {
		name      string
		status    int
		body      string
		layer     Layer
		code      Code
		class     error
		temporary bool
	}{
		{"consent", 403, provider("NO_PATIENT_CONSENT"), LayerProvider, NoPatientConsent, ErrRefused, false},
		{"access with a space", 403, provider("ACCESS DENIED"), LayerProvider, AccessDenied, ErrRefused, false},
		{"the other spelling", 403, provider("NO_ORGANISATIONAL_CONSENT"), LayerProvider, NoOrganisationConsent, ErrRefused, false},
		{"patient not found", 404, provider("PATIENT_NOT_FOUND"), LayerProvider, PatientNotFound, ErrNotFound, false},
		{"a code nobody knows", 422, provider("SOMETHING_NEW"), LayerProvider, "SOMETHING_NEW", ErrRefused, false},
		{"provider down", 500, provider("INTERNAL_SERVER_ERROR"), LayerProvider, InternalServerError, ErrNoAnswer, false},
		{"sender", 403, proxy("403", "ASID_CHECK_FAILED_MESSAGESENDER_200000000359"), LayerProxy, SenderCheckFailed, ErrRefused, false},
		{"receiver", 403, proxy("403", "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_1"), LayerProxy, ReceiverCheckFailed, ErrRefused, false},
		{"sharing", 403, proxy("403", "FOT_CHECK_FAILED_MESSAGESENDER_1_MESSAGERECEIVER_2"), LayerProxy, SharingCheckFailed, ErrRefused, false},
		{"address", 400, proxy("400", "ENDPOINT_https://a_CPAID_b_VARIES_FROM_TARGETURL_https://c"), LayerProxy, EndpointVaries, ErrRefused, false},
		{"no way to the provider", 502, proxy("502", "ERROR_COMMUNICATING_TO_ENDPOINT_URL_https://a"), LayerProxy, ProviderCommunicationError, ErrNoAnswer, true},
		{"bare", 504, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient","diagnostics":"timed out"}]}`, LayerProxy, "", ErrNoAnswer, true},
		{"page", 503, "<html><body>busy</body></html>", LayerProxy, "", ErrNoAnswer, true},
		{"throttled", 429, "", LayerProxy, "", ErrNoAnswer, true},
		{"no client certificate", 496, "", LayerProxy, "", ErrCertificate, false},
		{"redirect", 307, "", LayerProxy, "", ErrUnreadable, false},
	} {
		e := judged(test.status, fhirJSON, test.body)
		if e == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		if e.Layer != test.layer {
			t.Errorf("%s: layer: got %s, want %s", test.name, e.Layer, test.layer)
		}
		if test.code != "" && !errors.Is(e, test.code) {
			t.Errorf("%s: codes: got %v, want %s", test.name, e.Codes, test.code)
		}
		if !errors.Is(e, test.class) {
			t.Errorf("%s: is not %v", test.name, test.class)
		}
		if e.Temporary() != test.temporary {
			t.Errorf("%s: temporary: got %v, want %v", test.name, e.Temporary(), test.temporary)
		}
		if strings.Contains(e.Error(), "9000000009") {
			t.Errorf("%s: the error quotes the other side", test.name)
		}
	}
	if e := judged(200, fhirJSON, "{}"); e != nil {
		t.Errorf("200: got %v, want no error", e)
	}
}

// TestJudgePublished reads every published outcome: the proxy's own are told
// from the practices'.
func TestJudgePublished(t *testing.T) {
	corpus := os.Getenv("GPC_CORPUS")
	if corpus == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_CORPUS is not set")
		}
		t.Skip("GPC_CORPUS is not set")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "outcomes", "*.json"))
	if err != nil || len(files) < 25 {
		t.Fatalf("got %d outcomes (%v), want at least 25", len(files), err)
	}
	var proxys []string
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e := judged(400, "application/fhir+json", string(body))
		name := filepath.Base(file)
		if name == "area-disabled.json" || name == "parameter-unrecognised.json" {
			continue // entries of a bundle: warnings inside an answer, not errors
		}
		if e.Outcome == nil {
			t.Errorf("%s: not read as an outcome", name)
			continue
		}
		if len(e.Codes) == 0 {
			t.Errorf("%s: no code found", name)
		}
		if e.Layer == LayerProxy {
			proxys = append(proxys, name)
		}
	}
	want := []string{
		"spec-outcome-10.json", "spec-outcome-11.json", "spec-outcome-12.json", "spec-outcome-13.json",
		"spec-outcome-14.json", "spec-outcome-15.json", "spec-outcome-16.json",
	}
	if !slices.Equal(proxys, want) {
		t.Errorf("the proxy's own: got %v, want %v", proxys, want)
	}
}

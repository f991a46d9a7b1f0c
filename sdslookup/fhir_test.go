package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const secretKey = "c4n4ry-k3y"

func newFHIR(t testing.TB, handle http.HandlerFunc, change func(*FHIRConfig)) (*FHIR, *httptest.Server) {
	t.Helper()
	s := httptest.NewTLSServer(handle)
	t.Cleanup(s.Close)
	c := FHIRConfig{URL: s.URL + "/FHIR/R4", Key: secretKey, TLS: s.Client().Transport.(*http.Transport).TLSClientConfig}
	if change != nil {
		change(&c)
	}
	d, err := NewFHIR(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, s
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
		io.WriteString(w, body)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example/")
		outcome(w, code, "SOME_CODE")
	}
}

func bundle(total string, entries ...string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"searchset","total":%s,"entry":[%s]}`, total, strings.Join(entries, ","))
}

// TestFHIRFaults: no answer but a whole one is believed; and the key is in no error.
func TestFHIRFaults(t *testing.T) {
	const endpoint = `{"resource":{"resourceType":"Endpoint","status":"active","address":"https://gp.example/A","connectionType":{},"payloadType":[],"identifier":[{"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"A-1"}]%s}}`
	one := fmt.Sprintf(endpoint, "")
	other := `,"managingOrganization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"B99999"}}`
	elsewhere := `,"extension":[{"url":"https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId","valueReference":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhsServiceInteractionId","value":"urn:x"}}}]`
	tests := []struct {
		name      string
		handle    http.HandlerFunc
		kind      error
		temporary bool
		says      string
	}{
		{"none", says(bundle("0")), ErrNotFound, false, "not in the directory"},
		{"none, without entries", says(`{"resourceType":"Bundle","type":"searchset","total":0}`), ErrNotFound, false, ""},
		{"another organisation's", says(bundle("1", fmt.Sprintf(endpoint, other))), ErrNotFound, false, ""},
		{"for another interaction", says(bundle("1", fmt.Sprintf(endpoint, elsewhere))), ErrNotFound, false, ""},
		{"not active", says(bundle("1", strings.Replace(one, "active", "off", 1))), ErrNotFound, false, ""},
		{"a status that is not in the list", says(bundle("1", strings.Replace(one, "active", "resting", 1))), ErrUnavailable, false, "entry 1"},
		{"two values of the party key", says(bundle("1", strings.Replace(one, `"identifier":[`, `"identifier":[{"system":"https://fhir.nhs.uk/Id/nhsMhsPartyKey","value":"B-1"},`, 1))), ErrAmbiguous, false, `"B-1"`},
		{"no party key", says(bundle("1", strings.Replace(one, "nhsMhsPartyKey", "other", 1))), ErrNotFound, false, "incomplete"},
		{"a party key that is a pattern", says(bundle("1", strings.Replace(one, "A-1", "*", 1))), ErrNotFound, false, `"*" cannot be asked for`},
		{"another kind of resource", says(bundle("1", `{"resource":{"resourceType":"Patient"}}`)), ErrUnavailable, false, "another kind"},
		{"an outcome beside", says(bundle("1", `{"resource":{"resourceType":"OperationOutcome"}}`)), ErrNotFound, false, ""},
		{"more than came", says(bundle("2", one)), ErrAmbiguous, false, "more records"},
		{"another page", says(`{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"x"}]}`), ErrAmbiguous, false, "more records"},
		{"another bundle", says(`{"resourceType":"Bundle","type":"collection"}`), ErrUnavailable, false, "cannot be read"},
		{"no bundle", says(`{"resourceType":"OperationOutcome"}`), ErrUnavailable, false, "no Bundle"},
		{"half a bundle", says(`{"resourceType":"Bundle","type":"searchset","entry":[`), ErrUnavailable, false, "no Bundle"},
		{"two bundles", says(bundle("0") + bundle("0")), ErrUnavailable, false, "no Bundle"},
		{"nothing", says(""), ErrUnavailable, false, "no Bundle"},
		{"too long", says(bundle("0") + strings.Repeat(" ", 5<<20)), ErrUnavailable, false, "longer than"},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>welcome") }, ErrUnavailable, false, "not FHIR"},
		{"redirect", status(302), ErrUnavailable, false, "status 302"},
		{"bad request", status(400), ErrUnavailable, false, "SOME_CODE (status 400)"},
		{"key refused", status(401), ErrRefused, false, "does not accept the API key, SOME_CODE"},
		{"forbidden", status(403), ErrRefused, false, "does not accept the API key"},
		{"no such service", status(404), ErrUnavailable, false, "no such service"},
		{"too often", status(429), ErrUnavailable, true, "too often"},
		{"trouble", status(500), ErrUnavailable, true, "in trouble, or its data are"},
		{"gateway timeout", status(504), ErrUnavailable, true, "status 504"},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrUnavailable, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, s := newFHIR(t, tt.handle, nil)
			ep, err := d.Endpoint(brief(t), "A12345", slotSearch)
			var e *Error
			if ep != (Endpoint{}) || !errors.As(err, &e) || e.Kind != tt.kind || e.Temporary() != tt.temporary || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %+v, %v; want %v, temporary %v, with %q", ep, err, tt.kind, tt.temporary, tt.says)
			}
			if e.ODS != "A12345" || e.Interaction != slotSearch || e.Step == "" || !strings.HasPrefix(e.Server, s.URL) {
				t.Errorf("got %q, %q, %q at %q", e.ODS, e.Interaction, e.Step, e.Server)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", err, err), secretKey) {
				t.Error("the key is in the error")
			}
		})
	}
}

func TestFHIRSilent(t *testing.T) {
	var now atomic.Bool
	release := make(chan struct{})
	handle := func(w http.ResponseWriter, r *http.Request) {
		if !now.Load() {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return
		}
		r.Header.Set("apikey", "secret")
		serveFHIR(w, r)
	}
	d, _ := newFHIR(t, handle, nil)
	defer close(release)
	ask := func(ctx context.Context) error {
		_, err := d.Endpoint(ctx, "A12345", slotSearch)
		return err
	}
	if err := within(t, 200*time.Millisecond, ask); !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: got %v", err)
	}
	hasty, _ := newFHIR(t, handle, func(c *FHIRConfig) { c.Timeout = 50 * time.Millisecond })
	if _, err := hasty.Endpoint(brief(t), "A12345", slotSearch); !errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("our own limit: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ask(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("given up: got %v", err)
	}
	now.Store(true)
	if err := within(t, time.Second, ask); err != nil {
		t.Errorf("after recovery: %v", err)
	}
}

func TestFHIRCertificate(t *testing.T) {
	d, _ := newFHIR(t, serveFHIR, func(c *FHIRConfig) { c.TLS = &tls.Config{RootCAs: newFamily(t).roots()} })
	_, err := d.Endpoint(brief(t), "A12345", slotSearch)
	if e := new(Error); !errors.As(err, &e) || e.Kind != ErrTLS || e.Temporary() {
		t.Errorf("got %v", err)
	}
}

func TestFHIRPinned(t *testing.T) {
	d, _ := newFHIR(t, serveFHIR, func(c *FHIRConfig) {
		c.Key, c.PartyKeys = "secret", map[string]string{"A12345": "a12345-0000001", "Z00004": "other"}
	})
	if ep, err := d.Endpoint(brief(t), "A12345", slotSearch); err != nil || ep.ASID != "200000000001" {
		t.Errorf("got %+v, %v", ep, err)
	}
	_, err := d.Endpoint(brief(t), "Z00004", slotSearch)
	if e := new(Error); !errors.As(err, &e) || e.Reason != NotPinned {
		t.Errorf("got %v", err)
	}
}

func TestNewFHIR(t *testing.T) {
	_, err := NewFHIR(FHIRConfig{URL: "http://sds.example/FHIR/R4?x", Key: "two\nlines", Timeout: -1,
		Allow: AddressPolicy{Hosts: []string{"*"}}, PartyKeys: map[string]string{"A12345": ""}, TLS: &tls.Config{InsecureSkipVerify: true}})
	if !errors.Is(err, ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"is not https", "API key", "negative", `"*"`, "party key of A12345", "does not verify"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "lines") {
		t.Errorf("the key is repeated: %v", err)
	}
	for url, says := range map[string]string{"": "not a URL", "sds.example": "not a URL", "https://u:p@sds.example": "user information", "https://sds.example/?": "query", "https://sds.example/#x": "fragment"} {
		if got := refusedBase(url); !strings.Contains(got, says) {
			t.Errorf("%q: got %q, want %q", url, got, says)
		}
	}
	c := FHIRConfig{Key: secretKey}
	if s := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.Key, c.Key); strings.Contains(s, secretKey) {
		t.Errorf("the key prints: %s", s)
	}
}

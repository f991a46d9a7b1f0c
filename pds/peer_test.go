package pds_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/pds"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when most tests take place.
var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// clock is a clock that stands until somebody sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{now: noon} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func (c *clock) forward(d time.Duration) { _ = c.Sleep(context.Background(), d) }

// seen is one request as PDS saw it.
type seen struct {
	method, uri string
	header      http.Header
	form        string
	at          time.Time
}

// peer is an HTTPS server that stands for PDS, its token endpoint, or both.
type peer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []seen
}

type reply struct {
	status int
	header map[string]string
	body   any // JSON is made of it, unless it is a string
}

// hangUp as a status closes the connection instead.
const hangUp = -1

// newPeer answers each request with what f says.
func newPeer(t *testing.T, c *clock, f func(n int, r seen) reply) *peer {
	t.Helper()
	p := new(peer)
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s := seen{r.Method, r.RequestURI, r.Header.Clone(), string(body), c.Now()}
		p.mu.Lock()
		p.seen = append(p.seen, s)
		n := len(p.seen)
		p.mu.Unlock()
		write(w, f(n, s))
	}))
	p.Server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func write(w http.ResponseWriter, r reply) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/fhir+json")
	}
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	if r.status == hangUp {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(r.status)
	if text, ok := r.body.(string); ok {
		_, _ = io.WriteString(w, text)
		return
	}
	_ = json.NewEncoder(w).Encode(r.body)
}

func (p *peer) requests() []seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]seen(nil), p.seen...)
}

func (p *peer) tls() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return &tls.Config{RootCAs: roots}
}

// newClient asks p.
func newClient(t *testing.T, p *peer, c *clock, edit ...func(*pds.Config)) *pds.Client {
	t.Helper()
	config := pds.Config{BaseURL: p.URL + "/personal-demographics/FHIR/R4/", TLS: p.tls(), Clock: c}
	for _, e := range edit {
		e(&config)
	}
	client, err := pds.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// Somebody who does not exist, with words that occur nowhere else.
const (
	digits      = "9000000009"
	otherDigits = "9000000017"
	family      = "Quillfeather"
	given       = "Zebulon"
	born        = "1961-02-03"
	postcode    = "ZE3 9JZ"
	surgery     = "B82617"
)

var canaries = []string{digits, otherDigits, family, strings.ToUpper(family), given, born, "03/02/1961", "ZE3", "canary"}

func number(t testing.TB, digits string) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type object = map[string]any
type list = []any

const (
	statusURL  = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
	deathURL   = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus"
	removalURL = "https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration"
)

func coded(system, code string) object {
	return object{"coding": list{object{"system": system, "version": "1.0.0", "code": code}}}
}

func verification(code string) list {
	return list{object{"url": statusURL, "valueCodeableConcept": coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus", code)}}
}

func security(codes ...string) object {
	labels := list{}
	for _, c := range codes {
		labels = append(labels, object{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": c})
	}
	return object{"versionId": "2", "security": labels}
}

func registered(ods, start, end string) object {
	period := object{}
	if start != "" {
		period["start"] = start
	}
	if end != "" {
		period["end"] = end
	}
	return object{"type": "Organization", "identifier": object{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": ods, "period": period}}
}

func deathNotice(code string) object {
	return object{"url": deathURL, "extension": list{
		object{"url": "deathNotificationStatus", "valueCodeableConcept": coded("https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus", code)},
		object{"url": "systemEffectiveDate", "valueDateTime": "2030-10-22T00:00:00+00:00"},
	}}
}

func removal(code string) object {
	return object{"url": removalURL, "extension": list{
		object{"url": "removalFromRegistrationCode", "valueCodeableConcept": coded("https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode", code)},
		object{"url": "effectiveTime", "valuePeriod": object{"start": "2030-01-01"}},
	}}
}

// patient is somebody whom every gate lets through, edited.
func patient(edit ...func(object)) object {
	p := object{
		"resourceType": "Patient", "id": digits,
		"identifier":          list{object{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": digits, "extension": verification("01")}},
		"meta":                security("U"),
		"name":                list{object{"use": "usual", "family": family, "given": list{given, "Ann"}, "period": object{"start": "1990-01-01"}}},
		"gender":              "female",
		"birthDate":           born,
		"address":             list{object{"use": "home", "postalCode": postcode}},
		"generalPractitioner": list{registered(surgery, "2020-01-01", "")},
	}
	for _, e := range edit {
		e(p)
	}
	return p
}

func with(member string, value any) func(object) { return func(p object) { p[member] = value } }
func without(member string) func(object)         { return func(p object) { delete(p, member) } }

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func outcome(code string, diagnostics ...string) object {
	return object{"resourceType": "OperationOutcome", "issue": list{object{
		"severity": "error", "code": "value", "diagnostics": strings.Join(append(diagnostics, "canary "+digits), " "),
		"details": object{"coding": list{object{"system": "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode", "version": "1", "code": code, "display": "canary"}}},
	}}}
}

// expectClean fails when v says anything about the patient, in whatever way it is printed.
func expectClean(t *testing.T, v any) {
	t.Helper()
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintf(&out, "%v\n%+v\n%#v\n", err, err, err)
		}
	}
	for _, c := range canaries {
		for _, way := range []string{c, fmt.Sprintf("%x", c)} {
			if strings.Contains(out.String(), way) {
				t.Errorf("a message shows %d characters of the patient's data, in a %T", len(c), v)
			}
		}
	}
}

// expectError takes err apart.
func expectError(t *testing.T, err error, class error) *pds.Error {
	t.Helper()
	var e *pds.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *pds.Error", err)
	}
	if class != nil && !errors.Is(err, class) {
		t.Errorf("got %v, want %v", err, class)
	}
	expectClean(t, err)
	return e
}

// key is an RSA key made once.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

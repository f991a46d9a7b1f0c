package client_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start makes a sandbox and a client that is wired to it; change may alter the
// client's configuration.
func start(t *testing.T, box sandbox.Config, change func(*client.Config)) (*client.Client, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(t.Context(), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	tls := boxTLS(t, server)
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server.LDAPURL()}, TLS: tls})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { directory.Close() })
	config := client.Config{ProxyURL: server.ProxyURL(), TLS: tls, Directory: directory, Retry: client.Retry{Wait: time.Millisecond}}
	if change != nil {
		change(&config)
	}
	return newClient(t, config), server
}

func number(t *testing.T, digits string) fhir.NHSNumber {
	t.Helper()
	n, err := fhir.ParseNHSNumber(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// at lists the requests that reached a place.
func at(s *sandbox.Server, where string) (all []sandbox.Request) {
	for _, r := range s.Requests() {
		if r.Where == where {
			all = append(all, r)
		}
	}
	return all
}

func TestStructuredRecord(t *testing.T) {
	c, server := start(t, sandbox.Config{}, nil)
	rec, err := practice(t, c, "A12345").StructuredRecord(t.Context(), number(t, "9000000009"), record.Full())
	if err != nil {
		t.Fatal(err)
	}
	if rec.Source.ODS != "A12345" || rec.Source.TraceID == "" || rec.Source.Retrieved.IsZero() {
		t.Errorf("source: got %+v", rec.Source)
	}
	if len(rec.Areas.Medications.Items) == 0 {
		t.Error("no medication came")
	}
	for _, r := range server.Requests() {
		if r.Rule != "" {
			t.Errorf("%s %s broke a rule: %s", r.Where, r.Line, r.Rule)
		}
	}
}

// TestRetries: a read is attempted up to three times, each time with a trace
// id and a token of its own, and only where trying again can help.
func TestRetries(t *testing.T) {
	for _, test := range []struct {
		fault    []string
		attempts int
		ok       bool
	}{
		{[]string{"proxy:status:502@1"}, 2, true},
		{[]string{"proxy:drop:before-commit@1", "proxy:status:503@2"}, 3, true},
		{[]string{"proxy:status:502"}, 3, false},
		{[]string{"provider:error:NO_PATIENT_CONSENT"}, 1, false},
		{[]string{"provider:status:500"}, 1, false},
		{[]string{"proxy:error:ASID_CHECK_FAILED"}, 1, false},
		{[]string{"proxy:redirect"}, 1, false},
	} {
		t.Run(strings.Join(test.fault, " "), func(t *testing.T) {
			// A token lasts a second before another differs, so the clock of this client runs.
			var mu sync.Mutex
			now := time.Now().Add(-time.Minute)
			c, server := start(t, sandbox.Config{Faults: test.fault}, func(config *client.Config) {
				config.Now = func() time.Time {
					mu.Lock()
					defer mu.Unlock()
					now = now.Add(time.Second)
					return now
				}
			})
			_, err := practice(t, c, "A12345").StructuredRecord(t.Context(), number(t, "9000000009"), record.Full())
			if (err == nil) != test.ok {
				t.Errorf("got error %v, want success %v", err, test.ok)
			}
			sent := at(server, "proxy")
			if len(sent) != test.attempts {
				t.Fatalf("got %d attempts, want %d", len(sent), test.attempts)
			}
			for _, name := range []string{"Ssp-Traceid", "Authorization"} {
				var seen []string
				for _, r := range sent {
					value := r.Header.Get(name)
					if value == "" || slices.Contains(seen, value) {
						t.Errorf("%s is empty or was used before", name)
					}
					seen = append(seen, value)
				}
			}
		})
	}
}

// TestThrottled: an answer that asks to wait is obeyed where the deadline
// leaves the time, and otherwise given to the caller at once.
func TestThrottled(t *testing.T) {
	const busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	proxy, config, heard := wiretap(t, busy)
	c := newClient(t, client.Config{ProxyURL: proxy, TLS: config, Directory: surgery})
	_, err := practice(t, c, "T99999").Metadata(t.Context())
	if !errors.Is(err, client.ErrThrottled) || !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("got %v, want ErrThrottled", err)
	}
	if len(heard) != 1 {
		t.Errorf("%d requests were sent, want 1: an hour's wait does not fit into the deadline", len(heard))
	}
}

// TestWriteIsSentOnce, whatever happens to it.
func TestWriteIsSentOnce(t *testing.T) {
	for _, fault := range []string{"proxy:status:502", "proxy:status:429", "proxy:drop:before-commit", "proxy:drop:after-commit", "proxy:status:504", "provider:drop:after-commit"} {
		c, server := start(t, sandbox.Config{Faults: []string{fault}}, nil)
		_, err := practice(t, c, "A12345").Do(t.Context(), client.Request{
			Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{"resourceType":"Appointment"}`),
		})
		if err == nil {
			t.Errorf("%s: no error", fault)
		}
		if got := len(at(server, "proxy")); got != 1 {
			t.Errorf("%s: %d requests were sent, want 1", fault, got)
		}
	}
}

type trail struct {
	mu     sync.Mutex
	events []string
	veto   error
}

func (a *trail) Begin(_ context.Context, x client.Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, "begin "+x.TraceID)
	return a.veto
}

func (a *trail) End(_ context.Context, x client.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, fmt.Sprint("end ", x.TraceID, " ", x.Status))
}

// TestAuditor is told before and after each attempt, and can stop it.
func TestAuditor(t *testing.T) {
	auditor := &trail{}
	c, server := start(t, sandbox.Config{Faults: []string{"proxy:status:502@1"}}, func(config *client.Config) { config.Auditor = auditor })
	if _, err := practice(t, c, "A12345").Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, r := range at(server, "proxy") {
		trace := r.Header.Get("Ssp-TraceID")
		want = append(want, "begin "+trace, fmt.Sprint("end ", trace, " ", []int{502, 200}[i]))
	}
	if !slices.Equal(auditor.events, want) {
		t.Errorf("got %q\nwant %q", auditor.events, want)
	}

	// What is refused before there is an attempt is told as well.
	before := len(auditor.events)
	if _, err := practice(t, c, "Q99999").Metadata(t.Context()); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if got := auditor.events[before:]; len(got) != 1 || got[0] != "end  0" {
		t.Errorf("a refused call: got %q, want one event without a trace id", got)
	}

	// So is what the rules of the token refuse.
	before = len(auditor.events)
	beside := newClient(t, client.Config{ProxyURL: server.ProxyURL(), TLS: boxTLS(t, server), Directory: fixed{Address: "no.url.example", ASID: "999999999999"}, Auditor: auditor})
	_, err := practice(t, beside, "A12345").Metadata(t.Context())
	if failed := new(client.Error); !errors.Is(err, client.ErrInvalid) || !errors.As(err, &failed) || failed.TraceID != "" {
		t.Errorf("an aud that is no URL: got %v, want ErrInvalid without a trace id", err)
	}
	if got := auditor.events[before:]; len(got) != 1 || got[0] != "end  0" {
		t.Errorf("a call that the token's rules refuse: got %q, want one event without a trace id", got)
	}

	auditor.veto = errors.New("the disk is full")
	_, err = practice(t, c, "A12345").Metadata(t.Context())
	if !errors.Is(err, client.ErrVetoed) || !errors.Is(err, auditor.veto) {
		t.Errorf("got %v, want ErrVetoed with its reason", err)
	}
	if got := len(at(server, "proxy")); got != 2 {
		t.Errorf("%d requests reached the proxy, want the 2 from before", got)
	}
}

type gate struct{ admit, confirm error }

func (g gate) Admit(context.Context, fhir.NHSNumber, string, bool) error { return g.admit }
func (g gate) Confirm(fhir.Person) error                                 { return g.confirm }

// TestGate: one that does not admit keeps everything from being sent; one that
// does not confirm keeps the record from the caller.
func TestGate(t *testing.T) {
	c, server := start(t, sandbox.Config{}, nil)
	no := errors.New("no")
	call := func(g gate) (*record.Record, error) {
		e, err := c.Encounter(asking, user, g)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Practice("A12345")
		if err != nil {
			t.Fatal(err)
		}
		return p.StructuredRecord(t.Context(), number(t, "9000000009"), record.Full())
	}
	_, err := call(gate{admit: no})
	var failed *client.Error
	if !errors.As(err, &failed) || failed.Layer != client.LayerPDS || !errors.Is(err, no) {
		t.Errorf("not admitted: got %v", err)
	}
	if got := len(server.Requests()); got != 0 {
		t.Errorf("not admitted, and yet %d requests were sent", got)
	}
	if rec, err := call(gate{confirm: no}); !errors.Is(err, no) || rec != nil {
		t.Errorf("not confirmed: got record %v, error %v", rec != nil, err)
	}
	if rec, err := call(gate{}); err != nil || rec == nil {
		t.Errorf("admitted and confirmed: got %v", err)
	}
}

// TestTwoOrganisations: of two hundred requests that two organisations make at
// the same time, each has headers and token of one of them. The sandbox holds
// them against each other as well.
func TestTwoOrganisations(t *testing.T) {
	c, server := start(t, sandbox.Config{}, nil)
	other := client.Organisation{ODS: "B22222", Name: "Other Org", ASID: asidOf(t, server, "B22222")}
	var all sync.WaitGroup
	const calls = 200
	for i := range calls {
		who := []client.Organisation{asking, other}[i%2]
		all.Go(func() {
			e, err := c.Encounter(who, user)
			if err != nil {
				t.Error(err)
				return
			}
			p, _ := e.Practice("A12345")
			if _, err := p.Metadata(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	counts := map[string]int{}
	for _, r := range append(at(server, "proxy"), at(server, "provider")...) {
		if r.Rule != "" {
			t.Errorf("a request broke a rule: %s", r.Rule)
		}
	}
	for _, r := range at(server, "proxy") {
		organisation, _ := r.Claims["requesting_organization"].(map[string]any)
		name, _ := organisation["name"].(string)
		counts[r.Header.Get("Ssp-From")+" "+name]++
	}
	if len(counts) != 2 || counts[asking.ASID+" "+asking.Name] != calls/2 || counts[other.ASID+" "+other.Name] != calls/2 {
		t.Errorf("got %v, want %d of each organisation, headers and tokens agreeing", counts, calls/2)
	}
}

// asidOf reads an originator's ASID from the sandbox's own configuration.
func asidOf(t *testing.T, s *sandbox.Server, ods string) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(s.Files()["gpc.toml"]), "originators."+ods+"]")
	_, rest, ok2 := strings.Cut(rest, `asid  = "`)
	asid, _, _ := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		t.Fatalf("the sandbox has no originator %s", ods)
	}
	return asid
}

// TestFailures: each says whose it is, ends in time, and names nobody.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		fault string
		layer client.Layer
		class error
	}{
		{"ldap:hang", client.LayerDirectory, client.ErrNoAnswer},
		{"ldap:drop:before-commit", client.LayerDirectory, client.ErrNoAnswer},
		{"proxy:hang", client.LayerProxy, client.ErrNoAnswer},
		{"provider:hang", client.LayerProxy, client.ErrNoAnswer},
		{"proxy:drop:before-commit", client.LayerProxy, client.ErrNoAnswer},
		{"provider:error:PATIENT_NOT_FOUND", client.LayerProvider, client.ErrNotFound},
		{"provider:wrong-patient", client.LayerProvider, client.ErrUnreadable},
		{"provider:garble", client.LayerProvider, client.ErrUnreadable},
	} {
		t.Run(test.fault, func(t *testing.T) {
			c, _ := start(t, sandbox.Config{Plain: true, Faults: []string{test.fault}}, func(config *client.Config) { config.Timeout = 500 * time.Millisecond })
			rec, err := practice(t, c, "A12345").StructuredRecord(t.Context(), number(t, "9000000009"), record.Full())
			var failed *client.Error
			if !errors.As(err, &failed) {
				t.Fatalf("got %v, want a *client.Error", err)
			}
			if rec != nil {
				t.Error("a record came with the error")
			}
			if failed.Layer != test.layer || !errors.Is(err, test.class) {
				t.Errorf("got layer %s and %v, want %s and %v", failed.Layer, err, test.layer, test.class)
			}
			for _, secret := range []string{"9000000009", "900 000 0009", "Doe"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error says %q", secret)
				}
			}
		})
	}
}

// TestCancel: a caller that ends its context gets that, at once.
func TestCancel(t *testing.T) {
	c, server := start(t, sandbox.Config{Faults: []string{"provider:hang"}}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	p := practice(t, c, "A12345")
	go func() {
		_, err := p.Metadata(ctx)
		result <- err
	}()
	for len(at(server, "proxy")) == 0 && len(at(server, "provider")) == 0 {
		select {
		case err := <-result:
			t.Fatalf("ended before it was cancelled: %v", err)
		default:
		}
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestRefusedBeforeSending: what cannot be right is not sent.
func TestRefusedBeforeSending(t *testing.T) {
	c, server := start(t, sandbox.Config{}, nil)
	p := practice(t, c, "A12345")
	for name, r := range map[string]client.Request{
		"no interaction":  {Interaction: "urn:nhs:names:services:gpconnect:nothing", Path: "/metadata"},
		"another path":    {Interaction: client.ReadMetadata, Path: "/Patient"},
		"no slash":        {Interaction: client.ReadMetadata, Path: "metadata"},
		"dots":            {Interaction: client.ReadPatient, Path: "/Patient/.."},
		"raw bar":         {Interaction: client.FindPatient, Path: "/Patient?identifier=a|b"},
		"line break":      {Interaction: client.ReadPatient, Path: "/Patient/1\r\nX: y"},
		"a read's body":   {Interaction: client.ReadMetadata, Path: "/metadata", Body: []byte("{}")},
		"a write's body":  {Interaction: client.BookAppointment, Path: "/Appointment"},
		"a path too long": {Interaction: client.ReadPatient, Path: "/Patient/1/2"},
	} {
		if _, err := p.Do(t.Context(), r); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	if got := len(server.Requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

func TestNewSaysEverything(t *testing.T) {
	_, err := client.New(client.Config{ProxyURL: "http://proxy", Retry: client.Retry{Attempts: 9}})
	for _, word := range []string{"proxy", "TLS", "directory", "issuer", "attempts", "device's system", "no id"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not speak of %q: %v", word, err)
		}
	}
	for word, change := range map[string]client.Config{
		"Timeout":       {Timeout: -1},
		"Retry.Wait":    {Retry: client.Retry{Wait: -time.Millisecond}},
		"an hour":       {Retry: client.Retry{Wait: math.MaxInt64}}, // which doubled is less than nothing
		"Limits.Dial":   {Limits: client.Limits{Dial: -1}},
		"Limits.Header": {Limits: client.Limits{Header: -1}},
		"Limits.Idle":   {Limits: client.Limits{Idle: -1}},
		"Limits.Body":   {Limits: client.Limits{Body: -1}},
	} {
		if _, err := client.New(change); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not speak of %q: %v", word, err)
		}
	}
	c, _ := start(t, sandbox.Config{}, nil)
	_, err = c.Encounter(client.Organisation{ODS: "A*"}, client.Practitioner{})
	for _, word := range []string{"ODS", "ASID", "no name", "no id", "family name", "local system"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not speak of %q: %v", word, err)
		}
	}
}

// TestEveryConnectionIsKept: many calls share few connections.
func TestEveryConnectionIsKept(t *testing.T) {
	var mu sync.Mutex
	fresh := 0
	c, _ := start(t, sandbox.Config{Plain: true}, func(config *client.Config) {
		config.OnExchange = func(x client.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			if !x.Reused {
				fresh++
			}
		}
	})
	p := practice(t, c, "A12345")
	for range 20 {
		if _, err := p.Metadata(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if fresh != 1 {
		t.Errorf("20 calls made %d connections, want 1", fresh)
	}
}

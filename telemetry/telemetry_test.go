package telemetry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watched is a practice of a sandbox, called by a client that tells t.
type watched struct {
	practice *client.Practice
	server   *sandbox.Server
	spans    *tracetest.SpanRecorder
	tracers  *sdktrace.TracerProvider
	reader   *metric.ManualReader
}

func watch(t *testing.T, faults ...string) *watched {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Plain: true, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	w := &watched{server: server, spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	w.tracers = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(w.spans))
	adapter, err := New(Config{Tracers: w.tracers, Meters: metric.NewMeterProvider(metric.WithReader(w.reader))})
	if err != nil {
		t.Fatal(err)
	}
	w.practice = practice(t, server, adapter.Exchange)
	return w
}

func practice(t *testing.T, server *sandbox.Server, told func(client.Exchange)) *client.Practice {
	t.Helper()
	files := server.Files()
	tls, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server.LDAPURL()}, TLS: tls})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { directory.Close() })
	c, err := client.New(client.Config{
		ProxyURL: server.ProxyURL(), TLS: tls, Directory: directory, Issuer: "https://consumer.example/", OnExchange: told, Retry: client.Retry{Wait: time.Millisecond},
		Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "test", Version: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	e, err := c.Encounter(client.Organisation{ODS: "A11111", Name: "Example Organisation", ASID: "200000000359"},
		client.Practitioner{ID: "10019", Family: "Familyname", LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice("A12345")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *watched) ask(t *testing.T, ctx context.Context) error {
	t.Helper()
	n, err := fhir.ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.practice.StructuredRecord(ctx, n, record.Full())
	return err
}

// traceIDs are the Ssp-TraceIDs that reached the proxy, as a tracing system
// writes them.
func (w *watched) traceIDs() (all []string) {
	for _, r := range w.server.Requests() {
		if r.Where == "proxy" {
			all = append(all, strings.ReplaceAll(r.Header.Get("Ssp-TraceID"), "-", ""))
		}
	}
	return all
}

func attributesOf(s sdktrace.ReadOnlySpan) map[string]string {
	all := map[string]string{}
	for _, a := range s.Attributes() {
		all[string(a.Key)] = a.Value.String()
	}
	return all
}

// TestSpans: a trace for each attempt, with the Ssp-TraceID for its id, a root
// with the call's facts and a link to the caller, and the hops below it.
func TestSpans(t *testing.T) {
	w := watch(t, "proxy:status:502@1")
	ctx, caller := w.tracers.Tracer("caller").Start(t.Context(), "ward round")
	if err := w.ask(t, ctx); err != nil {
		t.Fatal(err)
	}
	caller.End()
	hops := map[string][]string{}
	calls := map[string]sdktrace.ReadOnlySpan{}
	for _, s := range w.spans.Ended() {
		id := s.SpanContext().TraceID().String()
		switch {
		case s.Name() == "ward round":
		case s.Parent().SpanID().IsValid():
			hops[id] = append(hops[id], s.Name())
		default:
			calls[id] = s
		}
	}
	want := [][]string{
		{client.HopDirectory, client.HopConnect, client.HopTLS, client.HopWrite, client.HopWait, client.HopRead},
		{client.HopWrite, client.HopWait, client.HopRead},
	}
	ids := w.traceIDs()
	if len(ids) != 2 || len(calls) != 2 {
		t.Fatalf("%d requests and %d traces, want 2 of each", len(ids), len(calls))
	}
	for i, id := range ids {
		call := calls[id]
		if call == nil {
			t.Fatalf("attempt %d: no trace has its Ssp-TraceID", i+1)
		}
		if !slices.Equal(hops[id], want[i]) {
			t.Errorf("attempt %d: got hops %q, want %q", i+1, hops[id], want[i])
		}
		if call.SpanKind() != trace.SpanKindClient || call.Name() != "get the structured record" {
			t.Errorf("attempt %d: got %v span %q", i+1, call.SpanKind(), call.Name())
		}
		if links := call.Links(); len(links) != 1 || links[0].SpanContext.SpanID() != caller.SpanContext().SpanID() {
			t.Errorf("attempt %d: no link to the caller's span", i+1)
		}
		if !call.EndTime().After(call.StartTime()) {
			t.Errorf("attempt %d: it took no time", i+1)
		}
	}
	first, second := attributesOf(calls[ids[0]]), attributesOf(calls[ids[1]])
	if first["http.response.status_code"] != "502" || first["error.type"] != "provider-unreachable" || first["gpconnect.layer"] != "proxy" || calls[ids[0]].Status().Code != codes.Error {
		t.Errorf("the first attempt: got %v, %v", first, calls[ids[0]].Status())
	}
	if second["http.response.status_code"] != "200" || second["gpconnect.attempt"] != "2" || second["gpconnect.practice"] != "A12345" || second["error.type"] != "" || calls[ids[1]].Status().Code != codes.Unset {
		t.Errorf("the second attempt: got %v, %v", second, calls[ids[1]].Status())
	}
}

// TestHistograms: every attempt is counted once, with few attributes.
func TestHistograms(t *testing.T) {
	w := watch(t, "proxy:status:502@1", "provider:error:NO_PATIENT_CONSENT@2")
	if err := w.ask(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.ask(t, t.Context()); err == nil {
		t.Fatal("got a record, want a refusal")
	}
	var got metricdata.ResourceMetrics
	if err := w.reader.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	counts := map[string]uint64{}
	for _, m := range got.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				counts[m.Name+" "+p.Attributes.Encoded(encoder{})] += p.Count
			}
		case metricdata.Histogram[int64]:
			for _, p := range data.DataPoints {
				counts[m.Name+" "+p.Attributes.Encoded(encoder{})] += p.Count
			}
		}
	}
	for what, want := range map[string]uint64{
		"gpconnect.client.duration 200":                                 1,
		"gpconnect.client.duration 502 provider-unreachable proxy":      1,
		"gpconnect.client.duration 403 refused provider":                1,
		"gpconnect.client.response.size 200":                            1,
		"gpconnect.client.response.size 502 provider-unreachable proxy": 1,
		"gpconnect.client.response.size 403 refused provider":           1,
		"gpconnect.client.hop.duration directory":                       1,
		"gpconnect.client.hop.duration tls":                             1,
		"gpconnect.client.hop.duration wait":                            3,
		"gpconnect.client.hop.duration read":                            3,
	} {
		if counts[what] != want {
			t.Errorf("%s: got %d, want %d (%v)", what, counts[what], want, counts)
		}
	}
}

// TestNothingOfThePatient: neither spans nor measurements name patient, user
// or token, also where the practice's words do.
func TestNothingOfThePatient(t *testing.T) {
	for _, fault := range []string{"provider:error:INVALID_NHS_NUMBER", "provider:wrong-patient", "provider:error:9000000009", "proxy:html", "proxy:garble", "proxy:drop:before-commit"} {
		w := watch(t, fault)
		_ = w.ask(t, t.Context())
		var said strings.Builder
		for _, s := range w.spans.Ended() {
			fmt.Fprintf(&said, "%s %v %v %v\n", s.Name(), s.Attributes(), s.Status(), s.Events())
		}
		var got metricdata.ResourceMetrics
		if err := w.reader.Collect(t.Context(), &got); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&said, "%+v", got)
		if !strings.Contains(said.String(), "get the structured record") {
			t.Errorf("%s: nothing was told", fault)
		}
		for _, planted := range []string{"9000000009", "900 000 0009", "Familyname", "10019", "eyJ", "Bearer"} {
			if strings.Contains(said.String(), planted) {
				t.Errorf("%s: %q was told", fault, planted)
			}
		}
	}
}

// TestOddTraceID: an exchange whose trace id is none still makes a span.
func TestOddTraceID(t *testing.T) {
	w := watch(t)
	adapter, err := New(Config{Tracers: w.tracers, Meters: metric.NewMeterProvider()})
	if err != nil {
		t.Fatal(err)
	}
	adapter.Exchange(client.Exchange{Op: "odd", Started: time.Now(), Duration: time.Second})
	if spans := w.spans.Ended(); len(spans) != 1 || !spans[0].SpanContext().IsValid() || spans[0].EndTime().Sub(spans[0].StartTime()) != time.Second {
		t.Errorf("got %v, want one span of a second", spans)
	}
	if _, err := New(Config{}); err != nil {
		t.Errorf("with the global providers: got %v", err)
	}
}

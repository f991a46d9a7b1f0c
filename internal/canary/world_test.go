package canary

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/gpconnect-go/gpc/audit"
	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/journal"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
	"github.com/gpconnect-go/gpc/telemetry"
)

// world is an installation with everything switched on that keeps or tells
// anything, at a sandbox.
type world struct {
	dir      string
	server   *sandbox.Server
	served   buffer // the sandbox's log
	logged   buffer
	log      *slog.Logger
	spans    *tracetest.SpanRecorder
	reader   *metric.ManualReader
	audit    *audit.Journal
	practice *client.Practice
	patient  fhir.NHSNumber
	fhir     *sdslookup.FHIR
	pds      *pds.Client
	closers  []func() error
}

// buffer is one that several goroutines may write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func begin(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir()}
	w.build(t.Context(), nil)
	return w
}

// build makes everything; told, where it is not nil, is told of exchanges as well.
func (w *world) build(ctx context.Context, told func(client.Exchange)) {
	w.server = must(sandbox.Start(ctx, sandbox.Config{Log: &w.served}))
	w.closers = append(w.closers, w.server.Close)
	w.log = slog.New(slog.NewJSONHandler(&w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.spans, w.reader = tracetest.NewSpanRecorder(), metric.NewManualReader()
	adapter := must(telemetry.New(telemetry.Config{
		Tracers: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(w.spans)), Meters: metric.NewMeterProvider(metric.WithReader(w.reader)),
	}))
	key := must(audit.NewKey(filepath.Join(w.dir, "audit.key")))
	w.audit = must(audit.Open(audit.Config{Path: filepath.Join(w.dir, "audit.jsonl"), Key: key}))
	w.closers = append(w.closers, w.audit.Close)
	w.trace()
	w.call(func(x client.Exchange) {
		adapter.Exchange(x)
		w.log.Info("exchange", "exchange", x)
		slog.New(slog.NewTextHandler(&w.logged, nil)).Info("exchange", "exchange", x, "raw", struct{ client.Exchange }{x})
		if told != nil {
			told(x)
		}
	})
	w.patient = must(fhir.ParseNHSNumber(digits))
}

func (w *world) call(told func(client.Exchange)) {
	files := w.server.Files()
	config := must(mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now()))
	directory := must(sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{w.server.LDAPURL()}, TLS: config}))
	w.closers = append(w.closers, directory.Close)
	c := must(client.New(client.Config{
		ProxyURL: w.server.ProxyURL(), TLS: config, Directory: directory, Issuer: "https://consumer.example/", Auditor: w.audit, OnExchange: told,
		Journal: must(journal.Open(journal.Config{Dir: filepath.Join(w.dir, "journal")})),
		Device:  client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "test", Version: "1"},
		Retry:   client.Retry{Wait: time.Millisecond}, Settling: client.Settling{Grace: 100 * time.Millisecond, Pauses: []time.Duration{time.Millisecond}},
	}))
	w.closers = append(w.closers, func() error { c.Close(); return nil })
	gate := must(pds.NewGate(pds.GateConfig{Tracer: w.pds}))
	e := must(c.Encounter(client.Organisation{ODS: "A11111", Name: "Example Organisation", ASID: "200000000359"},
		client.Practitioner{ID: "10019", Family: "Tester", LocalSystem: "https://consumer.example/Id/user"}, gate))
	w.practice = must(e.Practice("A12345"))
}

// trace makes what speaks to PDS and to the directory over FHIR, with the keys.
func (w *world) trace() {
	files := w.server.Files()
	trust := &tls.Config{RootCAs: x509.NewCertPool()}
	trust.RootCAs.AppendCertsFromPEM(files["ca.pem"])
	w.fhir = must(sdslookup.NewFHIR(sdslookup.FHIRConfig{URL: w.server.SDSURL(), Key: "sandbox-api-key", TLS: trust}))
	w.closers = append(w.closers, w.fhir.Close)
	token := must(pds.NewSignedJWT(pds.SignedJWTConfig{
		TokenURL: w.server.TokenURL(), ClientID: "sandbox-api-key", KeyID: "sandbox-1", Key: must(pds.ParseKey(must(w.server.File("pds.key")))), TLS: trust,
	}))
	everyone := must(pds.New(pds.Config{
		BaseURL: w.server.PDSURL(), Token: token, TLS: trust, Wait: time.Millisecond, PerSecond: 100,
		OnExchange: func(x pds.Exchange) { w.log.Info("pds", "exchange", x) },
	}))
	w.closers = append(w.closers, func() error { everyone.Close(); token.Close(); return nil })
	w.pds = must(everyone.As(pds.Asking{Organisation: "A11111"}))
}

// end closes everything, the latest first.
func (w *world) end(t *testing.T) {
	t.Helper()
	for i := len(w.closers) - 1; i >= 0; i-- {
		if err := w.closers[i](); err != nil {
			t.Error(err)
		}
	}
}

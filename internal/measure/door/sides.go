package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gpconnect-go/gpc/audit"
	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/wire"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// body is what both sides send: a request for a structured record.
const body = `{"resourceType":"Parameters","parameter":[` +
	`{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}},` +
	`{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},` +
	`{"name":"includeMedication","part":[{"name":"includePrescriptionIssues","valueBoolean":true}]}]}`

// place is a directory of one practice, asked once an encounter.
type place struct{}

func (place) Endpoint(context.Context, string, sdslookup.Interaction) (sdslookup.Endpoint, error) {
	return sdslookup.Endpoint{Address: "https://practice.example/A12345/STU3/1/gpconnect/structured", ASID: "918999198993", PartyKey: "A12345-0000001"}, nil
}

// open is a gate that admits everybody, and counts.
type open struct{ asked *atomic.Int64 }

func (o open) Admit(context.Context, fhir.NHSNumber, string, bool) error { o.asked.Add(1); return nil }
func (o open) Confirm(fhir.Person) error                                 { return nil }

// full is the side of gpc: a client with its journal of calls.
type full struct {
	client   *client.Client
	journal  *audit.Journal
	practice *client.Practice
	patient  fhir.NHSNumber

	admitted, attempts, failed atomic.Int64
}

// newFull keeps its journal in dir, and has its certificate from the files in pki.
func newFull(s *stage, pki, dir string) (*full, error) {
	f := new(full)
	source, err := mtls.Load(mtls.Files{Chain: filepath.Join(pki, "client.pem"), Key: filepath.Join(pki, "client.key"), Roots: filepath.Join(pki, "ca.pem")})
	if err != nil {
		return nil, err
	}
	key, err := audit.NewKey(filepath.Join(dir, "audit.key"))
	if err != nil {
		return nil, err
	}
	if f.journal, err = audit.Open(audit.Config{Path: filepath.Join(dir, "audit.jsonl"), Key: key}); err != nil {
		return nil, err
	}
	f.client, err = client.New(client.Config{
		ProxyURL: s.url, TLS: source.TLS(), Directory: place{}, Issuer: "https://consumer.example/", Auditor: f.journal, OnExchange: f.told,
		Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "1.0.0"},
	})
	if err != nil {
		return nil, err
	}
	e, err := f.client.Encounter(
		client.Organisation{ODS: "A11111", Name: "Example Organisation", ASID: "200000000359", Type: "urgent-care"},
		client.Practitioner{ID: "10019", Family: "Tester", Given: []string{"Sandy"}, Prefix: []string{"Dr"}, LocalSystem: "https://consumer.example/Id/user"},
		open{&f.admitted})
	if err != nil {
		return nil, err
	}
	if f.practice, err = e.Practice("A12345"); err != nil {
		return nil, err
	}
	f.patient, err = fhir.ParseNHSNumber("9000000009")
	return f, err
}

func (f *full) told(x client.Exchange) {
	f.attempts.Add(1)
	if x.Err != nil {
		f.failed.Add(1)
	}
}

func (f *full) request() client.Request {
	return client.Request{Interaction: client.GetStructuredRecord, Path: "/Patient/$gpc.getstructuredrecord", Body: []byte(body), Patient: f.patient}
}

func (f *full) call() (int, error) {
	r, err := f.practice.Do(context.Background(), f.request())
	if err != nil {
		return 0, err
	}
	return len(r.Body), nil
}

func (f *full) close() error {
	f.client.Close()
	return f.journal.Close()
}

// bare is net/http with the same certificate, and nothing else: the headers are
// those that gpc once made, the token in them the same each time.
type bare struct {
	http *http.Client
	url  string
	head http.Header
}

func newBare(pki string, f *full) (*bare, error) {
	source, err := mtls.Load(mtls.Files{Chain: filepath.Join(pki, "client.pem"), Key: filepath.Join(pki, "client.key"), Roots: filepath.Join(pki, "ca.pem")})
	if err != nil {
		return nil, err
	}
	b := &bare{http: &http.Client{Transport: wire.NewTransport(source.TLS(), 10*time.Second)}}
	ctx := client.WithRehearsal(context.Background(), func(r client.Rehearsal) { b.url, b.head = r.URL(), r.Request.Header })
	if _, err := f.practice.Do(ctx, f.request()); !errors.Is(err, client.ErrRehearsed) {
		return nil, fmt.Errorf("no headers to send: %w", err)
	}
	return b, nil
}

func (b *bare) call() (int, error) {
	req, err := http.NewRequest(http.MethodPost, b.url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	req.Header = b.head
	resp, err := b.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return len(data), err
}

func (b *bare) close() error {
	b.http.CloseIdleConnections()
	return nil
}

// disk syncs a file after each piece of it.
type disk struct {
	file  *os.File
	lines []byte // what a call adds to the journal: its begin, and its end
}

func newDisk(dir string) (*disk, error) {
	f, err := os.Create(filepath.Join(dir, "synced"))
	return &disk{file: f, lines: bytes.Repeat([]byte{'x'}, 2300)}, err
}

// sync syncs so many of a call's two lines.
func (d *disk) sync(lines int) (int, error) {
	n, err := d.file.Write(d.lines[:len(d.lines)*lines/2])
	if err != nil {
		return n, err
	}
	return n, d.file.Sync()
}

// call is the sync that a call of gpc waits for: of the end of the call before, and its begin.
func (d *disk) call() (int, error) { return d.sync(2) }

// batch makes n calls by so many callers, and tells how long one took: the
// batch's time divided by n.
func batch(callers, n, length int, call func() (int, error)) (time.Duration, error) {
	var all sync.WaitGroup
	var taken atomic.Int64
	wrong := make(chan error, callers)
	began := time.Now()
	for range callers {
		all.Go(func() {
			for taken.Add(1) <= int64(n) {
				got, err := call()
				if err == nil && got != length {
					err = fmt.Errorf("an answer of %d bytes, want %d", got, length)
				}
				if err != nil {
					wrong <- err
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	select {
	case err := <-wrong:
		return 0, err
	default:
		return took / time.Duration(n), nil
	}
}

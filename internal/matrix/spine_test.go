//go:build unix

// Package matrix holds the client against everything that can go wrong on the
// way: certificates, by a stock nginx in the proxy's place; connections, by a
// relay that resets, cuts, slows and spoils them; and every fault of the
// sandbox. Of each it looks at what the caller gets, how soon, and how many
// requests reached the practice: a POST never arrives twice.
package matrix

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixed is a directory of one practice.
type fixed sdslookup.Endpoint

func (f fixed) Endpoint(context.Context, string, sdslookup.Interaction) (sdslookup.Endpoint, error) {
	return sdslookup.Endpoint(f), nil
}

// patience is how long a caller waits.
type patience struct{ timeout, header, idle time.Duration }

var (
	ample = patience{timeout: time.Minute, header: time.Minute, idle: time.Minute}
	brief = patience{timeout: 900 * time.Millisecond, header: 250 * time.Millisecond, idle: 250 * time.Millisecond}
)

// call makes a read, or a write as it leaves the client before anything looks at
// its answer, of the practice at its endpoint, through the proxy.
func call(t *testing.T, proxy string, config *tls.Config, at sdslookup.Endpoint, p patience, write bool) (took time.Duration, err error) {
	t.Helper()
	c, err := client.New(client.Config{
		ProxyURL: proxy, TLS: config, Directory: fixed(at), Issuer: "https://consumer.example/",
		Timeout: p.timeout, Retry: client.Retry{Wait: 10 * time.Millisecond},
		Limits:   client.Limits{Dial: p.header, Header: p.header, Idle: p.idle},
		Settling: client.Settling{Grace: time.Millisecond},
		Device:   client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "test", Version: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	e, err := c.Encounter(client.Organisation{ODS: "A11111", Name: "Example Organisation", ASID: "200000000359"},
		client.Practitioner{ID: "10019", Family: "Tester", LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		t.Fatal(err)
	}
	practice, err := e.Practice("B82617")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if write {
		_, err = practice.Do(t.Context(), client.Request{Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{"resourceType":"Appointment"}`)})
	} else {
		_, err = practice.Metadata(t.Context())
	}
	return time.Since(began), err
}

// direct is a sandbox whose practice B82617 answers without a proxy of its own,
// and where.
func direct(t *testing.T) (*sandbox.Server, sdslookup.Endpoint) {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Plain: true, Provider: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	at := listed(t, server)
	at.Address = server.ProviderURL()
	return server, at
}

// listed is what a sandbox's directory has of B82617.
func listed(t *testing.T, server *sandbox.Server) sdslookup.Endpoint {
	t.Helper()
	d, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server.LDAPURL()}, TLS: own(t, server)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	at, err := d.Endpoint(t.Context(), "B82617", client.ReadMetadata)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// own are the credentials that a sandbox gives.
func own(t *testing.T, server *sandbox.Server) *tls.Config {
	t.Helper()
	files := server.Files()
	config, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// arrived counts the requests with that method that reached a place.
func arrived(s *sandbox.Server, where, method string) (n int) {
	for _, r := range s.Requests() {
		if r.Where == where && strings.HasPrefix(r.Line, method+" ") {
			n++
		}
	}
	return n
}

// credentials are a client's TLS configuration out of a folder, made without
// the checks that package mtls would stop some of them by; "" has none.
func credentials(t *testing.T, pki, name, roots string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(pki, roots+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	config.RootCAs.AppendCertsFromPEM(pem)
	if name == "" {
		return config
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(pki, name+".pem"), filepath.Join(pki, name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	return config
}

// want is what a case expects. Counts of reads are at most, of writes exactly;
// to a caller in a hurry on a busy machine fewer are as good.
type want struct {
	read, write   error // a class; nil is an answer, or for a write the practice's own refusal
	reads, writes int   // requests that reached the practice
}

// hold compares what came with what was wanted, and says it in a line.
func (w want) hold(t *testing.T, name string, p patience, read, write error, took [2]time.Duration, reads, writes int) {
	t.Helper()
	said := func(err error) string {
		var e *client.Error
		switch {
		case err == nil:
			return "the answer"
		case errors.As(err, &e) && e.StatusCode != 0:
			return fmt.Sprintf("%d %v", e.StatusCode, e.Codes)
		case errors.As(err, &e) && e.Err != nil:
			return e.Err.Error()
		}
		return err.Error()
	}
	t.Logf("%-38s read: %s (%v, %d reached) | write: %s (%v, %d reached)", name, said(read), took[0].Round(time.Millisecond), reads, said(write), took[1].Round(time.Millisecond), writes)
	if !matches(read, w.read) {
		t.Errorf("%s: read: got %v, want %v", name, read, w.read)
	}
	if !matches(write, w.write) && !(w.write == nil && refusedByPractice(write)) {
		t.Errorf("%s: write: got %v, want %v", name, write, w.write)
	}
	if reads > w.reads {
		t.Errorf("%s: %d reads reached the practice, want at most %d", name, reads, w.reads)
	}
	if writes > w.writes || p == ample && writes < w.writes {
		t.Errorf("%s: %d writes reached the practice, want %d", name, writes, w.writes)
	}
	for _, d := range took {
		if d > p.timeout+5*time.Second { // far beyond it: the machine may be busy
			t.Errorf("%s: took %v of the %v that the caller allows", name, d, p.timeout)
		}
	}
}

func matches(err, class error) bool {
	if class == nil {
		return err == nil
	}
	return errors.Is(err, class)
}

// refusedByPractice: the write of these tests is no valid booking, and a
// practice that says so has been reached and has answered.
func refusedByPractice(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Layer == client.LayerProvider && e.StatusCode >= http.StatusBadRequest && e.StatusCode < http.StatusInternalServerError
}

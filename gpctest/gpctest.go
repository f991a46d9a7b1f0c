// Package gpctest gives a consumer's tests a Spine of their own in one line:
//
//	func TestAllergies(t *testing.T) {
//		t.Parallel()
//		c, spine := gpctest.New(t, sandbox.Config{})
//		e, err := c.Encounter(gpctest.Organisation(), gpctest.Practitioner())
//		…
//	}
//
// The sandbox answers when [New] returns, over the real protocols and on loopback, and ends
// with the test. Every call makes one, with keys, people and diaries of its own, so that
// tests may run side by side. What it does differently on purpose comes from a seed, which a
// test that fails tells; GPC_SEED in the environment repeats it.
package gpctest

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/journal"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// New starts a sandbox as cfg says and a client that is wired to it: certificate, directory,
// proxy, a journal for bookings, and the clock, which is cfg.Now for both. They end with the
// test; what cannot be started ends the test at once. A test that fails tells the seed and
// the requests that broke a rule or were struck by a fault, without anybody's NHS number.
func New(t testing.TB, cfg sandbox.Config) (*client.Client, *sandbox.Server) {
	t.Helper()
	history := &notes{to: cfg.Log}
	cfg.Log = history
	if cfg.Seed == 0 {
		cfg.Seed = seed(t)
	}
	server, err := sandbox.Start(t.Context(), cfg)
	if err != nil {
		t.Fatalf("gpctest: %v", err)
	}
	t.Cleanup(func() {
		server.Close()
		if t.Failed() {
			t.Logf("the sandbox's seed was %d: GPC_SEED=%[1]d repeats it%s", server.Seed(), history.remarkable())
		}
	})
	return connect(t, server, cfg.Now), server
}

// seed is the one that the environment asks for, 0 if it does not.
func seed(t testing.TB) uint64 {
	t.Helper()
	text := os.Getenv("GPC_SEED")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("gpctest: GPC_SEED is %q, and not a number", text)
	}
	return n
}

// connect makes a client of the sandbox's files, as a consumer would.
func connect(t testing.TB, server *sandbox.Server, now func() time.Time) *client.Client {
	t.Helper()
	files := server.Files()
	tls, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	if err != nil {
		t.Fatalf("gpctest: the client's certificate: %v", err)
	}
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server.LDAPURL()}, TLS: tls})
	if err != nil {
		t.Fatalf("gpctest: the directory: %v", err)
	}
	t.Cleanup(func() { directory.Close() })
	intents, err := journal.Open(journal.Config{Dir: filepath.Join(t.TempDir(), "journal"), Now: now})
	if err != nil {
		t.Fatalf("gpctest: the journal: %v", err)
	}
	c, err := client.New(client.Config{
		ProxyURL: server.ProxyURL(), TLS: tls, Directory: directory, Issuer: "https://consumer.sandbox.example/",
		Device:  client.Device{System: "https://consumer.sandbox.example/Id/device", ID: "test-1", Model: "gpctest", Version: "1.0"},
		Journal: intents, Now: now,
	})
	if err != nil {
		t.Fatalf("gpctest: the client: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// Organisation is the one that the sandbox's client certificate belongs to: it may call every
// practice but Z00009.
func Organisation() client.Organisation {
	return client.Organisation{ODS: "A11111", Name: "Sandbox Urgent Care", ASID: "200000000359", Type: "urgent-care", Phone: "01632 960111"}
}

// OtherOrganisation is another with the same certificate, for tests of who asks: the slots it
// is offered are others, and Z00010 has no agreement with it.
func OtherOrganisation() client.Organisation {
	return client.Organisation{ODS: "B22222", Name: "Sandbox Federation Hub", ASID: "200000000367", Type: "gp-practice", Phone: "01632 960222"}
}

// Practitioner is somebody who may ask.
func Practitioner() client.Practitioner {
	return client.Practitioner{ID: "10019", Family: "Tester", Given: []string{"Sandy"}, Prefix: []string{"Dr"},
		LocalSystem: "https://consumer.sandbox.example/Id/user"}
}

// notes keep the sandbox's log, which has no personal data, and hand it on.
type notes struct {
	to io.Writer

	mu   sync.Mutex
	kept bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	n.kept.Write(p)
	n.mu.Unlock()
	if n.to != nil {
		return n.to.Write(p)
	}
	return len(p), nil
}

// remarkable are the lines about requests that broke a rule or were struck by a fault.
func (n *notes) remarkable() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var b strings.Builder
	for line := range strings.Lines(n.kept.String()) {
		if strings.Contains(line, `,"rule":`) || strings.Contains(line, `,"fault":`) {
			b.WriteString("\n" + strings.TrimSpace(line))
		}
	}
	return b.String()
}

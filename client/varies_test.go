package client_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// moved is a directory whose memory is old until it is told to forget.
type moved struct {
	sdslookup.Directory
	mu        sync.Mutex
	forgotten int
}

func (m *moved) Endpoint(ctx context.Context, ods string, id sdslookup.Interaction) (sdslookup.Endpoint, error) {
	ep, err := m.Directory.Endpoint(ctx, ods, id)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgotten == 0 {
		ep.Address = strings.Replace(ep.Address, "https://", "https://old.", 1)
	}
	return ep, err
}

func (m *moved) Forget(context.Context, string, sdslookup.Interaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgotten++
	return nil
}

// TestEndpointVaries: an address that the proxy finds old is forgotten and
// looked up once more for a read; a write is not sent again.
func TestEndpointVaries(t *testing.T) {
	var directory *moved
	wire := func(config *client.Config) {
		directory = &moved{Directory: config.Directory}
		config.Directory = directory
	}
	c, server := start(t, sandbox.Config{Plain: true}, wire)
	if _, err := practice(t, c, "A12345").Metadata(t.Context()); err != nil {
		t.Errorf("a read: got %v, want an answer from the new address", err)
	}
	if got := len(at(server, "proxy")); got != 2 || directory.forgotten != 1 {
		t.Errorf("a read: %d requests, %d times forgotten, want 2 and 1", got, directory.forgotten)
	}
	c, server = start(t, sandbox.Config{Plain: true, Faults: []string{"proxy:status:502@1", "proxy:status:502@2"}}, wire)
	if _, err := practice(t, c, "A12345").Metadata(t.Context()); !errors.Is(err, client.ErrEndpointVaries) || directory.forgotten != 1 {
		t.Errorf("found old at the last attempt: got %v, %d times forgotten, want ErrEndpointVaries and 1", err, directory.forgotten)
	}
	if got := len(at(server, "proxy")); got != 3 {
		t.Errorf("found old at the last attempt: %d requests, want 3", got)
	}
	c, server = start(t, sandbox.Config{Plain: true}, wire)
	_, err := practice(t, c, "A12345").Do(t.Context(), client.Request{
		Interaction: client.BookAppointment, Path: "/Appointment", Body: []byte(`{"resourceType":"Appointment"}`),
	})
	if !errors.Is(err, client.ErrEndpointVaries) {
		t.Errorf("a write: got %v, want ErrEndpointVaries", err)
	}
	if got := len(at(server, "proxy")); got != 1 || directory.forgotten != 1 {
		t.Errorf("a write: %d requests, %d times forgotten, want 1 and 1", got, directory.forgotten)
	}
}

// TestOwnASID: an organisation without an ASID is looked up by its system's
// manufacturer, once an encounter and interaction.
func TestOwnASID(t *testing.T) {
	c, server := start(t, sandbox.Config{Plain: true}, func(config *client.Config) { config.Timeout = 5 * time.Second })
	e, err := c.Encounter(client.Organisation{ODS: "A11111", Name: "Example Org", Manufacturer: "YGCON"}, user)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice("A12345")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.Metadata(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range at(server, "proxy") {
		if got := r.Header.Get("Ssp-From"); got != "200000000359" {
			t.Errorf("Ssp-From: got %s, want 200000000359", got)
		}
	}
	if got := len(at(server, "ldap")); got != 3 {
		t.Errorf("%d searches, want 3: MHS, AS, own", got)
	}
	e, err = c.Encounter(client.Organisation{ODS: "A11111", Name: "Example Org", Manufacturer: "YGNONE"}, user)
	if err != nil {
		t.Fatal(err)
	}
	p, _ = e.Practice("A12345")
	if _, err := p.Metadata(t.Context()); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a manufacturer that is not there: got %v, want ErrNotFound", err)
	}
}

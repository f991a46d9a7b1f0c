package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

const (
	practiceODS = "A12345"
	late        = 5 * time.Minute
)

var (
	asking = client.Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359", Type: "urgent-care", Phone: "0300 303 5678"}
	user   = client.Practitioner{ID: "u-1", Family: "Doe", Given: []string{"Sam"}, LocalSystem: "https://consumer.example/Id/user"}
)

// world is a sandbox with a clock that the stories told in it push forward.
type world struct {
	server *sandbox.Server
	folder string

	mu    sync.Mutex
	ahead time.Duration

	endpoints fixed
}

// fixed are the practice's endpoints, looked up once.
type fixed map[sdslookup.Interaction]sdslookup.Endpoint

func (f fixed) Endpoint(_ context.Context, ods string, id sdslookup.Interaction) (sdslookup.Endpoint, error) {
	e, ok := f[id]
	if !ok || ods != practiceODS {
		return e, sdslookup.ErrNotFound
	}
	return e, nil
}

func newWorld(ctx context.Context) (*world, error) {
	w := &world{endpoints: fixed{}}
	var err error
	if w.folder, err = os.MkdirTemp("", "bookings"); err != nil {
		return nil, err
	}
	if w.server, err = sandbox.Start(ctx, sandbox.Config{Now: w.now}); err != nil {
		return nil, err
	}
	config, err := w.tls()
	if err != nil {
		return nil, err
	}
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{w.server.LDAPURL()}, TLS: config})
	if err != nil {
		return nil, err
	}
	defer directory.Close()
	for _, id := range []client.Interaction{client.FindPatient, client.SearchSlots, client.BookAppointment, client.ReadAppointment, client.PatientAppointments} {
		if w.endpoints[id], err = directory.Endpoint(ctx, practiceODS, id); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *world) close() {
	w.server.Close()
	os.RemoveAll(w.folder)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) tls() (*tls.Config, error) {
	files := w.server.Files()
	return mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
}

// direct is a practice that is asked without anything going wrong.
func (w *world) direct() (*client.Practice, func(), error) {
	config, err := w.tls()
	if err != nil {
		return nil, nil, err
	}
	return dial(client.Config{ProxyURL: w.server.ProxyURL(), TLS: config, Directory: w.endpoints, Now: w.now})
}

// dial begins an encounter at the practice.
func dial(config client.Config) (*client.Practice, func(), error) {
	config.Issuer = "https://consumer.example/"
	config.Device = client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "bookings", Version: "1"}
	c, err := client.New(config)
	if err != nil {
		return nil, nil, err
	}
	e, err := c.Encounter(asking, user)
	if err != nil {
		return nil, nil, err
	}
	p, err := e.Practice(practiceODS)
	return p, c.Close, err
}

// find gives a patient and a free slot.
func (w *world) find(ctx context.Context, digits string) (client.PatientRef, []client.Slot, error) {
	p, end, err := w.direct()
	if err != nil {
		return client.PatientRef{}, nil, err
	}
	defer end()
	n, err := fhir.ParseNHSNumber(digits)
	if err != nil {
		return client.PatientRef{}, nil, err
	}
	patient, err := p.FindPatient(ctx, n)
	if err != nil {
		return client.PatientRef{}, nil, err
	}
	slots, err := p.SearchSlots(ctx, client.SlotsBetween(w.now().Add(24*time.Hour), w.now().Add(3*24*time.Hour)))
	if err == nil && len(slots) < 10 {
		err = fmt.Errorf("only %d slots", len(slots))
	}
	return patient.Ref(), slots, err
}

func (w *world) journal(seed uint64) string { return filepath.Join(w.folder, fmt.Sprint(seed)) }

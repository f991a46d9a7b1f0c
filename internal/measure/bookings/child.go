package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/journal"
)

// childVariable makes this program the process of one task.
const childVariable = "GPC_BOOKINGS_CHILD"

// task is what one process does: it books, or it settles what is unsettled.
type task struct {
	Proxy     string
	Chain     []byte
	Key       []byte
	Roots     []byte
	Endpoints fixed
	Journal   string
	Ahead     time.Duration
	Timeout   time.Duration
	Kill      string
	Patient   string
	Slots     []client.Slot // none: settle
}

// result is what the process says at its end.
type result struct {
	Booked      bool
	Recovered   bool
	Appointment string
	Unknown     bool // ErrOutcomeUnknown
	Unsettled   bool // ErrUnsettled
	Error       string
}

// child does the task that stands on stdin.
func child() {
	var t task
	err := json.NewDecoder(os.Stdin).Decode(&t)
	var r result
	if err == nil {
		r, err = t.do(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bookings:", err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// die kills this process if this is where it is to be killed.
func (t *task) die(at string) {
	if t.Kill != at {
		return
	}
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
		select {}
	}
}

func (t *task) do(ctx context.Context) (result, error) {
	pair, err := tls.X509KeyPair(t.Chain, t.Key)
	if err != nil {
		return result{}, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.Roots)
	now := func() time.Time { return time.Now().Add(t.Ahead) }
	j, err := journal.Open(journal.Config{Dir: t.Journal, Now: now})
	if err != nil {
		return result{}, err
	}
	c, err := client.New(client.Config{
		ProxyURL: t.Proxy, TLS: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
		Directory: t.Endpoints, Now: now, Timeout: t.Timeout, Retry: client.Retry{Attempts: 1}, Journal: &fragile{j, t},
		Issuer: "https://consumer.example/", Device: client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "bookings", Version: "1"},
		OnExchange: func(x client.Exchange) {
			if x.Interaction == client.BookAppointment {
				t.die("after the answer")
			}
		},
		Settling: client.Settling{Pauses: []time.Duration{time.Millisecond, 10 * time.Millisecond}, Late: late, Grace: time.Second, Sleep: t.sleep},
	})
	if err != nil {
		return result{}, err
	}
	defer c.Close()
	e, err := c.Encounter(asking, user)
	if err != nil {
		return result{}, err
	}
	if len(t.Slots) == 0 {
		return t.settle(ctx, c, e)
	}
	p, err := e.Practice(practiceODS)
	if err != nil {
		return result{}, err
	}
	made, err := p.Book(ctx, client.Booking{Patient: client.PatientRef{ODS: practiceODS, ID: t.Patient}, Slots: t.Slots})
	return told(made, err), nil
}

func told(made *client.Booked, err error) result {
	if err != nil {
		return result{Unknown: errors.Is(err, client.ErrOutcomeUnknown), Unsettled: errors.Is(err, client.ErrUnsettled), Error: err.Error()}
	}
	return result{Booked: true, Recovered: made.Recovered, Appointment: made.Appointment.ID}
}

// settle settles whatever is unsettled.
func (t *task) settle(ctx context.Context, c *client.Client, e *client.Encounter) (result, error) {
	open, err := c.Unsettled(ctx)
	if err != nil {
		return result{}, err
	}
	var r result
	for _, i := range open {
		if _, err := e.Settle(ctx, i, fhir.NHSNumber{}); err != nil {
			r = told(nil, err)
		}
	}
	return r, nil
}

func (t *task) sleep(ctx context.Context, d time.Duration) error {
	t.die("in a pause")
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// fragile is a journal around whose steps the process may be killed.
type fragile struct {
	*journal.Journal
	task *task
}

func (f *fragile) Begin(ctx context.Context, i client.Intent) error {
	f.task.die("before the journal")
	err := f.Journal.Begin(ctx, i)
	f.task.die("after the journal")
	return err
}

func (f *fragile) Settle(ctx context.Context, id string, o client.Outcome) error {
	f.task.die("before settling")
	err := f.Journal.Settle(ctx, id, o)
	f.task.die("after settling")
	return err
}

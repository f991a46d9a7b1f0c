package client

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"crypto/tls"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// slow is a directory that answers when it is let go, and counts.
type slow struct {
	asked   atomic.Int32
	release chan struct{}
	fail    atomic.Bool
}

func (s *slow) Endpoint(ctx context.Context, ods string, id sdslookup.Interaction) (sdslookup.Endpoint, error) {
	s.asked.Add(1)
	select {
	case <-s.release:
	case <-ctx.Done():
		return sdslookup.Endpoint{}, ctx.Err()
	}
	if s.fail.Load() {
		return sdslookup.Endpoint{}, sdslookup.ErrUnavailable
	}
	return sdslookup.Endpoint{Address: "https://" + ods + ".example/" + string(id), ASID: "999999999999", PartyKey: ods + "-1"}, nil
}

func encounterOf(t testing.TB, d sdslookup.Directory) *Encounter {
	t.Helper()
	c, err := New(Config{
		ProxyURL: "https://proxy.example", TLS: &tls.Config{}, Directory: d, Issuer: "https://consumer.example/",
		Device: Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Encounter(
		Organisation{ODS: "A11111", Name: "Example", ASID: "200000000359"},
		Practitioner{ID: "1", Family: "Doe", LocalSystem: "https://consumer.example/Id/user"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestManyCallersOneLookup: a thousand callers of one practice in one
// encounter ask the directory once; one that gives up ends nobody else's wait.
func TestManyCallersOneLookup(t *testing.T) {
	directory := &slow{release: make(chan struct{})}
	e := encounterOf(t, directory)
	at := place{"A12345", GetStructuredRecord}
	hasty, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := e.endpoint(hasty, at)
		gaveUp <- err
	}()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that gave up: got %v, want context.Canceled", err)
	}
	const callers = 1000
	var begun, done sync.WaitGroup
	var wrong atomic.Int32
	begun.Add(callers)
	for range callers {
		done.Go(func() {
			begun.Done()
			if ep, err := e.endpoint(t.Context(), at); err != nil || ep.ASID != "999999999999" {
				wrong.Add(1)
			}
		})
	}
	begun.Wait()
	close(directory.release)
	done.Wait()
	if got := directory.asked.Load(); got != 1 {
		t.Errorf("the directory was asked %d times, want 1", got)
	}
	if got := wrong.Load(); got != 0 {
		t.Errorf("%d callers got no endpoint", got)
	}
}

// TestMemory: what is remembered is the encounter's, the practice's and the interaction's alone.
func TestMemory(t *testing.T) {
	directory := &slow{release: make(chan struct{})}
	close(directory.release)
	first, second := encounterOf(t, directory), encounterOf(t, directory)
	ask := func(e *Encounter, ods string, id Interaction, want int32, what string) {
		t.Helper()
		if _, err := e.endpoint(t.Context(), place{ods, id}); err != nil {
			t.Fatal(err)
		}
		if got := directory.asked.Load(); got != want {
			t.Errorf("%s: the directory was asked %d times, want %d", what, got, want)
		}
	}
	ask(first, "A12345", GetStructuredRecord, 1, "first")
	ask(first, "A12345", GetStructuredRecord, 1, "again")
	ask(first, "A12345", ReadMetadata, 2, "another capability")
	ask(first, "B82617", GetStructuredRecord, 3, "another practice")
	ask(second, "A12345", GetStructuredRecord, 4, "another encounter")
}

// TestFailureIsNotRemembered: a directory that did not answer is asked again.
func TestFailureIsNotRemembered(t *testing.T) {
	directory := &slow{release: make(chan struct{})}
	close(directory.release)
	directory.fail.Store(true)
	e := encounterOf(t, directory)
	at := place{"A12345", GetStructuredRecord}
	if _, err := e.endpoint(t.Context(), at); !errors.Is(err, sdslookup.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	directory.fail.Store(false)
	if _, err := e.endpoint(t.Context(), at); err != nil {
		t.Errorf("after recovery: got %v", err)
	}
}

// TestOnePatient: an encounter is about one patient.
func TestOnePatient(t *testing.T) {
	e := encounterOf(t, &slow{release: make(chan struct{})})
	one, err := fhir.ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	other, err := fhir.ParseNHSNumber("9000000017")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.about(one); err != nil {
		t.Errorf("the first: got %v", err)
	}
	if err := e.about(one); err != nil {
		t.Errorf("the same again: got %v", err)
	}
	if e.about(other) == nil {
		t.Error("a second patient was let in")
	}
}

// BenchmarkRemembered measures a remembered lookup beside a bare map read
// under an RWMutex.
func BenchmarkRemembered(b *testing.B) {
	directory := &slow{release: make(chan struct{})}
	close(directory.release)
	e := encounterOf(b, directory)
	at := place{"A12345", GetStructuredRecord}
	if _, err := e.endpoint(b.Context(), at); err != nil {
		b.Fatal(err)
	}
	b.Run("encounter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.endpoint(b.Context(), at); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		var mu sync.RWMutex
		bare := map[place]sdslookup.Endpoint{at: {}}
		b.ReportAllocs()
		for b.Loop() {
			mu.RLock()
			_, ok := bare[at]
			mu.RUnlock()
			if !ok {
				b.Fatal("not there")
			}
		}
	})
}

package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// TestPseudonymsOfMany: each of many patients is named as the key names them, the
// second time too, and few are remembered.
func TestPseudonymsOfMany(t *testing.T) {
	one, err := KeyOf([]byte(strings.Repeat("1", keySize)))
	if err != nil {
		t.Fatal(err)
	}
	var p pseudonyms
	for range 2 {
		for i := range 3 * mostNames {
			n := counted(fmt.Sprintf("%010d", i))
			if got, want := p.pseudonym(one, n), one.Pseudonym(n); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
			if len(p.known) > mostNames {
				t.Fatalf("%d are remembered, want at most %d", len(p.known), mostNames)
			}
		}
	}
	if got := p.pseudonym(one, counted("")); got != "" {
		t.Errorf("nobody is named %q", got)
	}
}

// counted is a number, comparable as an NHS number is.
type counted string

func (c counted) Digits() string { return string(c) }

// TestLinesAreWrittenOver: a short line in the place of a long one has nothing of
// it, and a patient's line nothing of the patient before.
func TestLinesAreWrittenOver(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	long, short := attempt("long"), attempt("short")
	long.Patient, short.Patient = number(t, "9000000009"), number(t, "9000000017")
	long.Remarks = []string{strings.Repeat("a long remark ", 30)}
	for range 20 {
		for _, e := range []client.Event{long, short} {
			if err := j.Begin(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			e.Status = 200
			j.End(t.Context(), e)
		}
	}
	closed(t, j)
	if _, err := VerifyFile(path); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries(t, path) {
		if e.Kind != Begin && e.Kind != End {
			continue
		}
		seen++
		of := long
		if e.Trace == "short" {
			of = short
		}
		if e.Patient != j.key.Pseudonym(of.Patient) || len(e.Remarks) != len(of.Remarks) {
			t.Errorf("the %s of %s has another's patient or remarks", e.Kind, e.Trace)
		}
	}
	if seen != 80 {
		t.Errorf("got %d lines, want 80", seen)
	}
}

// TestUnderWay: the count of calls that have begun and not ended comes back to
// nothing, also when they were refused or given up.
func TestUnderWay(t *testing.T) {
	j := openAt(t, newPath(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 10 {
		e := attempt(fmt.Sprint("t-", i))
		if err := j.Begin(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got := j.underWay(); got != 1 {
			t.Errorf("%d calls are under way, want 1", got)
		}
		j.End(t.Context(), e)
		e.Withheld = true
		j.End(t.Context(), e)
		if err := j.Begin(gone, e); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	nothingUnderWay(t, j)
	closed(t, j)
}

// TestStoppedIsNotUnderWay: nor is a call that the disk has stopped, or that was
// given up while it waited for one.
func TestStoppedIsNotUnderWay(t *testing.T) {
	d := newDisk(5)
	j := openOn(t, d, newPath(t))
	d.set(func() { d.failSync = true })
	if err := j.Begin(t.Context(), attempt("t-stopped")); err == nil {
		t.Error("got nil, want an error")
	}
	d.set(func() { d.failSync = false })
	nothingUnderWay(t, j)

	reached, release := d.hold()
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan error)
	go func() { told <- j.Begin(ctx, attempt("t-given-up")) }()
	<-reached
	cancel()
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	release()
	nothingUnderWay(t, j)
	closed(t, j)
}

func nothingUnderWay(t *testing.T, j *Journal) {
	t.Helper()
	if got := j.underWay(); got != 0 {
		t.Errorf("%d calls are under way, want none", got)
	}
}

// TestSomeGiveUpWhileTheDiskFails: of callers who may commit themselves, some give up
// and the disk fails now and then: each call that was let out has its two lines, once.
func TestSomeGiveUpWhileTheDiskFails(t *testing.T) {
	for _, quick := range []time.Duration{0, time.Hour} {
		d, path := newDisk(9), newPath(t)
		j := openOn(t, d, path)
		j.writing.Lock()
		j.quick = quick
		j.writing.Unlock()
		var syncs atomic.Int64
		d.set(func() { d.onSync = func() { d.set(func() { d.failSync = syncs.Add(1)%3 == 0 }) } })
		var let sync.Map
		var all sync.WaitGroup
		for caller := range 4 {
			all.Go(func() {
				for i := range 200 {
					ctx, cancel := context.WithCancel(t.Context())
					if (caller+i)%4 == 0 {
						go cancel()
					}
					e := attempt(fmt.Sprintf("t-%d-%d", caller, i))
					if j.Begin(ctx, e) == nil {
						let.Store(e.TraceID, true)
						j.End(t.Context(), e)
					}
					cancel()
				}
			})
		}
		all.Wait()
		if n := j.underWay(); n != 0 {
			t.Errorf("%d calls are under way, want none", n)
		}
		d.set(func() { d.onSync, d.failSync = nil, false })
		closed(t, j)
		if _, err := VerifyFile(path); err != nil {
			t.Error(err)
		}
		lines := map[string]int{}
		for _, e := range entries(t, path) {
			lines[string(e.Kind)+" "+e.Trace]++
		}
		n := 0
		for trace := range let.Range {
			n++
			if lines["begin "+trace.(string)] != 1 || lines["end "+trace.(string)] != 1 {
				t.Errorf("%v: %d begins and %d ends", trace, lines["begin "+trace.(string)], lines["end "+trace.(string)])
			}
		}
		if n == 0 || n == 800 {
			t.Errorf("%d of 800 calls were let out", n)
		}
	}
}

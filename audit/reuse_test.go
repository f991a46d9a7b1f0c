package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

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

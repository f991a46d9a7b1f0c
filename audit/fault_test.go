package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

func openOn(t testing.TB, d *disk, path string) *Journal {
	t.Helper()
	j, err := Open(Config{Path: path, Key: testKey, open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// waiting waits until n lines are in the queue.
func waiting(t testing.TB, j *Journal, n int) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Microsecond) {
		j.mu.Lock()
		got := len(j.queue)
		j.mu.Unlock()
		if got == n {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d lines wait, want %d", got, n)
		}
	}
}

// hold stops the disk in its next sync until the returned function is called.
func (d *disk) hold() (reached chan struct{}, release func()) {
	reached, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	d.set(func() {
		d.onSync = func() {
			once.Do(func() { close(reached) })
			<-gate
		}
	})
	return reached, func() { close(gate) }
}

// beginAll begins n attempts at once while the disk is busy with another, and
// returns what each was told.
func beginAll(t *testing.T, d *disk, j *Journal, n int, then func()) (others []error, first error) {
	reached, release := d.hold()
	results := make(chan error, n)
	one := make(chan error)
	go func() { one <- j.Begin(t.Context(), attempt("t-first")) }()
	<-reached
	for i := range n {
		go func() { results <- j.Begin(t.Context(), attempt(fmt.Sprint("t-", i))) }()
	}
	waiting(t, j, n)
	then()
	release()
	first = <-one
	for range n {
		others = append(others, <-results)
	}
	return others, first
}

// TestSharedSync: who comes while the disk is busy shares the next sync, and
// nobody returns before it.
func TestSharedSync(t *testing.T) {
	d, path := newDisk(1), newPath(t)
	j := openOn(t, d, path)
	before := d.syncs
	others, first := beginAll(t, d, j, 64, func() {})
	if err := errors.Join(append(others, first)...); err != nil {
		t.Fatal(err)
	}
	if got := d.syncs - before; got != 2 {
		t.Errorf("65 Begins took %d syncs, want 2: one for the first, one for those who came meanwhile", got)
	}
	closed(t, j)
	if got := len(entries(t, path)); got != 66 {
		t.Errorf("got %d lines, want 66", got)
	}
}

// TestFullDisk: everyone who shared the write is told, nothing of it stays,
// and when there is room again the journal goes on and says what it missed.
func TestFullDisk(t *testing.T) {
	for name, fail := range map[string]func(*disk, bool){
		"no room":            func(d *disk, on bool) { d.full = on },
		"sync fails":         func(d *disk, on bool) { d.failSync = on },
		"neither works":      func(d *disk, on bool) { d.full, d.failSync, d.failCut = on, on, on },
		"cutting back fails": func(d *disk, on bool) { d.failSync, d.failCut = on, on },
	} {
		d, path := newDisk(2), newPath(t)
		j := openOn(t, d, path)
		begin(t, j, "t-before")
		others, _ := beginAll(t, d, j, 8, func() { d.set(func() { fail(d, true) }) })
		d.set(func() { d.onSync = nil })
		for _, err := range others {
			if err == nil {
				t.Errorf("%s: Begin: got nil, want an error", name)
			} else if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EIO) {
				t.Errorf("%s: Begin: got %v, want the disk's error in it", name, err)
			}
		}
		j.End(t.Context(), attempt("t-before"))
		if err := j.Begin(t.Context(), attempt("t-still")); err == nil {
			t.Errorf("%s: Begin while it still fails: got nil, want an error", name)
		}
		d.set(func() { fail(d, false) })
		begin(t, j, "t-after")
		closed(t, j)

		if _, err := VerifyFile(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		told, unbegun := map[string]bool{}, 0
		for _, e := range entries(t, path) {
			told[fmt.Sprint(e.Kind, " ", e.Trace)] = true
			unbegun += e.Unbegun
		}
		if unbegun < 9 {
			t.Errorf("%s: %d calls are said to have been stopped, want at least 9", name, unbegun)
		}
		for _, want := range []string{"begin t-before", "end t-before", "begin t-after", "resumed "} {
			if !told[want] {
				t.Errorf("%s: no line %q", name, want)
			}
		}
	}
}

// TestFailedLinesAreGone: where the disk allows it, a call that was stopped
// because its line could not be written is not in the journal as begun.
func TestFailedLinesAreGone(t *testing.T) {
	d, path := newDisk(3), newPath(t)
	j := openOn(t, d, path)
	for i, fail := range []*bool{&d.full, &d.failSync} {
		d.set(func() { *fail = true })
		if err := j.Begin(t.Context(), attempt(fmt.Sprint("stopped-", i))); err == nil {
			t.Fatal("got nil, want an error")
		}
		d.set(func() { *fail = false })
	}
	begin(t, j, "t-1")
	closed(t, j)
	if got, want := story(entries(t, path)), []string{"header ", "resumed ", "begin t-1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCloseSaysWhatIsLost: ends that could not be written until the end are an
// error of Close.
func TestCloseSaysWhatIsLost(t *testing.T) {
	d, path := newDisk(4), newPath(t)
	j := openOn(t, d, path)
	begin(t, j, "t-1")
	d.set(func() { d.full = true })
	j.End(t.Context(), attempt("t-1"))
	if err := j.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC in it", err)
	}
	if err := j.Begin(t.Context(), attempt("t-2")); !errors.Is(err, ErrClosed) {
		t.Errorf("Begin after Close: got %v, want ErrClosed", err)
	}
	if err := j.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("Close after Close: got %v, want ErrClosed", err)
	}
	if r, err := VerifyFile(path); err != nil || r.Unknown != 1 {
		t.Errorf("got %+v, %v; want one attempt whose end is not known", r, err)
	}
}

// TestCloseSyncs: an end that was written without waiting for the disk is there
// after Close.
func TestCloseSyncs(t *testing.T) {
	d, path := newDisk(8), newPath(t)
	j := openOn(t, d, path)
	begin(t, j, "t-1")
	j.End(t.Context(), attempt("t-1"))
	grown(t, path, 3)
	closed(t, j)
	if got, want := string(d.surface.durable), string(content(t, path)); got != want {
		t.Errorf("on disk is\n%s\nwant\n%s", got, want)
	}
}

// TestCallerGivesUp: a caller whose ctx ends does not wait for the disk. Its
// line is taken back if it can be, and followed by a refusal if not.
func TestCallerGivesUp(t *testing.T) {
	d, path := newDisk(5), newPath(t)
	j := openOn(t, d, path)
	reached, release := d.hold()
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error)
	go func() { results <- j.Begin(ctx, attempt("in-flight")) }()
	<-reached
	go func() { results <- j.Begin(ctx, attempt("queued")) }()
	waiting(t, j, 1)
	cancel()
	for range 2 {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
	release()
	closed(t, j)
	all := entries(t, path)
	if got, want := story(all), []string{"header ", "begin in-flight", "refused in-flight"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := all[2].Result; got != "cancelled" {
		t.Errorf("got result %q, want cancelled", got)
	}
}

// TestDiskThatComesBack: lines that nobody waits for are written when the disk works
// again, although no call comes that would take them along.
func TestDiskThatComesBack(t *testing.T) {
	d, path := newDisk(8), newPath(t)
	j := openOn(t, d, path)
	j.pause = time.Millisecond
	begin(t, j, "t-1")
	d.set(func() { d.failSync = true })
	j.End(t.Context(), attempt("t-1"))
	j.mu.Lock()
	j.soon.Stop() // as if it had fired while the disk was at work
	j.armed = false
	j.mu.Unlock()
	if err := j.Begin(t.Context(), attempt("t-2")); err == nil {
		t.Fatal("Begin: got nil, want the disk's error")
	}
	d.set(func() { d.failSync = false })
	waiting(t, j, 0)
	closed(t, j)
	if got := story(entries(t, path)); !slices.Contains(got, "end t-1") {
		t.Errorf("got %q, and the end is not there", got)
	}
}

// TestWaitingLinesAreBounded: ends that nobody waits for do not fill the
// memory while the disk fails; those given up are counted.
func TestWaitingLinesAreBounded(t *testing.T) {
	d, path := newDisk(6), newPath(t)
	j := openOn(t, d, path)
	j.room = 100
	reached, release := d.hold()
	go func() { _ = j.Begin(t.Context(), attempt("t-1")) }()
	<-reached
	for range j.room + 7 {
		j.End(t.Context(), attempt("t-1"))
	}
	d.set(func() { d.full = true })
	release()
	if err := j.Begin(t.Context(), attempt("t-2")); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want ENOSPC", err)
	}
	d.set(func() { d.full = false })
	begin(t, j, "t-3")
	closed(t, j)
	ends, unended := 0, 0
	for _, e := range entries(t, path) {
		switch e.Kind {
		case End:
			ends++
		case Resumed:
			unended += e.Unended
		}
	}
	// t-2 may have been in the queue beside them.
	if ends+unended != j.room+7 || ends > j.room || ends < j.room-1 {
		t.Errorf("got %d ends and %d given up, want %d and 7", ends, unended, j.room)
	}
}

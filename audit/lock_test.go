package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestHeldLock: a journal that another holds is waited for, and not for ever;
// the call does not go out, and the journal goes on when it is free.
func TestHeldLock(t *testing.T) {
	path := newPath(t)
	j, err := Open(Config{Path: path, Key: testKey, Wait: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	other := headFile{path: path + ".head", wait: time.Minute}
	if err := other.acquire(); err != nil {
		t.Fatal(err)
	}
	if err := j.Begin(t.Context(), attempt("t-1")); !errors.Is(err, ErrBusy) {
		t.Errorf("Begin: got %v, want ErrBusy", err)
	}
	if _, err := Open(Config{Path: path, Key: testKey, Wait: time.Millisecond}); !errors.Is(err, ErrBusy) {
		t.Errorf("Open: got %v, want ErrBusy", err)
	}
	other.release()
	if err := other.close(); err != nil {
		t.Fatal(err)
	}
	begin(t, j, "t-2")
	closed(t, j)
	if r, err := VerifyFile(path); err != nil || r.Begun != 1 || r.Resumed != 1 {
		t.Errorf("got %+v, %v; want one begun after one gap", r, err)
	}
}

// TestTwoJournals: two of one process, in turns, on one file.
func TestTwoJournals(t *testing.T) {
	path := newPath(t)
	one, two := openAt(t, path), openAt(t, path)
	for range 5 {
		begin(t, one, "one")
		two.End(t.Context(), refusal())
		begin(t, two, "two")
	}
	closed(t, one)
	begin(t, two, "two")
	closed(t, two)
	if r, err := VerifyFile(path); err != nil || r.Lines != 17 {
		t.Errorf("got %+v, %v; want 17 lines", r, err)
	}
}

// TestHeadFileReplaced: who holds a lock on a file that is no longer found
// under its name has no lock.
func TestHeadFileReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed on Windows")
	}
	path := newPath(t)
	one := openAt(t, path)
	begin(t, one, "t-1")
	if err := os.Remove(path + ".head"); err != nil {
		t.Fatal(err)
	}
	two := openAt(t, path)
	begin(t, two, "t-2")
	begin(t, one, "t-3")
	ours, err := one.store.head.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := two.store.head.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(ours, theirs) {
		t.Error("the two journals lock different files")
	}
	closed(t, one)
	closed(t, two)
	if r, err := VerifyFile(path); err != nil || r.Begun != 3 {
		t.Errorf("got %+v, %v; want three begun", r, err)
	}
}

// TestRotated: a journal moved away under two writers' hands goes on in a new
// file, whose header names the last line of the old one.
func TestRotated(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be moved on Windows")
	}
	path := newPath(t)
	one, two := openAt(t, path), openAt(t, path)
	begin(t, one, "t-1")
	begin(t, two, "t-2")
	one.End(t.Context(), attempt("t-1"))
	waiting(t, one, 0)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	begin(t, one, "t-3")
	begin(t, two, "t-4")
	closed(t, one)
	closed(t, two)
	r, err := VerifyFile(path)
	if err != nil || r.Begun != 2 {
		t.Fatalf("the new file: got %+v, %v; want two begun", r, err)
	}
	if _, err := VerifyFile(path+".1", r.Continues); err != nil {
		t.Errorf("the old file, with what the new one carries on from: %v", err)
	}
	if _, err := VerifyFile(path, Head{Seq: 2, Hash: r.Continues.Hash}); !errors.Is(err, Earlier) {
		t.Errorf("the new file, asked for a line of the old one: got %v, want Earlier", err)
	}
	if _, err := VerifyFile(path, Head{Seq: r.Continues.Seq, Hash: noHash}); !errors.Is(err, Replaced) {
		t.Errorf("the new file, carrying on from another line: got %v, want Replaced", err)
	}
}

// TestRotatedOnDisk: what was written to the old file without waiting for the
// disk is there before the new one carries on from it.
func TestRotatedOnDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be moved on Windows")
	}
	d, path := newDisk(1), newPath(t)
	j := openOn(t, d, path)
	begin(t, j, "t-1")
	j.End(t.Context(), attempt("t-1"))
	grown(t, path, 3)
	old := d.surface
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	begin(t, j, "t-2")
	closed(t, j)
	if got, want := string(old.durable), string(content(t, path+".1")); got != want {
		t.Errorf("of the old file is on disk\n%s\nwant\n%s", got, want)
	}
}

// TestCutWhileOpen: lines that vanish under the writer's hands are missed,
// also those that no sync had reached.
func TestCutWhileOpen(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	begin(t, j, "t-1")
	size := int64(len(content(t, path)))
	j.End(t.Context(), attempt("t-1"))
	grown(t, path, 3)
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	if err := j.Begin(t.Context(), attempt("t-2")); !errors.Is(err, Cut) {
		t.Errorf("got %v, want Cut", err)
	}
	if err := j.Close(); !errors.Is(err, Cut) {
		t.Errorf("Close: got %v, want Cut", err)
	}
}

// grown waits until the journal has n lines.
func grown(t *testing.T, path string, n int) {
	t.Helper()
	for until := time.Now().Add(time.Minute); bytes.Count(content(t, path), []byte("\n")) != n; time.Sleep(100 * time.Microsecond) {
		if time.Now().After(until) {
			t.Fatalf("the journal has not %d lines after a minute", n)
		}
	}
}

// TestEmptied: rotation by copying and emptying the file.
func TestEmptied(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	begin(t, j, "t-1")
	first, err := VerifyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	begin(t, j, "t-2")
	closed(t, j)
	if r, err := VerifyFile(path); err != nil || r.Continues != first.Head || r.Begun != 1 {
		t.Errorf("got %+v, %v; want one begun, carrying on from %+v", r, err, first.Head)
	}
}

// TestKilledAfterRotation: a process that dies when the new file is there, and
// before its head is, leaves a head that is the old file's.
func TestKilledAfterRotation(t *testing.T) {
	path := sample(t)
	head := content(t, path+".head")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	j := openAt(t, path)
	begin(t, j, "t-1")
	closed(t, j)
	write(t, path+".head", head)
	j = openAt(t, path)
	begin(t, j, "t-2")
	closed(t, j)
	if r, err := VerifyFile(path); err != nil || r.Begun != 2 {
		t.Errorf("got %+v, %v; want two begun", r, err)
	}
}

// TestTornHeader: of a new file that a crash left without a whole header,
// nothing was promised; it is begun again, and still carries on.
func TestTornHeader(t *testing.T) {
	path := sample(t)
	before, err := VerifyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := content(t, path+".head")
	for _, text := range []string{`{`, `{"seq":9,"prev":"` + before.Head.Hash[:20], "\x00\x00\x00\x00"} {
		write(t, path, []byte(text))
		write(t, path+".head", head)
		j := openAt(t, path)
		begin(t, j, "t-1")
		closed(t, j)
		if r, err := VerifyFile(path); err != nil || r.Continues != before.Head {
			t.Errorf("%q: got %+v, %v; want a journal that carries on from %+v", text, r, err, before.Head)
		}
	}
}

// TestReaderDoesNotWrite: who only reads the journal locks a head file opened
// for reading, and makes none.
func TestReaderDoesNotWrite(t *testing.T) {
	path := sample(t)
	h := headFile{path: path + ".head", wait: time.Second}
	if err := h.open(os.O_RDONLY); err != nil {
		t.Fatal(err)
	}
	opened := h.file
	if err := h.acquire(); err != nil {
		t.Fatal(err)
	}
	if h.file != opened {
		t.Error("the head file was opened again, for writing")
	}
	h.release()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".head"); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyFile(path); err != nil {
		t.Errorf("without a head file: %v", err)
	}
	if _, err := os.Stat(path + ".head"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading made a head file: %v", err)
	}
}

// TestModes: nobody but the owner reads the journal.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	path := sample(t)
	for _, p := range []string{path, path + ".head"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %04o, want 0600", filepath.Base(p), got)
		}
	}
	if _, err := Open(Config{Path: filepath.Join(t.TempDir(), "none", "audit.jsonl"), Key: testKey}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: got %v, want os.ErrNotExist", err)
	}
}

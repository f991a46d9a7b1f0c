package audit

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// history is a journal's life under a disk that fails, processes that die,
// power that fails and rotations, with what was promised on the way.
type history struct {
	t       *rapid.T
	folder  string
	path    string
	disk    *disk
	journal *Journal
	random  *rand.Rand

	calls    int
	promised map[string]bool // traces whose Begin returned nil
	ended    map[string]bool // traces whose end must be there
	rotated  []string
	heads    [][]byte // contents of the head file since the power came
	lossless bool     // nothing happened that may cost an end
}

// TestHistories: whatever happens, every Begin that returned nil is in the
// journal, the chain verifies from file to file, and an end is lost by power
// failures and kills alone.
func TestHistories(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		folder, err := os.MkdirTemp(base, "h")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(folder)
		seed := rapid.Int64().Draw(t, "seed")
		h := &history{
			t: t, folder: folder, path: filepath.Join(folder, "audit.jsonl"), disk: newDisk(seed), lossless: true,
			random: rand.New(rand.NewSource(seed)), promised: map[string]bool{}, ended: map[string]bool{},
		}
		h.open()
		defer func() {
			if h.journal != nil {
				h.journal.Close()
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"call":    func(*rapid.T) { h.call() },
			"burst":   func(*rapid.T) { h.burst(rapid.IntRange(2, 6).Draw(t, "callers")) },
			"refuse":  func(*rapid.T) { h.journal.End(bare(), refusal()) },
			"trouble": func(*rapid.T) { h.trouble() },
			"reopen":  func(*rapid.T) { h.reopen() },
			"kill":    func(*rapid.T) { h.kill() },
			"power":   func(*rapid.T) { h.power() },
			"rotate":  func(*rapid.T) { h.rotate() },
		})
		h.heal()
		h.call()
		h.close()
		h.check()
	})
}

func (h *history) open() {
	j, err := Open(Config{Path: h.path, Key: testKey, open: h.disk.open})
	if err != nil {
		h.t.Fatalf("Open: %v", err)
	}
	h.journal = j
	h.look()
}

// look takes down what the head file holds.
func (h *history) look() {
	b, err := os.ReadFile(h.path + ".head")
	if err != nil {
		h.t.Fatal(err)
	}
	h.heads = append(h.heads, b)
}

func (h *history) call() { h.burst(1) }

// burst is n calls at once; every second one ends.
func (h *history) burst(n int) {
	type result struct {
		trace string
		err   error
	}
	results := make(chan result)
	for range n {
		h.calls++
		trace := fmt.Sprint("t-", h.calls)
		go func() { results <- result{trace, h.journal.Begin(bare(), attempt(trace))} }()
	}
	for i := range n {
		r := <-results
		if r.err != nil {
			continue
		}
		h.promised[r.trace] = true
		if i%2 == 0 {
			h.journal.End(bare(), attempt(r.trace))
			h.ended[r.trace] = true
		}
	}
	h.look()
}

// trouble lets the disk fail, or work again.
func (h *history) trouble() {
	d := h.disk
	d.set(func() {
		d.full, d.failSync, d.failCut = h.random.Intn(3) == 0, h.random.Intn(3) == 0, h.random.Intn(4) == 0
	})
}

func (h *history) heal() {
	h.disk.set(func() { h.disk.full, h.disk.failSync, h.disk.failCut, h.disk.dead = false, false, false, false })
}

// close closes; a disk that fails makes it lose ends, and say so.
func (h *history) close() {
	if err := h.journal.Close(); err != nil {
		h.lossless = false
	}
	h.journal = nil
	h.look()
}

func (h *history) reopen() {
	h.close()
	h.heal()
	h.open()
}

// kill is the process's end in the middle of a write: what was written stays.
func (h *history) kill() {
	h.disk.set(func() { h.disk.full, h.disk.failCut, h.disk.failSync = true, true, true })
	h.call()
	h.disk.set(func() { h.disk.dead = true })
	h.close()
	h.lossless = false
	h.heal()
	h.open()
}

// power fails: of the file what was synced is left and some of the rest, of
// the head file what it held at some time since the power came.
func (h *history) power() {
	h.disk.set(func() { h.disk.dead = true })
	h.close()
	h.lossless = false
	h.disk.power(h.t, h.path)
	if err := os.WriteFile(h.path+".head", h.heads[h.random.Intn(len(h.heads))], 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.heads = nil
	h.heal()
	h.open()
}

// rotate moves the journal away under the writer's hands. The new file's
// first line comes with the next call, before which the power is not taken:
// that rename reaches the disk is the business of who renames.
func (h *history) rotate() {
	h.heal()
	h.call()
	to := fmt.Sprintf("%s.%d", h.path, len(h.rotated))
	if err := os.Rename(h.path, to); err != nil {
		h.t.Fatal(err)
	}
	h.rotated = append(h.rotated, to)
	h.call()
	h.heads = h.heads[len(h.heads)-1:]
}

func (h *history) check() {
	var previous Head
	found, ends := map[string]bool{}, map[string]bool{}
	for i, path := range append(h.rotated, h.path) {
		r, err := VerifyFile(path)
		if err != nil {
			h.t.Fatalf("file %d: %v", i, err)
		}
		if r.Continues != previous {
			h.t.Errorf("file %d carries on from %+v, want %+v", i, r.Continues, previous)
		}
		previous = r.Head
		for e, err := range Query(path, Filter{}) {
			switch {
			case err != nil:
				h.t.Fatal(err)
			case e.Kind == Begin:
				found[e.Trace] = true
			case e.Kind == End:
				ends[e.Trace] = true
			}
		}
	}
	for trace := range h.promised {
		if !found[trace] {
			h.t.Fatalf("Begin of %s returned nil, and the journal has no such line", trace)
		}
	}
	for trace := range h.ended {
		if h.lossless && !ends[trace] {
			h.t.Errorf("the end of %s is not in the journal", trace)
		}
	}
}

// TestJournalOutlivesHead: without its head file a journal is read from its
// beginning, and carried on.
func TestJournalOutlivesHead(t *testing.T) {
	path := sample(t)
	if err := os.Remove(path + ".head"); err != nil {
		t.Fatal(err)
	}
	j := openAt(t, path)
	begin(t, j, "t-4")
	closed(t, j)
	if r, err := VerifyFile(path); err != nil || r.Lines != 9 {
		t.Errorf("got %+v, %v; want 9 lines", r, err)
	}
}

// TestChangedWithoutHead changes bytes of a journal that has no head file,
// every fourth and the newlines: Open does not carry it on, and takes nothing from it. The last newline
// is the exception, without which a line looks like one that a crash left.
func TestChangedWithoutHead(t *testing.T) {
	path := sample(t)
	whole := content(t, path)
	for i := range whole {
		if i%4 != 0 && whole[i] != '\n' {
			continue
		}
		if err := os.Remove(path + ".head"); err != nil {
			t.Fatal(err)
		}
		changed := slices.Clone(whole)
		changed[i] ^= 1
		write(t, path, changed)
		j, err := Open(Config{Path: path, Key: testKey})
		switch {
		case err == nil:
			closed(t, j)
			if r, err := VerifyFile(path); i < len(whole)-1 || err != nil || len(r.Recovered) != 2 {
				t.Errorf("byte %d of %d: Open took it; %+v, %v", i, len(whole), r, err)
			}
		case !errors.As(err, new(*Broken)):
			t.Errorf("byte %d: got %v, want a *Broken", i, err)
		}
		if got := content(t, path); !bytes.HasPrefix(got, changed) {
			t.Fatalf("byte %d: Open took something away", i)
		}
	}
}

// TestTornAnywhere leaves of a last line every number of its bytes, from one
// to all but the newline, as a process does that is killed while it writes.
func TestTornAnywhere(t *testing.T) {
	path := sample(t)
	whole, head := content(t, path), content(t, path+".head")
	l := resealed(t, whole)
	for n := range l {
		write(t, path, append(whole[:len(whole):len(whole)], l[:n]...))
		write(t, path+".head", head)
		j := openAt(t, path)
		begin(t, j, "t-10")
		closed(t, j)
		r, err := VerifyFile(path)
		want := Recovery{Seq: 9, Bytes: int64(n + len(tornMark))}
		switch {
		case err != nil:
			t.Fatalf("%d bytes: %v", n, err)
		case n == 0 && (len(r.Recovered) != 1 || r.Lines != 9):
			t.Fatalf("no bytes: got %+v, want 9 lines and one recovery", r)
		case n > 0 && (len(r.Recovered) != 2 || r.Recovered[1] != want || r.Lines != 10):
			t.Fatalf("%d bytes: got %+v, want 10 lines and %+v", n, r, want)
		}
	}
}

package audit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// begun is the traces of the journal's lines of kind begin, after a Verify.
func begun(t *testing.T, path string) (traces map[string]bool, r Report) {
	t.Helper()
	r, err := VerifyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	traces = map[string]bool{}
	for e, err := range Query(path, Filter{Kind: Begin}) {
		if err != nil {
			t.Fatal(err)
		}
		traces[e.Trace] = true
	}
	return traces, r
}

// TestKilled kills a process that writes, over and over: 24 times, or as
// often as GPC_AUDIT_KILLS says. In every third round a second process goes on
// meanwhile.
func TestKilled(t *testing.T) {
	rounds := 24
	if s := os.Getenv("GPC_AUDIT_KILLS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatalf("GPC_AUDIT_KILLS is no number: %v", err)
		}
	}
	recovered := 0
	var path string
	var promised map[string]bool
	for round := range rounds {
		if round%20 == 0 {
			path, promised = filepath.Join(t.TempDir(), "audit.jsonl"), map[string]bool{}
		}
		var other *process
		if round%3 == 0 {
			other = start(t, path, 2, 20)
		}
		p := start(t, path, 1+round%8, 0)
		p.promised(promised, 1+rand.IntN(60))
		// Somewhere in the next few writes.
		time.Sleep(rand.N(3 * time.Millisecond))
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.promised(promised, -1)
		if err := p.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		if other != nil {
			other.promised(promised, -1)
			if err := other.Wait(); err != nil {
				t.Fatalf("the process beside the killed one: %v", err)
			}
		}
		closed(t, openAt(t, path)) // whoever comes next accounts for what the kill left torn
		there, r := begun(t, path)
		recovered += len(r.Recovered)
		for trace := range promised {
			if !there[trace] {
				t.Fatalf("round %d: Begin of %s returned nil, and the journal has no such line", round, trace)
			}
		}
	}
	t.Logf("%d processes killed; %d torn lines seen", rounds, recovered)
}

// TestProcesses: four processes write one journal at once.
func TestProcesses(t *testing.T) {
	path := newPath(t)
	const processes, callers, calls = 4, 8, 10
	var running []*process
	for range processes {
		running = append(running, start(t, path, callers, calls))
	}
	promised := map[string]bool{}
	for _, p := range running {
		p.promised(promised, -1)
		if err := p.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	there, r := begun(t, path)
	const want = processes * callers * calls
	if len(promised) != want || len(there) != want || r.Ended != want || r.Unknown != 0 || len(r.Recovered) != 0 {
		t.Errorf("%d promised, %d there, %+v; want %d of each begun and ended, nothing recovered", len(promised), len(there), r, want)
	}
}

// TestNobodyStarves: one who writes now and then gets the lock beside many who
// write without a pause.
func TestNobodyStarves(t *testing.T) {
	path := newPath(t)
	busy := openAt(t, path)
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := busy.Begin(bare(), attempt(fmt.Sprint("busy-", i, "-", n))); err != nil {
					t.Errorf("the busy journal: %v", err)
					return
				}
			}
		})
	}
	seldom, err := Open(Config{Path: path, Key: testKey, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var longest time.Duration
	for n := range 20 {
		from := time.Now()
		begin(t, seldom, fmt.Sprint("seldom-", n))
		longest = max(longest, time.Since(from))
	}
	close(stop)
	all.Wait()
	closed(t, seldom)
	closed(t, busy)
	there, _ := begun(t, path)
	t.Logf("beside %d lines of others, the longest wait was %v", len(there)-20, longest)
}

// TestCallerWrites: where a commit is quick, as in memory, a caller who is
// alone makes it himself, beside the writer, and not after Close.
func TestCallerWrites(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	j.quick = time.Hour
	var all sync.WaitGroup
	var promised sync.Map
	for i := range 4 {
		all.Go(func() {
			for n := 0; ; n++ {
				trace := fmt.Sprint("t-", i, "-", n)
				if err := j.Begin(bare(), attempt(trace)); errors.Is(err, ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
					return
				}
				promised.Store(trace, true)
				j.End(bare(), attempt(trace))
				if i == 0 && n == 100 {
					if err := j.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	there, r := begun(t, path)
	promised.Range(func(trace, _ any) bool {
		if !there[trace.(string)] {
			t.Errorf("Begin of %s returned nil, and the journal has no such line", trace)
		}
		return true
	})
	if r.Begun < 101 {
		t.Errorf("got %d begun, want at least 101", r.Begun)
	}
}

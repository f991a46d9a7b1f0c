// Command door measures what a call by package client costs beside bare net/http:
// headers, token, gate, retries, limits and the journal of calls, against the
// same server with mutual TLS, the same body and the same bytes of headers.
//
//	go run ./internal/measure/door
//
// The sides take turns in many short rounds, so that whatever else the machine
// does is done to both, and their medians are compared. It holds these bounds,
// and exits with 1 when one is missed:
//
//   - with the journal in memory (/dev/shm), one caller and 64 take at most 1.5
//     times what net/http takes;
//   - with the journal on disk, one caller takes at most what net/http takes with a
//     sync of that disk before each call and one after it; 64 take at most 4 times
//     what net/http takes;
//   - of the calls of 256 callers at least 99 % go over a kept connection, those
//     that open them counted in;
//   - while certificate and key are replaced over and over under load, no
//     attempt fails, and new connections show the new certificate.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

func main() {
	if os.Getenv(childVariable) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, "door: server:", err)
			os.Exit(1)
		}
		return
	}
	p := plan{}
	flag.IntVar(&p.rounds, "rounds", 40, "of each comparison")
	flag.IntVar(&p.answer, "answer", 4<<10, "bytes of the answer")
	flag.StringVar(&p.memory, "memory", "/dev/shm", "folder in memory")
	flag.StringVar(&p.disk, "disk", os.TempDir(), "folder on a disk")
	flag.Parse()
	ok, err := p.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "door:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

type plan struct {
	rounds, answer int
	memory, disk   string
}

func (p plan) run() (ok bool, err error) {
	s, err := newStage(p.answer)
	if err != nil {
		return false, err
	}
	defer s.close()
	fmt.Printf("%s, %d processors, %d rounds, answers of %d bytes; times are of one call, by all callers together\n", runtime.Version(), runtime.GOMAXPROCS(0), p.rounds, p.answer)
	ok = true
	for _, part := range []func(*stage) (bool, error){p.inMemory, p.onDisk, p.kept, p.rotated} {
		held, err := part(s)
		if err != nil {
			return false, err
		}
		ok = ok && held
	}
	return ok, nil
}

// sides are those that take turns.
type sides struct {
	full *full
	bare *bare
	disk *disk
	dir  string
}

func (s *stage) sides(folder string) (*sides, error) {
	dir, err := os.MkdirTemp(folder, "door")
	if err != nil {
		return nil, err
	}
	v := &sides{dir: dir}
	if err := s.authority.write(dir); err != nil {
		return nil, err
	}
	if v.full, err = newFull(s, dir, dir); err != nil {
		return nil, err
	}
	if v.bare, err = newBare(dir, v.full); err != nil {
		return nil, err
	}
	if v.disk, err = newDisk(dir); err != nil {
		return nil, err
	}
	return v, v.alike(s)
}

// alike makes a call by each side and has the server compare them.
func (v *sides) alike(s *stage) error {
	if _, err := s.look(0); err != nil {
		return err
	}
	for _, call := range []func() (int, error){v.full.call, v.bare.call} {
		if _, err := call(); err != nil {
			return err
		}
	}
	saw, err := s.look(0)
	if err == nil && (saw.Connections != 2 || len(saw.Sizes) != 1) {
		err = fmt.Errorf("the sides' requests differ: %d connections, headers of %v bytes", saw.Connections, saw.Sizes)
	}
	return err
}

func (v *sides) close() {
	_ = v.full.close()
	_ = v.bare.close()
	_ = v.disk.file.Close()
	_ = os.RemoveAll(v.dir)
}

// medians are of one call by gpc, by net/http, by net/http with a sync before and
// one after it, and of one sync of many in a row.
type medians struct{ full, bare, synced, sync time.Duration }

// turns has the sides take turns; who begins changes with the round. Those that
// sync without gpc do so as often as syncs says.
func (v *sides) turns(rounds, callers, calls, syncs, length int) (m medians, err error) {
	type side struct {
		call               func() (int, error)
		callers, n, length int
		into               *time.Duration
		took               []time.Duration
	}
	all := []*side{
		{call: v.full.call, callers: callers, n: calls, length: length, into: &m.full},
		{call: v.bare.call, callers: callers, n: calls, length: length, into: &m.bare},
	}
	if syncs > 0 {
		all = append(all,
			&side{call: v.disk.call, callers: 1, n: syncs, length: len(v.disk.lines), into: &m.sync},
			&side{call: v.syncedBare, callers: 1, n: syncs, length: length, into: &m.synced})
	}
	for round := range rounds + 1 {
		for _, s := range all {
			took, err := batch(s.callers, s.n, s.length, s.call)
			if err != nil {
				return m, err
			}
			if round > 0 { // the first opens connections
				s.took = append(s.took, took)
			}
		}
		slices.Reverse(all)
	}
	for _, s := range all {
		*s.into = median(s.took)
	}
	return m, nil
}

// syncedBare is what a caller would do who has net/http and a file: one line on
// disk before the call, and one after it.
func (v *sides) syncedBare() (int, error) {
	if _, err := v.disk.sync(1); err != nil {
		return 0, err
	}
	n, err := v.bare.call()
	if err != nil {
		return 0, err
	}
	_, err = v.disk.sync(1)
	return n, err
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// verdict prints a line of the report.
func verdict(held bool, format string, args ...any) bool {
	mark := "ok  "
	if !held {
		mark = "MISS"
	}
	fmt.Printf("%s  %s\n", mark, fmt.Sprintf(format, args...))
	return held
}

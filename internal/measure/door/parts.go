package main

import (
	"context"
	"sync"
	"time"
)

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// inMemory compares the sides where the journal costs no disk.
func (p plan) inMemory(s *stage) (bool, error) {
	v, err := s.sides(p.memory)
	if err != nil {
		return false, err
	}
	defer v.close()
	ok := true
	for _, callers := range []int{1, 64} {
		m, err := v.turns(p.rounds, callers, 800, 0, p.answer)
		if err != nil {
			return false, err
		}
		ratio := float64(m.full) / float64(m.bare)
		ok = verdict(ratio <= 1.5, "journal in memory, %2d callers: %6.1f µs, net/http %6.1f µs: %.2f times (at most 1.5)", callers, micro(m.full), micro(m.bare), ratio) && ok
	}
	return ok, nil
}

// onDisk compares them where each call waits for a disk.
func (p plan) onDisk(s *stage) (bool, error) {
	v, err := s.sides(p.disk)
	if err != nil {
		return false, err
	}
	defer v.close()
	m, err := v.turns(p.rounds, 1, 100, 50, p.answer)
	if err != nil {
		return false, err
	}
	ok := verdict(m.full <= m.synced, "journal on disk,    1 caller:  %6.1f µs, net/http between two syncs %6.1f µs: %.2f times (at most 1; net/http %.1f µs, a sync of many in a row %.1f µs, together %.1f µs)",
		micro(m.full), micro(m.synced), float64(m.full)/float64(m.synced), micro(m.bare), micro(m.sync), micro(m.bare+2*m.sync))
	if m, err = v.turns(p.rounds, 64, 800, 0, p.answer); err != nil {
		return false, err
	}
	ratio := float64(m.full) / float64(m.bare)
	return verdict(ratio <= 4, "journal on disk,   64 callers: %6.1f µs, net/http %6.1f µs: %.2f times (at most 4)", micro(m.full), micro(m.bare), ratio) && ok, nil
}

// kept counts how many connections 256 callers need.
func (p plan) kept(s *stage) (bool, error) {
	v, err := s.sides(p.memory)
	if err != nil {
		return false, err
	}
	defer v.close()
	const calls = 50_000
	if _, err := batch(256, calls, p.answer, v.full.call); err != nil {
		return false, err
	}
	saw, err := s.look(0)
	if err != nil {
		return false, err
	}
	reuse := 100 * (1 - float64(saw.Connections)/calls)
	return verdict(reuse >= 99, "256 callers, %d calls: %d connections, %.2f %% over kept ones (at least 99)", calls, saw.Connections, reuse), nil
}

// rotated replaces certificate and key while 16 callers call, and the server ends
// each connection after some calls so that new ones are made all the time.
func (p plan) rotated(s *stage) (bool, error) {
	v, err := s.sides(p.memory)
	if err != nil {
		return false, err
	}
	defer v.close()
	if _, err := s.look(20); err != nil {
		return false, err
	}
	ctx, stop := context.WithCancel(context.Background())
	var renewing sync.WaitGroup
	renewals, failed := 0, error(nil)
	renewing.Go(func() {
		for ctx.Err() == nil && failed == nil {
			failed = s.authority.write(v.dir)
			renewals++
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	})
	const calls = 20_000
	_, err = batch(16, calls, p.answer, v.full.call)
	stop()
	renewing.Wait()
	if failed != nil || err != nil {
		return verdict(false, "certificate replaced %d times under load: %v %v", renewals, err, failed), nil
	}
	saw, err := s.look(0)
	if err != nil {
		return false, err
	}
	bad := v.full.failed.Load()
	return verdict(bad == 0 && renewals > 4 && len(saw.Shown) >= renewals/2,
		"certificate replaced %d times under load, %d calls: %d attempts failed, the server saw %d certificates", renewals, calls, bad, len(saw.Shown)), nil
}

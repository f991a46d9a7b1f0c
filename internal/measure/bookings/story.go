package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/journal"
)

// story is one booking among one plan's misfortunes, and its end.
type story struct {
	*world
	seed uint64
	plan plan
	dice *rand.Rand

	relay   *relay.Relay
	pending sync.WaitGroup // deeds that are done late
	release chan struct{}  // lets those that are held be done
	reads   atomic.Int32

	mu      sync.Mutex
	calm    bool        // nothing goes wrong any more
	sent    []string    // trace ids of bookings
	process *os.Process // that is to be killed when a request has come as far as killAt
	killAt  string

	patient client.PatientRef
	slots   []client.Slot // those that are to be booked are the first
	wanted  int           // how many of them

	ending     ending
	killed     int
	intents    int
	mostSent   int
	mostBooked int
	wrong      []string
}

func (s *story) complain(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// tell tells the story of a seed.
func (w *world) tell(ctx context.Context, seed uint64) *story {
	dice := rand.New(rand.NewPCG(seed, 2))
	s := &story{world: w, seed: seed, dice: dice, plan: newPlan(dice), release: make(chan struct{})}
	if err := s.run(ctx); err != nil {
		s.complain("%v", err)
	}
	return s
}

func (s *story) run(ctx context.Context) error {
	s.server.Reset()
	config, err := s.tls()
	if err != nil {
		return err
	}
	if s.relay, err = relay.Start(s.server.ProxyURL(), config, s.handle); err != nil {
		return err
	}
	defer s.relay.Close()
	if s.patient, s.slots, err = s.find(ctx, "9000000009"); err != nil {
		return err
	}
	s.wanted = 1
	if s.plan.two {
		s.wanted = 2
		if err := s.adjoin(); err != nil {
			return err
		}
	}
	if s.plan.other {
		if err := s.aside(ctx, "other", client.Booking{Patient: s.patient, Slots: s.slots[3:4]}); err != nil {
			return err
		}
	}
	if s.plan.rival == "before" {
		if err := s.rival(ctx); err != nil {
			return err
		}
	}
	r, died, err := s.do(ctx, s.slots[:s.wanted], s.plan.kill)
	if err != nil {
		return err
	}
	s.firstEnding(ctx, r, died)
	if err := s.settle(ctx); err != nil {
		return err
	}
	if s.plan.tooLate {
		if is, err := s.afterAll(ctx); is || err != nil {
			return err
		}
	}
	s.judge(r, died)
	return s.again(ctx)
}

// adjoin puts two slots of one session that adjoin each other first.
func (s *story) adjoin() error {
	for i := range s.slots {
		for j := range s.slots {
			if s.slots[i].Schedule != s.slots[j].Schedule || !s.slots[i].End.Equal(s.slots[j].Start.Time) {
				continue
			}
			pair := []client.Slot{s.slots[i], s.slots[j]}
			rest := slices.DeleteFunc(slices.Clone(s.slots), func(one client.Slot) bool { return one.ID == pair[0].ID || one.ID == pair[1].ID })
			s.slots = append(pair, rest...)
			return nil
		}
	}
	return errors.New("no two slots adjoin each other")
}

// rival lets another patient have the slot.
func (s *story) rival(ctx context.Context) error {
	other, _, err := s.find(ctx, "9000000017")
	if err != nil {
		return err
	}
	return s.aside(ctx, "rival", client.Booking{Patient: other, Slots: s.slots[:1]})
}

// aside makes a booking beside the story, without misfortunes; in vain, where the
// slot is taken.
func (s *story) aside(ctx context.Context, name string, b client.Booking) error {
	j, err := journal.Open(journal.Config{Dir: s.journal(s.seed) + "-" + name})
	if err != nil {
		return err
	}
	config, err := s.tls()
	if err != nil {
		return err
	}
	p, end, err := dial(client.Config{ProxyURL: s.server.ProxyURL(), TLS: config, Directory: s.endpoints, Now: s.now, Journal: j})
	if err != nil {
		return err
	}
	defer end()
	if _, err := p.Book(ctx, b); err != nil && !errors.Is(err, client.ErrSlotTaken) {
		return err
	}
	return nil
}

// settle lets processes that may be killed too settle what is unsettled: at once, when
// it may be unknown, and when it can be known.
func (s *story) settle(ctx context.Context) error {
	if s.ending != "" && s.ending != notUnderway {
		return nil
	}
	if s.plan.rival == "while unknown" {
		if err := s.rival(ctx); err != nil {
			return err
		}
	}
	if s.ending == "" {
		if err := s.blocked(ctx); err != nil {
			return err
		}
		if _, _, err := s.do(ctx, nil, s.plan.resumed); err != nil {
			return err
		}
	}
	if !s.plan.tooLate {
		s.finish() // most practices are done with everything by the time that is called late
	}
	s.advance(late)
	s.becalm()
	if _, _, err := s.do(ctx, nil, s.plan.resumed); err != nil {
		return err
	}
	if _, _, err := s.do(ctx, nil, ""); err != nil {
		return err
	}
	if s.ending == "" {
		s.ending = laterNot
		if all := s.settled(ctx); len(all) > 0 && all[0].Outcome.State == client.Done {
			s.ending = laterDone
		}
	}
	return nil
}

// finish waits until everything is done that is done late.
func (s *story) finish() {
	s.mu.Lock()
	select {
	case <-s.release:
	default:
		close(s.release)
	}
	s.mu.Unlock()
	s.pending.Wait()
}

func (s *story) becalm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calm = true
}

func (s *story) posts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

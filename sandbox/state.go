package sandbox

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The state is what requests change: registrations and appointments. It begins anew with
// Reset. One mutex guards it all: a slot is taken in the same breath in which it is looked at.
type state struct {
	mu         sync.Mutex
	began      time.Time // the diaries start on this day
	generation int       // counts resets
	diaries    map[string]*diary
	temporary  map[string]map[string]map[string]any // Patients registered here, by ODS code and NHS number
	known      map[string]map[string]string         // NHS numbers by ODS code and logical id, as far as learned
	complete   map[string]bool                      // by ODS code: all of them are
	bookings   []*booking                           // in order of creation
}

func newState(now time.Time) *state {
	s := &state{}
	s.reset(now)
	return s
}

// reset forgets everything that was changed.
func (s *state) reset(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = now
	s.generation++
	s.diaries, s.temporary, s.known = map[string]*diary{}, map[string]map[string]map[string]any{}, map[string]map[string]string{}
	s.complete = map[string]bool{}
	s.bookings = nil
}

// registered is the Patient of a temporary registration at a practice.
func (s *state) registered(ods, nhs string) (map[string]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fields, ok := s.temporary[ods][nhs]
	return clone(fields), ok
}

// register notes a temporary registration, unless there is one.
func (s *state) register(ods, nhs string, fields map[string]any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.temporary[ods][nhs]; twice {
		return false
	}
	if s.temporary[ods] == nil {
		s.temporary[ods] = map[string]map[string]any{}
	}
	s.temporary[ods][nhs] = clone(fields)
	if s.known[ods] == nil {
		s.known[ods] = map[string]string{}
	}
	s.known[ods][patient{nil, fields}.id()] = nhs
	return true
}

// learn notes which NHS number a logical id of a practice belongs to.
func (s *state) learn(ods, id, nhs string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[ods] == nil {
		s.known[ods] = map[string]string{}
	}
	s.known[ods][id] = nhs
}

// number is the NHS number that a logical id belongs to. One that was never learned is looked
// for among all: read tells them, once, from the records.
func (s *state) number(ods, id string, read func(learn func(id, nhs string))) (nhs string, ok bool) {
	s.mu.Lock()
	nhs, ok = s.known[ods][id]
	complete := s.complete[ods]
	s.mu.Unlock()
	if ok || complete {
		return nhs, ok
	}
	read(func(id, nhs string) { s.learn(ods, id, nhs) }) // outside the lock: it reads files
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complete[ods] = true
	nhs, ok = s.known[ods][id]
	return nhs, ok
}

// An Appointment is one that was booked at the sandbox, as it is now.
type Appointment struct {
	ID           string
	Practice     string    // ODS code
	Patient      string    // logical id at the practice
	Slots        []string  // their ids, in the order they were booked in
	Start        time.Time // of the first slot
	Organisation string    // ODS code of the booking organisation
	Status       string    // booked or cancelled
	Created      string    // as it was sent
	Version      int       // 1 after booking, one more with each change
}

// Appointments are all that were booked since the start or the last reset, cancelled ones
// too, in the order of their creation, never nil.
func (s *Server) Appointments() []Appointment {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	out := make([]Appointment, 0, len(s.state.bookings))
	for _, b := range s.state.bookings {
		a := b.Appointment
		a.Slots = slices.Clone(a.Slots)
		out = append(out, a)
	}
	return out
}

// Reset forgets the registrations and appointments that were made and the practices that
// moved, and draws up the diaries anew from today on. Commits that are still due are dropped.
func (s *Server) Reset() {
	s.state.reset(s.cfg.Now())
	s.moves.clear()
}

// commitLate lets work be done after its answer was lost, if the fault says so: after the
// fault's time, unless the server closes or is reset before.
func (s *Server) commitLate(f strike, work func()) {
	if f.what != "commit-late" {
		return
	}
	s.state.mu.Lock()
	generation := s.state.generation
	s.state.mu.Unlock()
	s.wg.Go(func() {
		if !outlast(s.ctx, f.late) {
			return
		}
		s.state.mu.Lock()
		stale := generation != s.state.generation
		s.state.mu.Unlock()
		if !stale {
			work()
		}
	})
}

// outlast sits out a time, and says whether ctx outlasted it.
func outlast(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

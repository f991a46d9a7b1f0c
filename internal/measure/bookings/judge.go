package main

import (
	"context"
	"slices"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/journal"
)

// settled reads the journal.
func (s *story) settled(ctx context.Context) []client.Settled {
	j, err := journal.Open(journal.Config{Dir: s.journal(s.seed)})
	if err != nil {
		s.complain("%v", err)
		return nil
	}
	all, err := j.Intents(ctx)
	if err != nil {
		s.complain("%v", err)
	}
	return all
}

// firstEnding says how the booking has ended so far.
func (s *story) firstEnding(ctx context.Context, r result, died bool) {
	all := s.settled(ctx)
	switch {
	case r.Booked && r.Recovered:
		s.ending = recovered
	case r.Booked:
		s.ending = answered
	case !died && !r.Unknown:
		s.ending = refused
	case len(all) == 0:
		s.ending = notUnderway
	case all[0].Outcome.State != "":
		s.ending = diedSettled
	}
}

// afterAll lets a booking be made that was given up as not made. The next one for the patient
// is then refused, once, and the journal put right. It is none of that where nothing was
// sent, or the slot has gone.
func (s *story) afterAll(ctx context.Context) (bool, error) {
	s.advance(3*time.Second - late) // what is carried out has a token that is not too old
	s.finish()
	if len(s.booked()) == 0 {
		return false, nil
	}
	s.ending = afterAll
	r, _, err := s.do(ctx, s.slots[6:7], "")
	if err != nil {
		return true, err
	}
	if !r.Unsettled {
		s.complain("booked although a booking that was given up had been made: %+v", r)
	}
	s.judge(result{Unknown: true}, false)
	if r, _, err = s.do(ctx, s.slots[6:7], ""); err == nil && !r.Booked {
		s.complain("not booked although that had been said: %+v", r)
	}
	s.count(ctx)
	return true, err
}

// blocked holds that nobody books for the patient while the outcome is not known.
func (s *story) blocked(ctx context.Context) error {
	r, _, err := s.do(ctx, s.slots[5:6], "")
	if err != nil {
		return err
	}
	if !r.Unsettled { // that it was not sent all the same, count holds: it has no intent
		s.complain("booked while another booking was unsettled: %+v", r)
	}
	return nil
}

// judge holds what was said, and what the journal says, against the sandbox.
func (s *story) judge(r result, died bool) {
	s.finish()
	all := s.settled(context.Background())
	booked := s.booked()
	s.mostBooked = len(booked)
	switch {
	case len(booked) > 1:
		s.complain("booked %d times", len(booked))
	case len(all) == 0 && len(booked) > 0:
		s.complain("booked without an intent")
	case r.Booked && !slices.Contains(booked, r.Appointment):
		s.complain("said to be booked as %q; the practice has %v", r.Appointment, booked)
	case !r.Booked && !r.Unknown && !died && len(booked) > 0:
		s.complain("said not to be booked (%s); the practice has %v", r.Error, booked)
	}
	for _, one := range all {
		switch {
		case one.Outcome.State == "":
			s.complain("unsettled in the end")
		case (one.Outcome.State == client.Done) != (len(booked) == 1):
			s.complain("settled as %s; the practice has %v", one.Outcome.State, booked)
		}
	}
}

// booked are the patient's appointments in the slot.
func (s *story) booked() (ids []string) {
	for _, a := range s.server.Appointments() {
		if a.Patient == s.patient.ID && slices.Contains(a.Slots, s.slots[0].ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// again books once more for whoever was not booked: the same slot, if it is still to be had.
func (s *story) again(ctx context.Context) error {
	s.becalm()
	before := s.booked()
	r, _, err := s.do(ctx, s.slots[:s.wanted], "")
	if err != nil {
		return err
	}
	s.count(ctx)
	booked := s.booked()
	switch {
	case len(booked) > 1:
		s.complain("after a second try booked %d times", len(booked))
	case r.Booked != (len(before) == 0 && len(booked) == 1):
		s.complain("a second try: %+v; before %v, after %v", r, before, booked)
	case r.Unknown || r.Unsettled:
		s.complain("a second try: %+v", r)
	}
	return nil
}

// count holds that each request was of an intent, and no intent had two.
func (s *story) count(ctx context.Context) {
	traces := map[string]int{}
	for _, one := range s.settled(ctx) {
		s.intents++
		traces[one.Intent.TraceID] = 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, trace := range s.sent {
		if _, known := traces[trace]; !known {
			s.complain("a request without an intent")
		}
		traces[trace]++
		s.mostSent = max(s.mostSent, traces[trace])
	}
	if s.mostSent > 1 {
		s.complain("sent %d times for one intent", s.mostSent)
	}
}

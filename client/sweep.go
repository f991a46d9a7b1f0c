package client

import (
	"context"
	"iter"
	"net/url"
	"sync"
	"time"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// Sweep says how many practices may be asked at once. Zero members take the
// defaults in brackets.
type Sweep struct {
	Concurrent int           // practices being asked at once (8)
	PerHost    int           // of them, by the host of their service root (half of Concurrent, at least one)
	Each       time.Duration // that one practice may take, lookup included, not counting the wait for its host (Config.Timeout)
}

// PracticeSlots are the slots of one practice of many.
type PracticeSlots struct {
	ODS   string
	Index int // position among the ODS codes that were given, for putting them back into order
	Slots []Slot
	Took  time.Duration
}

// SearchSlots asks many practices for their free slots, and gives each
// practice as it answers. Every ODS code comes exactly once, a second mention
// not at all: with its slots, or with the error of that practice alone
// ([*Error]; its ODS says whose), or, once ctx has ended, with that. A query
// that is wrong is one error, of no practice. No more answers are held than
// Sweep.Concurrent. To break off the loop ends the calls that are under way.
func (e *Encounter) SearchSlots(ctx context.Context, ods iter.Seq[string], q SlotQuery, s Sweep) iter.Seq2[PracticeSlots, error] {
	return func(yield func(PracticeSlots, error) bool) {
		if _, err := q.Requests(); err != nil {
			yield(PracticeSlots{}, err)
			return
		}
		ctx, stop := context.WithCancel(ctx)
		next, end := iter.Pull(ods)
		w := &sweeper{
			encounter: e, query: q, how: s.withDefaults(e.client.config), next: next,
			results: make(chan swept), seen: map[string]bool{}, hosts: map[string]*host{},
		}
		var workers sync.WaitGroup
		for range w.how.Concurrent {
			workers.Go(func() { w.work(ctx) })
		}
		go func() { workers.Wait(); close(w.results) }()
		defer func() { // however the loop ends: a panic in it too
			stop()
			w.drop()
			for range w.results { // until every worker has seen that nobody listens
			}
			end()
		}()
		for r := range w.results {
			if !yield(r.slots, r.err) {
				return
			}
		}
	}
}

func (s Sweep) withDefaults(config Config) Sweep {
	if s.Concurrent <= 0 {
		s.Concurrent = 8
	}
	if s.PerHost <= 0 {
		s.PerHost = max(1, s.Concurrent/2)
	}
	if s.Each <= 0 {
		s.Each = config.Timeout
	}
	return s
}

// sweeper hands the practices out to its workers.
type sweeper struct {
	encounter *Encounter
	query     SlotQuery
	how       Sweep
	results   chan swept

	mu      sync.Mutex
	next    func() (string, bool)
	index   int
	seen    map[string]bool
	dropped bool
	hosts   map[string]*host
}

type swept struct {
	slots PracticeSlots
	err   error
}

// host is a machine that serves practices, with those that wait for it.
type host struct {
	busy    int
	waiting []*turn
}

// turn is one practice on its way.
type turn struct {
	practice *Practice
	index    int
	took     time.Duration // by its lookup
}

// work takes practices until there are no more. A practice whose host is busy
// is left to whoever finishes there first, so that no worker ever waits for a host.
func (w *sweeper) work(ctx context.Context) {
	for {
		ods, index, ok := w.take()
		if !ok {
			return
		}
		began := time.Now()
		p, err := w.encounter.Practice(ods)
		var at string
		if err == nil {
			at, err = w.locate(ctx, p)
		}
		took := time.Since(began)
		if err != nil {
			w.results <- swept{PracticeSlots{ODS: ods, Index: index, Took: took}, err}
			continue
		}
		for t := w.enter(at, &turn{p, index, took}); t != nil; t = w.leave(at) {
			w.results <- w.ask(ctx, t)
		}
	}
}

// take gives the next practice that was not there before.
func (w *sweeper) take() (ods string, index int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.dropped {
		if ods, ok = w.next(); !ok {
			return "", 0, false
		}
		if code, err := sdslookup.ParseODS(ods); err == nil {
			ods = code
		}
		index = w.index
		w.index++
		if !w.seen[ods] {
			w.seen[ods] = true
			return ods, index, true
		}
	}
	return "", 0, false
}

// drop hands out no more, not even those that wait for a host.
func (w *sweeper) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropped = true
	for _, h := range w.hosts {
		h.waiting = nil
	}
}

// locate finds the host that serves the practice; the encounter remembers the answer.
func (w *sweeper) locate(ctx context.Context, p *Practice) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, w.how.Each)
	defer cancel()
	k := p.call(Request{Interaction: SearchSlots})
	if err := p.find(ctx, k); err != nil {
		k.verdict = err
		k.tell(ctx, k.told(k.exchange(ctx, k.client.config.Now()), nil, 0))
		return "", err
	}
	u, err := url.Parse(k.endpoint.Address)
	if err != nil {
		return k.endpoint.Address, nil
	}
	return u.Host, nil
}

// enter lets the practice's turn begin, or nil, and then it waits.
func (w *sweeper) enter(at string, t *turn) *turn {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.hosts[at]
	if h == nil {
		h = &host{}
		w.hosts[at] = h
	}
	if h.busy == w.how.PerHost {
		h.waiting = append(h.waiting, t)
		return nil
	}
	h.busy++
	return t
}

// leave ends a turn, and gives the next one at the same host.
func (w *sweeper) leave(at string) *turn {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.hosts[at]
	if len(h.waiting) == 0 {
		h.busy--
		return nil
	}
	t := h.waiting[0]
	h.waiting[0] = nil
	h.waiting = h.waiting[1:]
	return t
}

func (w *sweeper) ask(ctx context.Context, t *turn) swept {
	ctx, cancel := context.WithTimeout(ctx, w.how.Each-t.took)
	defer cancel()
	began := time.Now()
	slots, err := t.practice.SearchSlots(ctx, w.query)
	return swept{PracticeSlots{ODS: t.practice.ods, Index: t.index, Slots: slots, Took: t.took + time.Since(began)}, err}
}

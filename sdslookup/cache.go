package sdslookup

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Policy says how long answers are kept beyond the encounter they were looked up for. The specification has
// consumers look up afresh for each encounter (SDS overview, caching); keeping answers longer is an
// operator's decision, and this is where it is written down.
type Policy struct {
	Environment string        // which Spine: answers of one are never served for another
	TTL         time.Duration // an answer is looked up again after 90 to 100 % of this, at random
	MaxAge      time.Duration // no answer is served beyond this age, stale or not; 0 is TTL
	ServeStale  bool          // between TTL and MaxAge, when the directory does not answer
	Store       Store         // nil is NewMemoryStore(0)
	Now         func() time.Time
}

// Cache is a directory that remembers.
type Cache struct {
	dir    Directory
	policy Policy

	mu      sync.Mutex
	flights map[Key]*flight
}

// Cached puts a memory in front of dir. Callers with the same question share one lookup, and each one's ctx
// ends its own wait alone. Only answers are remembered, never failures.
func Cached(dir Directory, p Policy) (*Cache, error) {
	var errs []error
	if dir == nil {
		errs = append(errs, errors.New("there is no directory to remember the answers of"))
	}
	if p.TTL <= 0 {
		errs = append(errs, errors.New("the time to keep answers (TTL) must be positive"))
	}
	if p.MaxAge == 0 {
		p.MaxAge = p.TTL
	}
	if p.MaxAge < p.TTL {
		errs = append(errs, errors.New("the greatest age must not be less than the time to keep answers"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &Error{Kind: ErrInvalid, Err: err}
	}
	if p.Store == nil {
		p.Store = NewMemoryStore(0)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Cache{dir: dir, policy: p, flights: make(map[Key]*flight)}, nil
}

// Endpoint answers from memory, or asks the directory.
func (c *Cache) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	code, err := ParseODS(ods)
	if err != nil {
		return Endpoint{}, err
	}
	k := Key{c.policy.Environment, code, id, queryVersion}
	now := c.policy.Now()
	known, ok := c.get(ctx, k, now)
	if ok && now.Before(known.Expires) {
		c.tell(ctx, k, known, now, false)
		return known.Endpoint, nil
	}
	if ctx.Err() != nil {
		return Endpoint{}, about(ended(ctx), "", code, id)
	}
	ep, err := c.ask(ctx, k)
	if ok && c.policy.ServeStale && errors.Is(err, ErrUnavailable) && ctx.Err() == nil {
		c.tell(ctx, k, known, now, true)
		known.Endpoint.Stale = true
		return known.Endpoint, nil
	}
	return ep, err
}

// get returns an entry that is young enough to be served at all. One from the future is not: the clock, or
// whoever shares the store, is wrong.
func (c *Cache) get(ctx context.Context, k Key, now time.Time) (Entry, bool) {
	e, ok, err := c.policy.Store.Get(ctx, k)
	if !ok || err != nil {
		return Entry{}, false
	}
	age := now.Sub(e.Stored)
	return e, age >= 0 && age < c.policy.MaxAge
}

func (c *Cache) tell(ctx context.Context, k Key, e Entry, now time.Time, stale bool) {
	if t := traceOf(ctx); t != nil {
		t.remembered(Remembered{Key: k, Age: now.Sub(e.Stored), Stale: stale})
	}
}

// Forget drops an answer, for instance when the proxy finds that the practice's address has changed
// (…_VARIES_FROM_TARGETURL_…). A lookup under way is not remembered either.
func (c *Cache) Forget(ctx context.Context, ods string, id Interaction) error {
	code, err := ParseODS(ods)
	if err != nil {
		return err
	}
	k := Key{c.policy.Environment, code, id, queryVersion}
	c.mu.Lock()
	if f := c.flights[k]; f != nil {
		f.forgotten = true
		delete(c.flights, k)
	}
	c.mu.Unlock()
	return c.policy.Store.Delete(ctx, k)
}

// flight is one question to the directory, with everybody who waits for the answer.
type flight struct {
	done      chan struct{}
	cancel    context.CancelFunc
	waiters   int  // guarded by Cache.mu
	forgotten bool // guarded by Cache.mu

	tell     func(context.Context) // what was done, to the trace of one who waited
	endpoint Endpoint
	err      error
}

// ask joins the question under way, or puts it.
func (c *Cache) ask(ctx context.Context, k Key) (Endpoint, error) {
	c.mu.Lock()
	f := c.flights[k]
	if f == nil {
		shared, tell := Shared(ctx)
		shared, cancel := context.WithCancel(shared)
		f = &flight{done: make(chan struct{}), cancel: cancel, tell: tell}
		c.flights[k] = f
		go c.fly(shared, k, f)
	}
	f.waiters++
	c.mu.Unlock()
	defer c.leave(k, f)
	select {
	case <-f.done:
		f.tell(ctx)
		return f.endpoint, f.err
	case <-ctx.Done():
		return Endpoint{}, about(ended(ctx), "", k.ODS, k.Interaction)
	}
}

// leave gives a question up that nobody waits for any more.
func (c *Cache) leave(k Key, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.waiters > 0 {
		return
	}
	f.cancel()
	if c.flights[k] == f {
		delete(c.flights, k)
	}
}

// fly asks, unless somebody else's question has been answered since this one's caller looked. Forget may
// come at any moment, and is heeded until the end.
func (c *Cache) fly(ctx context.Context, k Key, f *flight) {
	now := c.policy.Now()
	if known, ok := c.get(ctx, k, now); ok && now.Before(known.Expires) {
		f.endpoint = known.Endpoint
		c.tell(ctx, k, known, now, false)
	} else {
		f.endpoint, f.err = c.dir.Endpoint(ctx, k.ODS, k.Interaction)
		c.keep(ctx, k, f)
	}
	c.mu.Lock()
	forgotten := f.forgotten
	if c.flights[k] == f {
		delete(c.flights, k)
	}
	c.mu.Unlock()
	if forgotten {
		_ = c.policy.Store.Delete(ctx, k)
	}
	close(f.done)
}

// keep stores an answer, and drops an old one that the directory no longer gives.
func (c *Cache) keep(ctx context.Context, k Key, f *flight) {
	switch {
	case f.err == nil:
		_ = c.policy.Store.Set(ctx, k, c.entry(f.endpoint), c.policy.MaxAge)
	case errors.Is(f.err, ErrNotFound), errors.Is(f.err, ErrAmbiguous), errors.Is(f.err, ErrAddressRefused):
		_ = c.policy.Store.Delete(ctx, k)
	}
}

// entry has the time of the wall clock alone: the other one, which time.Now brings along and comparisons
// prefer, stands still while the machine sleeps.
func (c *Cache) entry(ep Endpoint) Entry {
	now := c.policy.Now().Round(0)
	jitter := time.Duration(rand.Float64() * 0.1 * float64(c.policy.TTL))
	return Entry{Endpoint: ep, Stored: now, Expires: now.Add(c.policy.TTL - jitter)}
}

// OwnASID passes the question on; the answer is not kept.
func (c *Cache) OwnASID(ctx context.Context, q OwnQuery) (string, error) {
	return Fallback(c.dir).OwnASID(ctx, q)
}

// Organisation passes the question on; the answer is not kept.
func (c *Cache) Organisation(ctx context.Context, ods string) (Organisation, error) {
	return Fallback(c.dir).Organisation(ctx, ods)
}

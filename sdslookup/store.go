package sdslookup

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// queryVersion is part of every key. It changes with the way in which directories are asked, so that an
// answer to last year's question is nobody's answer today.
const queryVersion = 1

// Key is what an answer is kept under: never without the interaction, since an address must not be reused
// across capabilities, and never without the environment.
type Key struct {
	Environment string
	ODS         string
	Interaction Interaction
	Version     int
}

// String is for stores that want one; it is the same in every process.
func (k Key) String() string {
	return fmt.Sprintf("sds|%d|%q|%s|%s", k.Version, k.Environment, k.ODS, k.Interaction)
}

// Entry is an answer and its time.
type Entry struct {
	Endpoint Endpoint
	Stored   time.Time
	Expires  time.Time // looked up afresh from then on
}

// Store keeps entries. Its errors cost a lookup, never an answer: they count as "not there". keep is how long
// an entry may be of any use.
type Store interface {
	Get(ctx context.Context, k Key) (Entry, bool, error)
	Set(ctx context.Context, k Key, e Entry, keep time.Duration) error
	Delete(ctx context.Context, k Key) error
}

// memoryStore is a Store in this process.
type memoryStore struct {
	most int

	mu      sync.RWMutex
	entries map[Key]Entry
}

// NewMemoryStore keeps at most so many entries in this process; 0 is 100,000, which is every practice and
// interaction there is.
func NewMemoryStore(most int) Store {
	if most <= 0 {
		most = 100_000
	}
	return &memoryStore{most: most, entries: make(map[Key]Entry)}
}

func (m *memoryStore) Get(_ context.Context, k Key) (Entry, bool, error) {
	m.mu.RLock()
	e, ok := m.entries[k]
	m.mu.RUnlock()
	return e, ok, nil
}

// Set makes room, when there is none, by dropping an entry at random: all of them are cheap to get again.
func (m *memoryStore) Set(_ context.Context, k Key, e Entry, _ time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.entries[k]; !there && len(m.entries) >= m.most {
		for other := range m.entries {
			delete(m.entries, other)
			break
		}
	}
	m.entries[k] = e
	return nil
}

func (m *memoryStore) Delete(_ context.Context, k Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, k)
	return nil
}

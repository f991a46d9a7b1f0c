package sandbox

import (
	"strings"
	"sync"
)

// moves are the practices whose address has changed since the start: the address that the
// directory was filled with, and how often it has moved.
type moves struct {
	mu    sync.Mutex
	times map[string]int
}

// address is where an address of the directory has moved to: the same path on another host.
func (m *moves) address(original string) string {
	m.mu.Lock()
	n := m.times[original]
	m.mu.Unlock()
	if n == 0 {
		return original
	}
	scheme, rest, ok := strings.Cut(original, "://")
	if !ok {
		return original
	}
	return scheme + "://moved-" + itoa(n) + "." + rest
}

// move lets a practice move on.
func (m *moves) move(original string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.times == nil {
		m.times = map[string]int{}
	}
	m.times[original]++
}

func (m *moves) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times = nil
}

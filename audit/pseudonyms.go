package audit

import "sync"

// mostNames is how many patients' names are remembered.
const mostNames = 256

// pseudonyms remembers how the journal names the patients of the latest calls:
// of each, two lines tell. The numbers in it are as they come, sealed.
type pseudonyms struct {
	mu    sync.Mutex
	known map[Number]string
}

// pseudonym is key's for n, which is comparable.
func (p *pseudonyms) pseudonym(key Key, n Number) string {
	p.mu.Lock()
	name, ok := p.known[n]
	p.mu.Unlock()
	if ok {
		return name
	}
	name = key.Pseudonym(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= mostNames {
		p.known = make(map[Number]string, 1)
	}
	p.known[n] = name
	return name
}

package main

import (
	"fmt"
	"time"
)

// progress is a line on a terminal's stderr that says how far a long command
// has come. Where stderr is no terminal there is none.
type progress struct {
	a     *app
	total int
	next  time.Time
	shown bool
}

func newProgress(a *app, total int) *progress {
	return &progress{a: a, total: total, next: time.Now().Add(300 * time.Millisecond)}
}

// at shows that n of all are done, ten times a second at most.
func (p *progress) at(n int) {
	if !p.a.progress || time.Now().Before(p.next) {
		return
	}
	fmt.Fprintf(p.a.stderr, "\rgpc: %d of %d", n, p.total)
	p.next, p.shown = time.Now().Add(100*time.Millisecond), true
}

// end takes the line away.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.a.stderr, "\r\x1b[K")
	}
}

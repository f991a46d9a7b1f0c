package main

import (
	"bytes"
	"testing"
	"time"
)

// TestProgress: a line that comes, changes at most ten times a second and goes
// again, and only on a terminal.
func TestProgress(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var stderr bytes.Buffer
		p := newProgress(&app{stderr: &stderr, progress: terminal}, 6500)
		p.next = time.Now().Add(time.Hour)
		p.at(1) // too early
		p.next = time.Time{}
		p.at(2)
		p.next = time.Now().Add(time.Hour)
		p.at(3) // too soon after
		p.end()
		want := map[bool]string{true: "\rgpc: 2 of 6500\r\x1b[K"}[terminal]
		if got := stderr.String(); got != want {
			t.Errorf("terminal %v: got %q, want %q", terminal, got, want)
		}
	}
}

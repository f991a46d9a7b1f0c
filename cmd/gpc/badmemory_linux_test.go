package main

import (
	"os"
	"syscall"
	"testing"
)

// mostMemory is what reading a saved answer may take at its peak, in bytes: 1.5 GiB for one
// of 64 MiB or of a million objects.
const mostMemory = 3 << 29

// checkMemory holds a process that has ended to that. What the system tells is at least what
// this process, which began it, had then.
func checkMemory(t *testing.T, p *os.ProcessState) {
	t.Helper()
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not tell what a process took")
	}
	peak := usage.Maxrss << 10
	t.Logf("peak of %d MiB, %v", peak>>20, p.UserTime()+p.SystemTime())
	if peak > mostMemory {
		t.Errorf("got a peak of %d MiB, want at most %d", peak>>20, mostMemory>>20)
	}
}

// Package filelock is a lock between processes, on a file that they share, and
// what else it takes that files outlive the machine's power. A lock ends with the process that
// holds it, however that ends.
package filelock

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// Lock is a lock that is held.
type Lock struct{ file *os.File }

// Acquire waits for the lock on the file of that name, which is made (mode
// 0600) where there is none, until ctx ends. It excludes other processes, and
// other calls of Acquire in this one.
func Acquire(ctx context.Context, path string) (*Lock, error) {
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 2*time.Millisecond) {
		l, err := try(path)
		if l != nil || err != nil {
			return l, err
		}
		// Differing pauses, so that two who wait do not keep in step.
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try takes the lock if it is free, and if the file that is locked is the one
// that others will find under its name. Neither lock nor error: it is not free.
func try(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	held, err := Try(f)
	if err == nil && held {
		if ours, err := f.Stat(); err == nil {
			if theirs, err := os.Stat(path); err == nil && os.SameFile(ours, theirs) {
				return &Lock{f}, nil
			}
		}
	}
	f.Close()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return nil, nil
}

// Release ends the lock.
func (l *Lock) Release() {
	_ = Unlock(l.file) // closing the file does it too
	l.file.Close()
}

// SyncFolder puts the names in a folder on disk.
func SyncFolder(path string) error { return syncFolder(path) }

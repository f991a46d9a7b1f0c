package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestExclusion: one at a time, and who waits is not kept beyond the end of its ctx.
func TestExclusion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Acquire(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock: got %v, want the deadline", err)
	}
	got := make(chan *Lock)
	go func() {
		second, err := Acquire(t.Context(), path)
		if err != nil {
			t.Error(err)
		}
		got <- second
	}()
	select {
	case <-got:
		t.Fatal("the lock was taken twice")
	case <-time.After(20 * time.Millisecond):
	}
	first.Release()
	(<-got).Release()
}

// TestReplaced: a lock on a file that is no longer found under its name is none.
func TestReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed on Windows")
	}
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Release()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Release()
	ours, err := second.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if theirs, err := os.Stat(path); err != nil || !os.SameFile(ours, theirs) {
		t.Error("the lock is on a file that nobody finds")
	}
	if _, err := Acquire(t.Context(), filepath.Join(t.TempDir(), "none", "lock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: got %v, want os.ErrNotExist", err)
	}
}

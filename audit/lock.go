package audit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/gpconnect-go/gpc/internal/filelock"
)

// ErrBusy is that another process held the journal for longer than we wait.
var ErrBusy = errors.New("audit: another process holds the journal")

// headFile is the file beside the journal: what processes lock, and what says
// which line is the last known to be on disk. It stays where it is when the
// journal is rotated.
type headFile struct {
	path string
	wait time.Duration // for the lock, at most
	file *os.File
	info os.FileInfo // of file
}

// acquire takes the lock, which excludes other processes and other Journals of
// this one.
func (h *headFile) acquire() error {
	until := time.Now().Add(h.wait)
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 2*time.Millisecond) {
		held, err := h.try()
		if err != nil || held {
			return err
		}
		if time.Now().After(until) {
			return ErrBusy
		}
		// Differing pauses, so that two who wait do not keep in step.
		time.Sleep(pause/2 + rand.N(pause))
	}
}

// try takes the lock if it is free and if the file that is locked is the one
// that others will find under its name.
func (h *headFile) try() (bool, error) {
	if h.file == nil {
		if err := h.open(os.O_RDWR | os.O_CREATE); err != nil {
			return false, err
		}
	}
	held, err := filelock.Try(h.file)
	if err != nil {
		return false, fmt.Errorf("audit: lock the journal: %w", err)
	}
	if !held {
		return false, nil
	}
	if !h.stale() {
		return true, nil
	}
	return false, h.close()
}

// open opens the file. One that is new, and so is empty, is found after a
// power failure.
func (h *headFile) open(flags int) error {
	f, err := os.OpenFile(h.path, flags, 0o600)
	if err != nil {
		return fmt.Errorf("audit: open the journal's head: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() == 0 && flags&os.O_CREATE != 0 {
		err = filelock.SyncFolder(filepath.Dir(h.path))
	}
	if err != nil {
		return fmt.Errorf("audit: open the journal's head: %w", errors.Join(err, f.Close()))
	}
	h.file, h.info = f, info
	return nil
}

// stale reports whether someone removed or replaced the file.
func (h *headFile) stale() bool {
	theirs, err := os.Stat(h.path)
	return err != nil || !os.SameFile(h.info, theirs)
}

func (h *headFile) release() {
	if h.file != nil {
		_ = filelock.Unlock(h.file) // closing the file, or the process's end, does it too
	}
}

func (h *headFile) close() error {
	if h.file == nil {
		return nil
	}
	f := h.file
	h.file = nil
	return f.Close()
}

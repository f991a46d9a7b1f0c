// Package journal keeps the intents of writes on disk, so that whatever
// happens to a process, nobody books again before the outcome of the last
// booking is known. A [Journal] is a client.Journal:
//
//	j, err := journal.Open(journal.Config{Dir: dir})
//	c, err := client.New(client.Config{Journal: j, …})
//	…
//	open, err := c.Unsettled(ctx) // after a crash
//
// A journal is a folder that processes of one machine may share. Each intent
// is a file in its folder "open" before the write is sent, on disk with its name,
// and moves to the folder "settled" with its outcome. A file is written whole under another name first,
// so that a process killed at any point leaves every file whole; a lock keeps two processes from
// beginning a booking for the same patient at the same time.
//
// There is no NHS number, no name and no text of an appointment in a journal. The
// logical ids in it (of a patient at a practice, of slots, of appointments) are
// personal data all the same: the folder has mode 0700, its files 0600,
// settled intents are deleted after Config.Keep, and it belongs on no shared
// or synchronised disk.
package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/filelock"
)

// Config says where a journal is.
type Config struct {
	Dir  string           // made where there is none
	Keep time.Duration    // of settled intents; 30 days, at least one
	Now  func() time.Time // time.Now
}

// Journal is a journal on disk; it is safe for concurrent use.
type Journal struct {
	dir    string
	keep   time.Duration
	now    func() time.Time
	mu     sync.Mutex
	pruned time.Time // when settled intents were last looked through
}

var _ client.Journal = (*Journal)(nil)

const (
	openFolder    = "open"
	settledFolder = "settled"
)

// Open makes the journal ready. A folder that others may read is refused.
func Open(config Config) (*Journal, error) {
	if config.Dir == "" {
		return nil, errors.New("journal: no folder is configured")
	}
	j := &Journal{dir: config.Dir, keep: config.Keep, now: config.Now}
	switch {
	case j.keep == 0:
		j.keep = 30 * 24 * time.Hour
	case j.keep < 24*time.Hour:
		return nil, errors.New("journal: settled intents are kept for a day at least: a booking that was given up as not made is looked for again within one")
	}
	if j.now == nil {
		j.now = time.Now
	}
	for _, folder := range []string{j.dir, j.folder(openFolder), j.folder(settledFolder)} {
		if err := makeFolder(folder); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	return j, nil
}

// makeFolder makes the folder, and those above it that are not there, for its owner alone,
// and puts their names on disk.
func makeFolder(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeParents(path); err != nil {
			return err
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s may be used by others (mode %04o): it must have mode 0700", path, info.Mode().Perm())
	}
	return filelock.SyncFolder(filepath.Dir(path))
}

// makeParents is os.MkdirAll that puts every name that it makes on disk.
func makeParents(path string) error {
	parent := filepath.Dir(path)
	if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
		if err := makeParents(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return filelock.SyncFolder(parent)
}

func (j *Journal) folder(name string) string { return filepath.Join(j.dir, name) }

func (j *Journal) lock(ctx context.Context) (*filelock.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	l, err := filelock.Acquire(ctx, filepath.Join(j.dir, "lock"))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, errors.New("journal: another process holds it")
	}
	return l, err
}

// Begin keeps the intent. A booking for a patient at a practice is refused
// with a *client.UnsettledError while another is open there, of whatever organisation and
// process.
func (j *Journal) Begin(ctx context.Context, i client.Intent) error {
	if !isID(i.ID) {
		return errors.New("journal: an intent needs an id of letters, digits and hyphens")
	}
	l, err := j.lock(ctx)
	if err != nil {
		return err
	}
	defer l.Release()
	open, err := j.open()
	if err != nil {
		return err
	}
	j.prune() // after open, which has put away what is settled and still lies among the open ones
	for _, other := range open {
		switch {
		case other.ID == i.ID:
			return errors.New("journal: this intent is there already")
		case i.Interaction == client.BookAppointment && other.Interaction == i.Interaction && other.ODS == i.ODS && other.Patient == i.Patient:
			return &client.UnsettledError{Intent: other}
		}
	}
	return j.put(openFolder, client.Settled{Intent: i})
}

// open are the unsettled intents. An intent of which a process died while it
// settled it is in both folders, and settled.
func (j *Journal) open() ([]client.Intent, error) {
	all, err := j.readFolder(openFolder, time.Time{})
	if err != nil {
		return nil, err
	}
	var open []client.Intent
	for _, s := range all {
		_, err := os.Stat(j.path(settledFolder, s.Intent.ID))
		switch {
		case err == nil:
			_ = os.Remove(j.path(openFolder, s.Intent.ID)) // again next time, if it cannot be
		case errors.Is(err, fs.ErrNotExist):
			open = append(open, s.Intent)
		default:
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	return open, nil
}

// Settle keeps the outcome of an intent that was begun; the latest counts.
func (j *Journal) Settle(ctx context.Context, id string, o client.Outcome) error {
	if !isID(id) {
		return errors.New("journal: there is no intent with that id")
	}
	l, err := j.lock(ctx)
	if err != nil {
		return err
	}
	defer l.Release()
	s, err := j.read(openFolder, id)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = j.read(settledFolder, id)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("journal: there is no intent with that id")
	}
	if err != nil {
		return err
	}
	s.Outcome = o
	if err := j.put(settledFolder, s); err != nil {
		return err
	}
	if err := os.Remove(j.path(openFolder, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Intents are the intents with their outcomes, the oldest first.
func (j *Journal) Intents(ctx context.Context) ([]client.Settled, error) {
	return j.Since(ctx, time.Time{})
}

// Since are the intents that are open, and those that were settled since t, the oldest first.
func (j *Journal) Since(_ context.Context, t time.Time) ([]client.Settled, error) {
	// In this order no intent is missed that is being settled meanwhile.
	open, err := j.readFolder(openFolder, time.Time{})
	if err != nil {
		return nil, err
	}
	all, err := j.readFolder(settledFolder, t)
	if err != nil {
		return nil, err
	}
	settled := map[string]bool{}
	for _, s := range all {
		settled[s.Intent.ID] = true
	}
	for _, s := range open {
		if !settled[s.Intent.ID] {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b client.Settled) int {
		if c := a.Intent.At.Compare(b.Intent.At); c != 0 {
			return c
		}
		return strings.Compare(a.Intent.ID, b.Intent.ID)
	})
	return all, nil
}

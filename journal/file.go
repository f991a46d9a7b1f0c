package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/filelock"
)

// The suffixes of whole files, and of the beginning of one.
const (
	suffix = ".json"
	begun  = ".part"
)

// format is the version of the files.
const format = 1

type file struct {
	Format int `json:"format"`
	client.Settled
}

func (j *Journal) path(folder, id string) string { return filepath.Join(j.dir, folder, id+suffix) }

// put writes a file whole, and returns when it and its name are on disk. The
// journal is locked.
func (j *Journal) put(folder string, s client.Settled) error {
	data, err := json.Marshal(file{format, s})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	part := filepath.Join(j.dir, folder, s.Intent.ID+begun)
	if err := write(part, data); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("journal: %w", err)
	}
	_ = os.Chtimes(part, j.now(), j.now()) // by which Since and prune judge
	if err := os.Rename(part, j.path(folder, s.Intent.ID)); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("journal: %w", err)
	}
	if err := filelock.SyncFolder(j.folder(folder)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// read reads one file. That it is not there is fs.ErrNotExist.
func (j *Journal) read(folder, id string) (client.Settled, error) {
	data, err := os.ReadFile(j.path(folder, id))
	if err != nil {
		return client.Settled{}, fmt.Errorf("journal: %w", err)
	}
	var f file
	err = json.Unmarshal(data, &f)
	switch {
	case err != nil || f.Intent.ID != id:
		return client.Settled{}, fmt.Errorf("journal: %s is not a whole intent; until somebody has found out what became of it, and moved it away, nothing is written", j.path(folder, id))
	case f.Format != format:
		return client.Settled{}, fmt.Errorf("journal: %s is of another version of gpc", j.path(folder, id))
	}
	return f.Settled, nil
}

// readFolder reads what was written into a folder since a moment. A file that goes away
// meanwhile has been settled, or was old.
func (j *Journal) readFolder(folder string, since time.Time) ([]client.Settled, error) {
	entries, err := os.ReadDir(j.folder(folder))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var all []client.Settled
	for _, e := range entries {
		id, whole := strings.CutSuffix(e.Name(), suffix)
		if !whole || !since.IsZero() && writtenBefore(e, since) {
			continue
		}
		s, err := j.read(folder, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// writtenBefore reports whether the file is older than t; what cannot be said is read.
func writtenBefore(e fs.DirEntry, t time.Time) bool {
	info, err := e.Info()
	return err == nil && info.ModTime().Before(t)
}

// prune deletes, once an hour, settled intents that are older than they are kept,
// and what processes that died have begun to write. The journal is locked, so that
// nobody is writing. What cannot be deleted is deleted another time.
func (j *Journal) prune() {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.now()
	if now.Sub(j.pruned) < time.Hour && !now.Before(j.pruned) {
		return
	}
	j.pruned = now
	for _, folder := range []string{openFolder, settledFolder} {
		entries, err := os.ReadDir(j.folder(folder))
		if err != nil {
			return
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				continue
			}
			old := folder == settledFolder && now.Sub(info.ModTime()) > j.keep
			if old && strings.HasSuffix(e.Name(), suffix) || strings.HasSuffix(e.Name(), begun) {
				_ = os.Remove(filepath.Join(j.folder(folder), e.Name()))
			}
		}
	}
}

// isID is what may become a file's name.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

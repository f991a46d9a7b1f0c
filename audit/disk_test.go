package audit

import (
	"errors"
	"io"
	"math/rand"
	"os"
	"sync"
	"syscall"
)

const block = 128

// disk stands between a journal and its file and fails when told to. It knows
// what of the file would survive a power failure: a sync that fails leaves the
// bytes readable, forgets that they still have to be written, and so loses
// them, as Linux does.
type disk struct {
	mu       sync.Mutex
	random   *rand.Rand
	full     bool // writes end half way
	failSync bool
	failCut  bool // truncation fails
	dead     bool // everything fails
	onSync   func()
	syncs    int

	surface *surface
}

// surface is one file as the disk has it.
type surface struct {
	info    os.FileInfo
	durable []byte
	dirty   map[int64]bool // blocks that the next sync would write
}

func newDisk(seed int64) *disk { return &disk{random: rand.New(rand.NewSource(seed))} }

var errDead = errors.New("the disk does not answer")

// open takes the place of openFile. A file that is opened for the first time
// is all durable.
func (d *disk) open(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.surface == nil || !os.SameFile(d.surface.info, info) {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		d.surface = &surface{info, b, map[int64]bool{}}
	}
	return &diskFile{f, d, d.surface}, nil
}

type diskFile struct {
	*os.File
	disk *disk
	*surface
}

func (f *diskFile) WriteAt(b []byte, offset int64) (int, error) {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	var failed error
	switch {
	case d.dead:
		return 0, errDead
	case d.full && len(b) > 0:
		b, failed = b[:d.random.Intn(len(b))], syscall.ENOSPC
	}
	n, err := f.File.WriteAt(b, offset)
	for at := offset / block; at*block < offset+int64(n); at++ {
		f.dirty[at] = true
	}
	return n, errors.Join(err, failed)
}

func (f *diskFile) Truncate(size int64) error {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead || d.failCut {
		return errDead
	}
	for at := range f.dirty {
		if at*block >= size {
			delete(f.dirty, at)
		}
	}
	if size%block != 0 {
		f.dirty[size/block] = true
	}
	return f.File.Truncate(size)
}

func (f *diskFile) Sync() error {
	d := f.disk
	d.mu.Lock()
	hook := d.onSync
	d.mu.Unlock()
	if hook != nil {
		hook()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.syncs++
	if d.dead {
		return errDead
	}
	cached, err := io.ReadAll(io.NewSectionReader(f.File, 0, 1<<40))
	if err != nil {
		return err
	}
	f.persist(cached, d.random, !d.failSync)
	if d.failSync {
		return syscall.EIO
	}
	return nil
}

// persist brings dirty blocks to the durable state, all or some. None is
// dirty after that.
func (s *surface) persist(cached []byte, random *rand.Rand, all bool) {
	size := len(cached)
	if !all && random.Intn(2) == 0 {
		size = len(s.durable)
	}
	next := make([]byte, size)
	copy(next, s.durable)
	for at := range s.dirty {
		if from := at * block; (all || random.Intn(2) == 0) && from < int64(min(size, len(cached))) {
			copy(next[from:min(from+block, int64(size))], cached[from:])
		}
	}
	s.durable, s.dirty = next, map[int64]bool{}
}

// power takes the power away and gives it back: what the file has now is what
// was durable and some of what was on its way.
func (d *disk) power(t fataler, path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	cached, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d.surface.persist(cached, d.random, false)
	write(t, path, d.surface.durable)
}

func (d *disk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

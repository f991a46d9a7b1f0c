package audit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gpconnect-go/gpc/internal/filelock"
)

// file is what the journal does with its file; tests put a disk that fails in
// its place.
type file interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Stat() (os.FileInfo, error)
	Close() error
}

func openFile(path string) (file, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }

// store is the journal's file, shared with other processes. It is used by one
// goroutine at a time.
type store struct {
	spare []byte // the buffer of the last page, to be written over

	path string
	open func(path string) (file, error)
	now  func() time.Time
	head headFile

	file     file
	info     os.FileInfo // of file, when it was opened
	size     int64       // of the file, when it was locked
	end      position    // of the last line
	known    bool        // end is of this file and was read or written without failure
	unsynced bool        // lines of ours may not be on disk yet
}

// page is what one write puts behind the file's end.
type page struct {
	buf   []byte
	at    position
	fresh bool // it begins a file
}

func (p *page) add(body []byte) { p.buf, p.at = seal(p.buf, p.at, body) }

func (p *page) addEntry(e Entry) error {
	body, err := e.body()
	if err == nil {
		p.add(body)
	}
	return err
}

// append writes lines of these bodies, under the lock, behind what is there
// by now. With sync they are on disk when it returns nil. When it returns an
// error, none of them counts.
func (s *store) append(bodies [][]byte, sync bool) error {
	if err := s.head.acquire(); err != nil {
		return err
	}
	defer s.head.release()
	p, err := s.settle()
	if err != nil {
		s.known = false
		return err
	}
	sync = sync || len(p.buf) > 0
	for _, b := range bodies {
		p.add(b)
	}
	if err := s.write(p, sync); err != nil {
		s.undo()
		return err
	}
	s.end, s.known = p.at, true
	if cap(p.buf) <= maxLine {
		s.spare = p.buf
	}
	s.unsynced = !sync && (s.unsynced || len(p.buf) > 0)
	if sync {
		s.head.write(s.end)
	}
	return nil
}

func (s *store) write(p *page, sync bool) error {
	if _, err := s.file.WriteAt(p.buf, s.size); err != nil {
		return fmt.Errorf("audit: write the journal: %w", err)
	}
	if !sync {
		return nil
	}
	err := s.file.Sync()
	if err == nil && p.fresh {
		err = filelock.SyncFolder(filepath.Dir(s.path))
	}
	if err != nil {
		return fmt.Errorf("audit: put the journal on disk: %w", err)
	}
	return nil
}

// undo cuts off what a failed write left: nobody was told that it is there,
// and the lock has kept everyone from writing behind it. Where the disk fails
// in this as well, the bytes stay, and the next reader takes them for what
// they are. Either way the next append begins at the head.
func (s *store) undo() {
	_ = s.file.Truncate(s.size)
	s.known = false
}

// settle finds the end of the file as it is now: opened, rotated, grown by
// another process, torn by a crash. The page it returns holds the lines that
// must come first because of that.
func (s *store) settle() (*page, error) {
	if err := s.reopen(); err != nil {
		return nil, err
	}
	switch {
	case s.size == 0:
		return s.begin()
	case s.known && s.size == s.end.offset:
		return &page{at: s.end, buf: s.spare[:0]}, nil
	case s.known && s.size > s.end.offset:
		if end, err := s.read(s.end); err == nil {
			return &page{at: end}, nil
		}
	}
	return s.load()
}

// reopen makes sure that the file is the one that has the journal's name; it
// is another after a rotation.
func (s *store) reopen() error {
	if s.file != nil {
		now, err := os.Stat(s.path)
		if err == nil && os.SameFile(s.info, now) {
			s.size = now.Size()
			return nil
		}
		if err := s.leave(); err != nil {
			return fmt.Errorf("audit: leave the journal that was moved away: %w", err)
		}
	}
	f, err := s.open(s.path)
	if err != nil {
		return fmt.Errorf("audit: open the journal: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("audit: open the journal: %w", errors.Join(err, f.Close()))
	}
	s.file, s.info, s.size = f, info, info.Size()
	if s.size > 0 {
		s.known = false
	}
	return nil
}

// leave puts what is not on disk yet there, so that the next file can carry on
// from it, and closes the file.
func (s *store) leave() error {
	if s.unsynced && s.known {
		if err := s.file.Sync(); err != nil {
			return err
		}
		s.head.write(s.end)
		s.unsynced = false
	}
	f := s.file
	s.file = nil
	return f.Close()
}

// begin is the page of an empty file: a header that carries on from the
// newest line that was written under this name, if there was one. That line's
// head is put on disk first: after a power failure a head from further back
// would say nothing about the new file.
func (s *store) begin() (*page, error) {
	at := s.before()
	if at.seq > 0 {
		s.head.write(at)
		if err := s.head.file.Sync(); err != nil {
			return nil, fmt.Errorf("audit: put the journal's head on disk: %w", err)
		}
	}
	at.offset = 0
	p := &page{at: at, fresh: true}
	return p, p.addEntry(Entry{Kind: Header, Time: s.now().UTC(), Format: format})
}

// before is what the header of a new file follows.
func (s *store) before() position {
	at := position{hash: noHash}
	if s.end.seq > 0 {
		at = s.end
	}
	if head, ok := s.head.read(); ok && head.seq > at.seq {
		at = head
	}
	return at
}

// close ends the use of both files.
func (s *store) close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
		s.file = nil
	}
	return errors.Join(err, s.head.close())
}

package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// load finds the end of a file of which nothing is known: read from the line
// that the head names, or from the beginning when it names none. What may not
// be on disk, all behind the head or else the last MiB, is written once more.
func (s *store) load() (*page, error) {
	head, ok := s.head.read()
	from, suspect := position{}, max(0, s.size-1<<20)
	if ok && s.endsAt(head) {
		from, suspect = head, head.offset
	}
	lines, met, err := s.walk(from, head, ok)
	var broken *Broken
	switch {
	case errors.As(err, &broken) && lines.at.seq == 0 && s.unheaded():
		return s.restart()
	case errors.As(err, &broken) && lines.begun && (met || !ok) && broken.crashed(from.seq > 0):
		return s.account(lines.at, broken, suspect)
	case err != nil:
		return nil, err
	case ok && !met:
		return nil, lines.lacks(head)
	case s.end.seq > lines.at.seq:
		return nil, lines.lacks(s.end)
	}
	return &page{at: lines.at}, s.renew(suspect)
}

// endsAt reports whether the line that the head names is where the head says,
// and whole.
func (s *store) endsAt(head position) bool {
	b := make([]byte, min(head.offset, maxLine))
	if _, err := s.file.ReadAt(b, head.offset-int64(len(b))); err != nil {
		return false
	}
	l, ok := lastLine(b)
	return ok && l.seq == head.seq && l.hash == head.hash
}

// lastLine is the line that ends b with its newline.
func lastLine(b []byte) (line, bool) {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return line{}, false
	}
	b = b[:len(b)-1]
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '\n' {
			b = b[i+1:]
			break
		}
	}
	return open(b)
}

// renew writes what stands behind the last line known to be on disk once
// more, as it is. After a sync that failed the system may hold these bytes
// for written when they are not; now they are for the next sync to write.
func (s *store) renew(offset int64) error {
	b := make([]byte, maxLine)
	for offset < s.size {
		n, err := s.file.ReadAt(b[:min(int64(len(b)), s.size-offset)], offset)
		if err != nil {
			return fmt.Errorf("audit: read the journal: %w", err)
		}
		if _, err := s.file.WriteAt(b[:n], offset); err != nil {
			return fmt.Errorf("audit: write the journal: %w", err)
		}
		offset += int64(n)
		s.unsynced = true
	}
	return nil
}

// read reads from a known line to the file's end.
func (s *store) read(from position) (position, error) {
	lines, _, err := s.walk(from, position{}, false)
	return lines.at, err
}

// walk reads from a line as far as lines are good. It tells whether the line
// that head names, or a header that carries on from it, was met.
func (s *store) walk(from, head position, expected bool) (lines *scanner, met bool, err error) {
	lines = scan(io.NewSectionReader(s.file, from.offset, s.size-from.offset), from)
	met = expected && from == head
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return lines, met, nil
		}
		if err != nil {
			return lines, met, err
		}
		if expected && (l.seq == head.seq && l.hash == head.hash || l.is(Header) && l.seq == head.seq+1 && l.prev == head.hash) {
			met = true
		}
	}
}

// crashed reports whether what is broken may be what a crash left. Behind the
// head anything may be: no sync is known to have reached it, and a power
// failure leaves old blocks among new ones. Where no head can be trusted, only
// the beginning of a line is believed, which is what a process leaves that was
// killed.
func (b *Broken) crashed(behindHead bool) bool { return behindHead || b.plain }

// account puts the record of torn bytes behind them.
func (s *store) account(end position, b *Broken, suspect int64) (*page, error) {
	if err := s.renew(suspect); err != nil {
		return nil, err
	}
	b.left.add([]byte(tornMark), false)
	p := &page{buf: []byte(tornMark), at: position{offset: s.size + int64(len(tornMark)), seq: end.seq, hash: end.hash}}
	return p, p.addEntry(Entry{Kind: Recovered, Time: s.now().UTC(), TornBytes: b.left.length, TornSHA256: b.left.sum()})
}

// unheaded reports whether all there is in the file is what a crash left of
// the header, or of the blocks that it would have stood in. Other bytes are
// somebody's, and are not touched.
func (s *store) unheaded() bool {
	if s.size >= maxLine {
		return false
	}
	b := make([]byte, s.size)
	if _, err := s.file.ReadAt(b, 0); err != nil {
		return false
	}
	header, _ := seal(nil, s.before(), fmt.Appendf(nil, `{"kind":"%s"}`, Header))
	header = header[:len(header)-tailSize-1]
	n := min(len(b), len(header))
	return len(bytes.Trim(b, "\x00")) == 0 || bytes.Equal(b[:n], header[:n]) && bytes.IndexByte(b, '\n') < 0
}

// restart makes the file empty. Nothing that anybody was told of was in it.
func (s *store) restart() (*page, error) {
	if err := s.file.Truncate(0); err != nil {
		return nil, fmt.Errorf("audit: begin the journal anew: %w", err)
	}
	s.size = 0
	return s.begin()
}

// lacks says that a line that was written is not among those read.
func (s *scanner) lacks(head position) *Broken {
	b := s.broken(Cut)
	if s.at.seq >= head.seq {
		b.Seq, b.Fault = head.seq, Replaced
	}
	return b
}

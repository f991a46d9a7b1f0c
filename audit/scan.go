package audit

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Fault is what is wrong at a line. It is an error: errors.Is(err, audit.Cut).
type Fault string

const (
	Altered  Fault = "its hash does not fit its content"
	Unlinked Fault = "it does not follow the line before it"
	Headless Fault = "the journal does not begin with a header"
	Torn     Fault = "it has no end: a crash, or bytes were taken away"
	Cut      Fault = "the journal ends before a line that was written"
	Replaced Fault = "it is another line than the one that was written there"
)

func (f Fault) Error() string { return string(f) }

// Broken is the first place where a journal is not what was written.
type Broken struct {
	Line   int    // in the file, from 1; 0 when the file was not read from its beginning
	Offset int64  // of its first byte
	Seq    uint64 // that the line there should have
	Fault  Fault

	left  *remains // all that is unaccounted for, to the end of what was read
	plain bool     // no newline in it
}

func (b *Broken) Error() string {
	where := fmt.Sprintf("byte %d", b.Offset)
	if b.Line > 0 {
		where = fmt.Sprintf("line %d, byte %d", b.Line, b.Offset)
	}
	return fmt.Sprintf("audit: the journal is broken at number %d (%s): %s", b.Seq, where, string(b.Fault))
}

// Unwrap gives the Fault.
func (b *Broken) Unwrap() error { return b.Fault }

// scanner reads lines and holds each against the one before.
type scanner struct {
	in    *bufio.Reader
	at    position // end of the last line that was good
	lines int      // ended by a newline so far, those of torn bytes with them
	begun bool     // a line before this is known, so none need be a header
	whole bool     // the file is read from its beginning, so that lines can be counted
}

// scan reads a journal from its beginning, or, when at is not zero, from the
// line after the one at at.
func scan(r io.Reader, at position) *scanner {
	return &scanner{in: bufio.NewReaderSize(r, maxLine), at: at, begun: at.seq > 0, whole: at.offset == 0}
}

// piece reads to the end of a line, but no further than maxLine; whole means
// that a newline ended it. The bytes are without it, and good until the next
// call.
func (s *scanner) piece() (b []byte, whole bool, err error) {
	b, err = s.in.ReadSlice('\n')
	switch {
	case err == nil:
		s.lines++
		return b[:len(b)-1], true, nil
	case errors.Is(err, bufio.ErrBufferFull), errors.Is(err, io.EOF) && len(b) > 0:
		return b, false, nil
	}
	return nil, false, err
}

// next is the next line, or io.EOF, or a *Broken after which no more comes.
func (s *scanner) next() (line, error) {
	b, whole, err := s.piece()
	if err != nil {
		return line{}, err
	}
	fault := Torn
	if whole {
		l, sound := open(b)
		switch {
		case sound && s.fits(l):
			s.advance(l, int64(len(b)+1))
			return l, nil
		case !s.begun:
			fault = Headless
		case sound:
			fault = Unlinked
		default:
			fault = Altered
		}
	}
	return s.torn(b, whole, fault)
}

// fits reports whether l may come next. The header of a file that carries on
// from another brings its own number and prev.
func (s *scanner) fits(l line) bool {
	if s.begun {
		return l.follows(s.at) && !l.is(Header)
	}
	return l.is(Header) && (l.seq > 1 || l.seq == 1 && l.prev == noHash)
}

func (s *scanner) advance(l line, size int64) {
	s.at = position{offset: s.at.offset + size, seq: l.seq, hash: l.hash}
	s.begun = true
}

// broken names the line that is due next.
func (s *scanner) broken(fault Fault) *Broken {
	b := &Broken{Offset: s.at.offset, Seq: s.at.seq + 1, Fault: fault}
	if s.whole {
		b.Line = s.lines + 1
	}
	return b
}

// torn looks behind bytes that are no line for the line that accounts for
// them.
func (s *scanner) torn(b []byte, whole bool, fault Fault) (line, error) {
	broken := s.broken(fault)
	broken.plain = !whole
	if whole && s.whole {
		broken.Line-- // this line's newline is counted already
	}
	left := &remains{hash: sha256.New()}
	broken.left = left
	left.add(b, whole)
	for {
		atStart := whole
		var err error
		b, whole, err = s.piece()
		if errors.Is(err, io.EOF) {
			return line{}, broken
		}
		if err != nil {
			return line{}, err
		}
		l, sound := open(b)
		if whole && atStart && sound && s.begun && l.follows(s.at) && l.accounts(left) {
			s.advance(l, left.length+int64(len(b)+1))
			return l, nil
		}
		broken.plain = broken.plain && !atStart && !whole
		left.add(b, whole)
	}
}

// tornMark ends torn bytes. It is more than a newline, because all that is
// missing from a torn line may be that.
const tornMark = "#torn\n"

// remains are bytes that a crash left, with the mark that ends them.
type remains struct {
	hash   hash.Hash
	length int64
}

func (r *remains) add(b []byte, newline bool) {
	_, _ = r.hash.Write(b)
	r.length += int64(len(b))
	if newline {
		_, _ = r.hash.Write([]byte{'\n'})
		r.length++
	}
}

func (r *remains) sum() string { return hex.EncodeToString(r.hash.Sum(nil)) }

// accounts reports whether l is the record of r.
func (l line) accounts(r *remains) bool {
	if !l.is(Recovered) {
		return false
	}
	e, err := l.entry()
	return err == nil && e.TornBytes == r.length && e.TornSHA256 == r.sum()
}

// entry decodes the line.
func (l line) entry() (Entry, error) {
	var e Entry
	if err := json.Unmarshal(l.bytes, &e); err != nil {
		return Entry{}, errors.New("audit: a line is not in the form of this version")
	}
	return e, nil
}

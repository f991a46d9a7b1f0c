package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Report is what a journal holds, as far as it is what was written.
type Report struct {
	Lines    int
	Begun    int
	Ended    int
	Refused  int
	Withheld int // answers that came and were not given to who asked
	Unknown  int // attempts with a begin and no end: what became of them is not known

	Recovered []Recovery // what crashes left
	Resumed   int        // times that the journal could not be written

	Continues Head // the last line of the file before this one; zero when this is the first
	Head      Head // the last line: keep it elsewhere, and a later Verify sees whether the journal was cut
}

// Recovery is a place where a crash left bytes that are no line.
type Recovery struct {
	Seq   uint64 // of the line that accounts for them
	Bytes int64
}

// Earlier is that a known line would be in a file before this one.
const Earlier Fault = "a line that is known to have been written is older than this file"

// Verify reads a journal to its end and holds every line against the one
// before, and those whose Head is known against that. The error is a *Broken
// that names the first line that is not what was written; the Report is of the
// lines before it.
func Verify(r io.Reader, known ...Head) (Report, error) {
	v := &verifier{lines: scan(r, position{}), known: known, unended: map[string]bool{}}
	err := v.run()
	v.report.Unknown = len(v.unended)
	return v.report, err
}

// VerifyFile is Verify of a journal that may be in use. The line that its head
// file names is one of those known.
func VerifyFile(path string, known ...Head) (Report, error) {
	s, err := takeSnapshot(path)
	if err != nil {
		return Report{}, err
	}
	defer s.file.Close()
	if s.headed {
		known = append(known[:len(known):len(known)], Head{s.head.seq, s.head.hash})
	}
	return Verify(io.NewSectionReader(s.file, 0, s.size), known...)
}

type verifier struct {
	lines   *scanner
	known   []Head
	unended map[string]bool
	report  Report
}

func (v *verifier) run() error {
	for {
		l, err := v.lines.next()
		switch {
		case errors.Is(err, io.EOF) && !v.lines.begun:
			return v.lines.broken(Headless)
		case errors.Is(err, io.EOF):
			return v.complete()
		case err != nil:
			return v.judge(err)
		}
		if err := v.compare(l); err != nil {
			return err
		}
		if err := v.count(l); err != nil {
			return err
		}
	}
}

// complete asks at the end whether every known line was there.
func (v *verifier) complete() error {
	for _, k := range v.known {
		if k.Seq > v.lines.at.seq {
			return v.lines.broken(Cut)
		}
	}
	return nil
}

// judge tells bytes that a crash left from a line that was whole once.
func (v *verifier) judge(err error) error {
	var b *Broken
	if errors.As(err, &b) && b.Fault == Torn && v.complete() != nil {
		b.Fault = Altered
	}
	return err
}

// compare holds l against what is known.
func (v *verifier) compare(l line) error {
	for _, k := range v.known {
		fault := Fault("")
		switch {
		case k.Seq == l.seq && k.Hash != l.hash, k.Seq == l.seq-1 && k.Hash != l.prev:
			fault = Replaced
		case v.report.Lines == 0 && k.Seq < l.seq-1:
			fault = Earlier
		}
		if fault != "" {
			b := &Broken{Line: v.lines.lines, Offset: v.lines.at.offset - int64(len(l.bytes)) - 1, Seq: k.Seq, Fault: fault}
			return b
		}
	}
	return nil
}

func (v *verifier) count(l line) error {
	r := &v.report
	kind, trace := l.traced()
	switch kind {
	case Begin:
		r.Begun++
		v.unended[trace] = true
	case End, Refused:
		if kind == End {
			r.Ended++
		} else {
			r.Refused++
		}
		delete(v.unended, trace)
	case Withheld:
		r.Withheld++
	case Header:
		if l.seq > 1 {
			r.Continues = Head{l.seq - 1, l.prev}
		}
	case Recovered:
		e, err := l.entry()
		if err != nil {
			return err
		}
		r.Recovered = append(r.Recovered, Recovery{l.seq, e.TornBytes})
	case Resumed:
		r.Resumed++
	}
	r.Lines++
	r.Head = Head{l.seq, l.hash}
	return nil
}

// snapshot is a journal's file as far as it was written at one moment.
type snapshot struct {
	file   *os.File
	size   int64
	head   position
	headed bool
}

// takeSnapshot looks at the journal under its lock, so that it ends with a
// line and not in one. It needs no permission to write; where there is no head
// file, nobody writes.
func takeSnapshot(path string) (*snapshot, error) {
	head := headFile{path: headPath(path), wait: 5 * time.Second}
	err := head.open(os.O_RDONLY)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		defer head.close()
		if err := head.acquire(); err != nil {
			return nil, err
		}
		defer head.release()
	}
	s := &snapshot{}
	if s.file, err = os.Open(path); err != nil {
		return nil, fmt.Errorf("audit: open the journal: %w", err)
	}
	info, err := s.file.Stat()
	if err != nil {
		return nil, fmt.Errorf("audit: open the journal: %w", errors.Join(err, s.file.Close()))
	}
	s.size = info.Size()
	if head.file != nil {
		s.head, s.headed = head.read()
	}
	return s, nil
}

package audit

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// Filter says which entries are wanted; its zero members ask for nothing, so
// that the zero Filter wants all, also those of kind header, recovered and
// resumed.
type Filter struct {
	Kind         Kind
	Trace        string
	ODS          string    // the practice's
	Organisation string    // ODS code of who asked
	User         string    // id of who asked
	Patient      string    // as Key.Pseudonym gives it
	From, To     time.Time // from the one up to, not with, the other
}

// ErrOtherKey is that entries could not be compared with the patient asked
// for, because their numbers are under another key.
var ErrOtherKey = errors.New("audit: entries name their patient under another key")

// Query gives the entries that the filter wants, in the journal's order. The
// journal may be in use; lines written after Query began are not in it.
//
// Where the journal is broken comes a *Broken in an entry's place. A caller
// who goes on gets what stands behind it as well, from the next whole line.
// After the last entry comes ErrOtherKey if there is reason for it: then "no
// such entry" is not what the absence of entries says.
func Query(path string, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s, err := takeSnapshot(path)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer s.file.Close()
		q := &query{snapshot: s, filter: f, yield: yield}
		if q.run() && q.otherKey > 0 {
			yield(Entry{}, fmt.Errorf("%w: %d of them", ErrOtherKey, q.otherKey))
		}
	}
}

type query struct {
	*snapshot
	filter   Filter
	yield    func(Entry, error) bool
	otherKey int
}

// run reports whether the caller wants more.
func (q *query) run() bool {
	lines := q.scan(position{})
	for {
		l, err := lines.next()
		var broken *Broken
		switch {
		case errors.Is(err, io.EOF):
			return true
		case errors.As(err, &broken):
			if !q.yield(Entry{}, err) {
				return false
			}
			if lines, err = q.behind(broken.Offset); err == nil {
				continue
			}
			return true
		case err != nil:
			q.yield(Entry{}, fmt.Errorf("audit: read the journal: %w", err))
			return false
		}
		if !q.offer(l) {
			return false
		}
	}
}

func (q *query) scan(from position) *scanner {
	return scan(io.NewSectionReader(q.file, from.offset, q.size-from.offset), from)
}

// behind carries on at the first line from offset on that is whole in itself;
// io.EOF when there is none.
func (q *query) behind(offset int64) (*scanner, error) {
	lines := q.scan(position{offset: offset})
	atStart := true
	for {
		b, whole, err := lines.piece()
		if err != nil {
			return nil, err
		}
		if l, sound := open(b); whole && atStart && sound {
			next := q.scan(position{offset: offset, seq: l.seq - 1, hash: l.prev})
			next.begun = !l.is(Header)
			if next.fits(l) {
				return next, nil
			}
		}
		atStart = whole
		offset += int64(len(b))
		if whole {
			offset++
		}
	}
}

func (q *query) offer(l line) bool {
	e, err := l.entry()
	if err != nil {
		return q.yield(Entry{}, err)
	}
	return !q.wants(e) || q.yield(e, nil)
}

func (q *query) wants(e Entry) bool {
	f := q.filter
	switch {
	case f.Kind != "" && f.Kind != e.Kind,
		f.Trace != "" && f.Trace != e.Trace,
		f.ODS != "" && f.ODS != e.Practice,
		f.Organisation != "" && f.Organisation != e.Organisation.ODS,
		f.User != "" && f.User != e.User.ID,
		!f.From.IsZero() && e.Time.Before(f.From),
		!f.To.IsZero() && !e.Time.Before(f.To):
		return false
	case f.Patient == "":
		return true
	}
	if e.Patient != "" && keyOf(e.Patient) != keyOf(f.Patient) {
		q.otherKey++
	}
	return e.Patient == f.Patient
}

func keyOf(pseudonym string) string {
	id, _, _ := strings.Cut(pseudonym, ":")
	return id
}

package audit

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// ErrClosed is that the journal was closed.
var ErrClosed = errors.New("audit: the journal is closed")

// Config is where the journal is and how numbers are hidden in it.
type Config struct {
	Path string
	Key  Key
	Now  func() time.Time // of the lines; nil is time.Now
	Wait time.Duration    // for other processes that write, at most; 0 is 5 s

	open func(path string) (file, error)
}

// Journal is a journal open for writing; it is a client.Auditor and safe for
// concurrent use.
type Journal struct {
	key   Key
	now   func() time.Time
	store *store
	named pseudonyms
	lines sync.Pool // of *item, to be used again

	writing sync.Mutex    // held by who commits
	ended   bool          // the last commit was made, by who holds writing
	took    time.Duration // the last commit with a sync, by who holds writing
	bodies  [][]byte      // of the last commit, to be written over, by who holds writing
	quick   time.Duration // of a commit, to be made by the caller
	pause   time.Duration // before lines that could not be written are tried once more

	mu      sync.Mutex
	queue   []*item
	spare   []*item // the last queue that was written, to be written over
	room    int     // for lines that wait for a disk that fails while nobody waits for them
	open    int     // calls that have begun and not ended, as far as this journal was told
	closed  bool
	armed   bool
	passed  bool // a queue was written since soon was armed
	unbegun int  // since the last line that was written
	unended int

	wake chan struct{} // there is something in the queue, or closed is set
	soon *time.Timer   // wakes for what nobody waits for; armed says that it will
	gone chan struct{} // the writer has ended
	last error         // of the writer's last commit
}

// unawaited is how long a line waits that nobody waits for; at most twice this.
const unawaited = 5 * time.Millisecond

var _ client.Auditor = (*Journal)(nil)

// item is a line on its way to the file.
type item struct {
	kind Kind
	body []byte
	done chan error // takes the outcome of a line that is awaited
}

// awaited reports whether the caller waits until the line is on disk.
func (l *item) awaited() bool { return l.kind == Begin }

// Open opens the journal, or makes it; its folder must exist. The lines since
// the last sync are checked, not the whole file: for that there is [VerifyFile].
// A line that a crash left torn is recorded. A journal that is otherwise not
// what was written is not appended to: the error is a *Broken, and the way out
// is to move the journal away.
func Open(c Config) (*Journal, error) {
	switch {
	case c.Path == "":
		return nil, errors.New("audit: the journal has no path")
	case len(c.Key.secret) == 0:
		return nil, errors.New("audit: the journal has no key, and no number may stand in it without one")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	open := c.open
	if open == nil {
		open = openFile
	}
	j := &Journal{
		key: c.Key, now: c.Now, room: 10_000, quick: 50 * time.Microsecond, pause: time.Second, wake: make(chan struct{}, 1), gone: make(chan struct{}),
		store: &store{path: c.Path, open: open, now: c.Now, head: headFile{path: headPath(c.Path), wait: c.Wait}},
	}
	if err := j.store.append(nil, false); err != nil {
		return nil, errors.Join(err, j.store.close())
	}
	if c.open != nil {
		j.quick = 0 // a disk of a test's, which stops at will
	}
	j.soon = time.AfterFunc(time.Hour, j.signalled)
	j.soon.Stop()
	go j.write()
	return j, nil
}

func headPath(path string) string { return path + ".head" }

// Begin records that an attempt is about to be sent. It returns nil when the
// line is on disk; with an error the call must not go out. When ctx ends
// first, its error is returned at once, and if the line can no longer be taken
// back, one of kind refused follows it.
func (j *Journal) Begin(ctx context.Context, e client.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	line, err := j.line(Begin, &e)
	if err != nil {
		return err
	}
	if err := j.enqueue(line); err != nil {
		return err
	}
	j.dispatch()
	select {
	case err := <-line.done: // where the caller is alone it is there already, and the longer way is saved
		return j.begun(line, err)
	default:
	}
	select {
	case err := <-line.done:
		return j.begun(line, err)
	case <-ctx.Done():
		j.uncount()
		if !j.withdraw(line) { // and whoever writes it still has it
			e.Err = ctx.Err()
			j.tell(Refused, &e)
		}
		return ctx.Err()
	}
}

// begun is a line's outcome; of a call that does not go out no End will tell.
func (j *Journal) begun(line *item, err error) error {
	j.reuse(line)
	if err != nil {
		j.uncount()
	}
	return err
}

func (j *Journal) uncount() {
	j.mu.Lock()
	j.open--
	j.mu.Unlock()
}

// End records how an attempt ended, that its answer was withheld or, of a call
// without an attempt, that it was refused. It does not wait: its line goes with the next one that somebody
// waits for, or by itself within a few milliseconds.
func (j *Journal) End(_ context.Context, e client.Event) {
	switch {
	case e.Withheld:
		j.tell(Withheld, &e)
	case e.Attempt == 0:
		j.tell(Refused, &e)
	default:
		j.tell(End, &e)
	}
}

func (j *Journal) tell(kind Kind, e *client.Event) {
	if line, err := j.line(kind, e); err == nil {
		_ = j.enqueue(line)
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unended++
	if kind == End {
		j.open--
	}
}

// Close writes what waits, puts it on disk and ends the use of the file. Its
// error says that lines were lost; the calls they belong to have begun in the
// journal and not ended.
func (j *Journal) Close() error {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if already {
		return ErrClosed
	}
	j.soon.Stop()
	j.signal()
	<-j.gone
	err := errors.Join(j.last, j.store.close())
	j.mu.Lock()
	defer j.mu.Unlock()
	if lost := len(j.queue) + j.unended; lost > 0 {
		err = errors.Join(err, fmt.Errorf("audit: %d lines on how calls ended were lost", lost))
	}
	return err
}

// line makes the line that tells of e.
func (j *Journal) line(kind Kind, e *client.Event) (*item, error) {
	line, ok := j.lines.Get().(*item)
	if !ok {
		line = &item{body: make([]byte, 0, 1<<10), done: make(chan error, 1)}
	}
	entry := j.entryOf(kind, e)
	var err error
	line.body, err = entry.appendBody(line.body[:0])
	line.kind = kind
	return line, err
}

// reuse is for a line that nobody else has any longer.
func (j *Journal) reuse(line *item) {
	if cap(line.body) <= 1<<12 {
		j.lines.Put(line)
	}
}

func (j *Journal) enqueue(line *item) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrClosed
	}
	j.queue = append(j.queue, line)
	switch line.kind {
	case Begin:
		j.open++
	case End:
		j.open--
	}
	if !line.awaited() && !j.armed {
		j.armed = true
		j.passed = false
		j.soon.Reset(unawaited)
	}
	return nil
}

// signalled is the timer's signal. Lines that came after others were written
// have not waited for long, and mostly the next Begin takes them along.
func (j *Journal) signalled() {
	j.mu.Lock()
	defer j.mu.Unlock()
	waiting := len(j.queue) > 0
	j.armed = waiting && j.passed && !j.closed
	j.passed = false
	switch {
	case j.armed:
		j.soon.Reset(unawaited)
	case waiting:
		j.signal()
	}
}

func (j *Journal) signal() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// withdraw takes back a line that the writer has not taken yet.
func (j *Journal) withdraw(line *item) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.Index(j.queue, line)
	if i >= 0 {
		j.queue = slices.Delete(j.queue, i, i+1)
	}
	return i >= 0
}

// write is the one goroutine that writes. Whoever comes while it waits for
// the disk is in its next batch.
func (j *Journal) write() {
	defer close(j.gone)
	for range j.wake {
		// Those who were just told that their line is on disk get the chance
		// to bring their next one before the batch is closed.
		runtime.Gosched()
		j.writing.Lock()
		j.ended = j.commit()
		j.writing.Unlock()
		if j.ended {
			return
		}
	}
}

// dispatch sees to it that what is in the queue is written: by the writer, or,
// when the caller is alone, by the caller where that is as good as no wait. A
// journal in memory takes less than the change of goroutines, there and back;
// a disk takes more, and nobody whose time is up waits for one. Among many
// callers the writer is cheaper for all: it takes their lines together.
func (j *Journal) dispatch() {
	if j.underWay() < 3 && j.writing.TryLock() {
		quick := !j.ended && j.took > 0 && j.took < j.quick
		if quick {
			j.commit()
		}
		j.writing.Unlock()
		if quick {
			return
		}
	}
	j.signal()
}

// underWay counts the calls that have begun and not ended.
func (j *Journal) underWay() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.open
}

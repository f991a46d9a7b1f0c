package sandbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A fault is one line of what goes wrong on purpose.
//
//	hang                never answers
//	delay:DURATION      answers late
//	status:CODE[:N]     HTTP status, or an LDAP result code; with N, Retry-After: N
//	error:CODE          a Spine code in the provider's shape, a message in the proxy's
//	drop:before-commit  the connection ends, and nothing was done
//	drop:after-commit   the connection ends, and what was asked was done
//	commit-late:SECONDS the connection ends, and what was asked is done that much later, whether
//	                    or not the client has left; it strikes and counts writes alone
//	slow[:DURATION]     the answer comes in twenty pieces, that far apart (500ms)
//	gzip-bomb           a small compressed answer that is half a gigabyte
//	move                the practice gets another address: in the directory just after the
//	                    lookup that it strikes, at the proxy just before the call that it strikes
//	truncate            half of the answer, then the connection ends
//	garble              an answer that is none
//	html                a web page instead of an answer
//	redirect            sends the client elsewhere
//	wrong-patient       the record of somebody else
type fault struct {
	text   string
	where  string
	what   string
	value  string
	number int           // of status
	after  int           // seconds to wait that status names
	delay  time.Duration // of delay
	late   time.Duration // of commit-late, and of slow
	only   int           // strikes the only-th request alone; 0 strikes all
	seen   int           // requests that arrived at its place since it is on
	struck int           // those of them that it struck
}

// possible says what can go wrong where, and how its value is read.
func possible() map[string][]string {
	return map[string][]string{
		"ldap":     {"hang", "delay", "status", "drop", "slow", "move", "truncate", "garble", "redirect"},
		"proxy":    {"hang", "delay", "status", "error", "drop", "commit-late", "slow", "gzip-bomb", "move", "truncate", "garble", "html", "redirect"},
		"provider": {"hang", "delay", "status", "error", "drop", "commit-late", "slow", "gzip-bomb", "truncate", "garble", "html", "redirect", "wrong-patient"},
		"pds":      {"hang", "delay", "status", "error", "drop", "slow", "gzip-bomb", "truncate", "garble", "html", "redirect", "wrong-patient"},
		"token":    {"hang", "delay", "status", "error", "drop", "slow", "gzip-bomb", "truncate", "garble", "html", "redirect"},
		"sds":      {"hang", "delay", "status", "error", "drop", "slow", "gzip-bomb", "move", "truncate", "garble", "html", "redirect"},
	}
}

// parseFault reads WHERE:WHAT[:VALUE][@N].
func parseFault(s string) (*fault, error) {
	f := &fault{text: s}
	rest := s
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		n, err := strconv.Atoi(s[at+1:])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("sandbox: fault %q: after @ comes a number from 1", s)
		}
		f.only, rest = n, s[:at]
	}
	f.where, rest, _ = strings.Cut(rest, ":")
	var valued bool
	f.what, f.value, valued = strings.Cut(rest, ":")
	known, ok := possible()[f.where]
	if !ok || !slices.Contains(known, f.what) {
		return nil, fmt.Errorf("sandbox: fault %q is unknown; there are %s", s, catalogue())
	}
	if valued && f.value == "" {
		return nil, fmt.Errorf("sandbox: fault %q: after the colon comes a value", s)
	}
	return f, f.read()
}

// read interprets the value.
func (f *fault) read() (err error) {
	switch f.what {
	case "delay":
		if f.delay, err = time.ParseDuration(f.value); err != nil || f.delay < 0 {
			return fmt.Errorf("sandbox: fault %q: the value is a duration such as 200ms", f.text)
		}
	case "status":
		code, wait, waits := strings.Cut(f.value, ":")
		if f.after, err = strconv.Atoi(wait); waits && (err != nil || f.after < 0 || f.where == "ldap") {
			return fmt.Errorf("sandbox: fault %q: after the status comes Retry-After in seconds, over HTTP", f.text)
		}
		f.number, err = strconv.Atoi(code)
		if low, high := statusRange(f.where); err != nil || f.number < low || f.number > high {
			return fmt.Errorf("sandbox: fault %q: the value is a number from %d to %d", f.text, low, high)
		}
	case "error":
		if !isCode(f.value) {
			return fmt.Errorf("sandbox: fault %q: the value is a code such as NO_PATIENT_CONSENT: letters, digits, spaces and underscores", f.text)
		}
	case "commit-late":
		seconds, err := strconv.ParseFloat(f.value, 64)
		if err != nil || !(seconds >= 0 && seconds <= 3600) { // NaN is neither
			return fmt.Errorf("sandbox: fault %q: the value is a number of seconds up to 3600", f.text)
		}
		f.late = time.Duration(seconds * float64(time.Second))
	case "slow":
		f.late = 500 * time.Millisecond
		if f.value == "" {
			break
		}
		if f.late, err = time.ParseDuration(f.value); err != nil || f.late <= 0 {
			return fmt.Errorf("sandbox: fault %q: the value is a duration such as 200ms", f.text)
		}
	case "drop":
		if f.value != "before-commit" && f.value != "after-commit" {
			return fmt.Errorf("sandbox: fault %q: the value is before-commit or after-commit", f.text)
		}
	default:
		if f.value != "" {
			return fmt.Errorf("sandbox: fault %q takes no value", f.text)
		}
	}
	return nil
}

// isCode says whether an injected code is one that could be: it goes into answers as it is.
func isCode(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return strings.TrimSpace(s) == s && s != "" && len(s) <= 100 && strings.Trim(strings.ToUpper(s), letters+"0123456789_ ") == ""
}

func statusRange(where string) (low, high int) {
	if where == "ldap" {
		return 1, 123
	}
	return 200, 599
}

// catalogue lists every fault for an error.
func catalogue() string {
	values := map[string]string{"delay": ":DURATION", "status": ":CODE[:SECONDS]", "error": ":CODE", "drop": ":before-commit|after-commit", "commit-late": ":SECONDS", "slow": "[:DURATION]"}
	var all []string
	for _, where := range slices.Sorted(maps.Keys(possible())) {
		for _, what := range possible()[where] {
			all = append(all, where+":"+what+values[what])
		}
	}
	return strings.Join(all, ", ") + ", each with @N for the N-th request only"
}

// faults are those that are on.
type faults struct {
	mu   sync.Mutex
	list []*fault
}

// add switches faults on, all or, when one cannot be read, none.
func (fs *faults) add(texts ...string) error {
	var all []*fault
	for _, text := range texts {
		f, err := parseFault(text)
		if err != nil {
			return err
		}
		all = append(all, f)
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = append(fs.list, all...)
	return nil
}

func (fs *faults) clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = nil
}

// A faultLine is a fault that is on, as it is told.
type faultLine struct {
	Text   string `json:"fault"`
	Seen   int    `json:"seen"`   // requests that arrived at its place since
	Struck int    `json:"struck"` // those of them that it struck
}

func (fs *faults) on() []faultLine {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	all := []faultLine{}
	for _, f := range fs.list {
		all = append(all, faultLine{mask(f.text), f.seen, f.struck})
	}
	return all
}

// A strike is what happens to one request: perhaps a delay, and at most one thing else.
type strike struct {
	text   string // "" if nothing does
	what   string
	value  string
	number int
	after  int
	delay  time.Duration
	late   time.Duration
}

// strike counts a request at a place and says what happens to it.
func (fs *faults) strike(where string) strike { return fs.strikeCall(where, false) }

// strikeCall is strike for a request that may be a write.
func (fs *faults) strikeCall(where string, write bool) strike {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var s strike
	for _, f := range fs.list {
		if f.where != where || f.what == "commit-late" && !write {
			continue
		}
		f.seen++
		if f.only != 0 && f.only != f.seen {
			continue
		}
		switch {
		case f.what == "delay":
			s.delay += f.delay
		case s.what != "":
			continue
		default:
			s.what, s.value, s.number, s.after, s.late = f.what, f.value, f.number, f.after, f.late
		}
		f.struck++
		s.text = strings.TrimPrefix(s.text+", "+f.text, ", ")
	}
	return s
}

// wait sits out a delay or a hang, and says whether there is anybody left to answer.
func (s strike) wait(ctx context.Context) bool {
	if s.what == "hang" {
		<-ctx.Done()
		return false
	}
	if s.delay == 0 {
		return ctx.Err() == nil
	}
	return outlast(ctx, s.delay)
}

package sandbox

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is one search or one call as it arrived. A call that the proxy let through is
// in the history twice, at the proxy and at the provider.
type Request struct {
	Seq    int       // 1 is the first
	At     time.Time // by Config.Now
	Where  string    // ldap, sds, proxy, provider, token, pds
	Line   string    // ldap: base, scope and filter; else method and raw target
	Header http.Header
	Body   []byte
	Claims map[string]any // of the audit token or the assertion, as far as it could be read
	Status int            // HTTP status or LDAP result code; 0 until, or unless, it is answered
	Rule   string         // "" kept every rule, else which one it broke
	Fault  string         // the injected fault that struck it

	Differences []string // those that made the answer differ, see Differences
}

// What bounds the history of a sandbox that runs for days, or that somebody means ill: the
// oldest requests go first.
const (
	remembered       = 10_000
	rememberedOctets = 32 << 20
)

// history keeps requests in order of arrival.
type history struct {
	now func() time.Time
	log io.Writer

	mu     sync.Mutex
	seq    int
	octets int
	list   []*record
}

// A record is a request in the making: it is settled before the first octet of its answer
// leaves, so that who has an answer finds its request complete.
type record struct {
	history *history
	request Request
	settled bool
}

func (h *history) arrive(r Request) *record {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	r.Seq, r.At = h.seq, h.now()
	entry := &record{history: h, request: r}
	h.list = append(h.list, entry)
	h.octets += r.octets()
	for len(h.list) > remembered || h.octets > rememberedOctets && len(h.list) > 1 {
		h.octets -= h.list[0].request.octets()
		h.list[0] = nil // the slice's array lives on for a while
		h.list = h.list[1:]
	}
	return entry
}

// octets is about how much memory a request takes.
func (q Request) octets() int {
	n := 512 + len(q.Line) + len(q.Body)
	for name, values := range q.Header {
		n += len(name)
		for _, v := range values {
			n += 16 + len(v)
		}
	}
	return n
}

// settle says how the request was answered and which rule it broke. The first word counts.
func (r *record) settle(status int, rule string) {
	r.history.mu.Lock()
	defer r.history.mu.Unlock()
	if r.settled {
		return
	}
	r.settled = true
	r.request.Status, r.request.Rule = status, rule
	r.history.write(r.request)
}

// struck notes the fault.
func (r *record) struck(f strike) {
	if len(f.text) == 0 {
		return
	}
	r.history.mu.Lock()
	defer r.history.mu.Unlock()
	r.request.Fault = f.text
}

// differed notes the differences of the answer.
func (r *record) differed(names []string) {
	r.history.mu.Lock()
	defer r.history.mu.Unlock()
	r.request.Differences = names
}

// claims notes the claims of an assertion. Those of an audit token stand in the header.
func (r *record) claims(c map[string]any) {
	r.history.mu.Lock()
	defer r.history.mu.Unlock()
	r.request.Claims = c
}

func (r *record) seq() uint64 { return uint64(r.request.Seq) }

// all is a copy that no later request changes.
func (h *history) all() []Request { return h.latest(remembered) }

// latest is a copy of the last n.
func (h *history) latest(n int) []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.list[max(0, len(h.list)-n):]
	out := make([]Request, 0, len(list))
	for _, r := range list {
		q := r.request
		q.Header, q.Body, q.Claims = q.Header.Clone(), slices.Clone(q.Body), q.allClaims()
		q.Differences = slices.Clone(q.Differences)
		out = append(out, q)
	}
	return out
}

// allClaims are a copy of the claims: those of an audit token are read when they are asked for.
func (q Request) allClaims() map[string]any {
	if q.Claims == nil && (q.Where == "proxy" || q.Where == "provider") {
		return readClaims(q.Header.Get("Authorization"))
	}
	return maps.Clone(q.Claims)
}

func (h *history) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list, h.octets, h.seq = nil, 0, 0
}

// finish logs the requests that were never answered.
func (h *history) finish() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.list {
		if !r.settled {
			r.settled = true
			h.write(r.request)
		}
	}
}

// write adds one line to the log.
func (h *history) write(q Request) {
	if h.log == nil {
		return
	}
	b, err := json.Marshal(q.public())
	if err == nil {
		h.log.Write(append(b, '\n'))
	}
}

// A publicRequest is what of a request may be written down: named fields without header,
// body and claims, and no whole NHS number.
type publicRequest struct {
	Seq         int       `json:"seq"`
	At          time.Time `json:"at"`
	Where       string    `json:"where"`
	Line        string    `json:"line"`
	Trace       string    `json:"trace,omitempty"`
	Claims      []string  `json:"claims,omitempty"` // their names
	Interaction string    `json:"interaction,omitempty"`
	Status      int       `json:"status"`
	Rule        string    `json:"rule,omitempty"`
	Fault       string    `json:"fault,omitempty"`

	Differences []string `json:"differences,omitempty"`
}

func (q Request) public() publicRequest {
	trace := cmp.Or(q.Header.Get("Ssp-TraceID"), q.Header.Get("X-Request-ID"), q.Header.Get("X-Correlation-ID"))
	if !isUUID(trace) {
		trace = mask(trace)
	}
	return publicRequest{
		Seq: q.Seq, At: q.At, Where: q.Where, Line: q.publicLine(), Trace: trace, Interaction: mask(q.Header.Get("Ssp-InteractionID")),
		Claims: slices.Sorted(maps.Keys(q.allClaims())), Status: q.Status, Rule: mask(q.Rule), Fault: mask(q.Fault), Differences: q.Differences,
	}
}

// publicLine is the line without whole NHS numbers and, of a search at PDS, without the
// values that describe a person.
func (q Request) publicLine() string {
	if q.Where != "pds" {
		return mask(q.Line)
	}
	path, query, _ := strings.Cut(q.Line, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	line := mask(path)
	for i, p := range slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool { return p == "" }) {
		name, _, _ := strings.Cut(p, "=")
		line += string("?&"[min(i, 1)]) + mask(name) + "="
	}
	return line
}

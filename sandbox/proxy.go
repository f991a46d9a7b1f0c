package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// serveProxy is the Spine Secure Proxy. It works on the request line as it came: a path
// that was cleaned on the way is not the directory's address any more.
func (s *Server) serveProxy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Sandbox", "gpc")
	body, err := s.readBody(w, r)
	entry := s.history.arrive(Request{Where: "proxy", Line: r.Method + " " + r.RequestURI, Header: r.Header.Clone(), Body: body})
	stop := func(a answer) {
		entry.settle(a.status, a.rule)
		deliver(w, a)
	}
	switch {
	case err != nil:
		stop(unread(err))
		return
	case !s.registry.names[peerName(r)]:
		stop(answer{status: badCertificate, header: http.Header{}, rule: "the client certificate is in a name that is nobody's in the directory"})
		return
	}
	fault := s.faults.strikeCall("proxy", s.writes(r))
	entry.struck(fault)
	if fault.what == "move" {
		for _, e := range s.registry.of(r.Header.Get("Ssp-To"), r.Header.Get("Ssp-InteractionID")) {
			s.moves.move(e.address)
		}
	}
	s.commitLate(fault, func() { s.relay(r.WithContext(s.ctx), body) })
	a, alive := fault.bend(r.Context(),
		func() answer {
			if refused := s.throttle.pass(r, w.Header(), s.cfg.Now()); refused != nil {
				return refused.answer(r, newUUID())
			}
			return s.relay(r, body)
		},
		func(code string) answer { return proxyRefusal(code).answer(r, newUUID()) })
	if !alive || a.lost {
		entry.settle(0, a.rule)
	} else {
		entry.settle(a.status, a.rule)
	}
	deliver(w, a)
}

// relay judges a request and, if it may pass, asks the practice and hands its answer on as
// it is.
func (s *Server) relay(r *http.Request, body []byte) answer {
	target := strings.TrimPrefix(r.RequestURI, "/")
	address, refused := s.judge(r, target)
	if refused != nil {
		return refused.answer(r, newUUID())
	}
	receiver := s.registry.systems[r.Header.Get("Ssp-To")]
	p, there := s.registry.practices[receiver.ods]
	if !there {
		return unreachable(target).answer(r, newUUID()).blameless()
	}
	a, alive := s.askPractice(r, p, address, target, body)
	if alive && a.lost {
		return unreachable(target).answer(r, newUUID()).blameless()
	}
	return a.blameless() // what the practice has against it stands in the practice's entry
}

func unreachable(target string) proxyError {
	return proxyError{status: http.StatusBadGateway, issue: "transient", message: "ERROR_COMMUNICATING_TO_ENDPOINT_URL_" + target}
}

// judge makes the proxy's checks in its order (SSP, what the proxy checks) and returns the
// address in the directory that the target begins with.
func (s *Server) judge(r *http.Request, target string) (address string, refused *proxyError) {
	forbidden := func(format string, args ...any) *proxyError {
		return &proxyError{status: http.StatusForbidden, issue: "forbidden", message: fmt.Sprintf(format, args...)}
	}
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut:
	default:
		return "", &proxyError{status: http.StatusMethodNotAllowed, issue: "forbidden", message: "405: Method Not Allowed", severity: "fatal"}
	}
	if wrong := s.judgeHeaders(r.Header); wrong != nil {
		return "", wrong
	}
	from, to, interaction := r.Header.Get("Ssp-From"), r.Header.Get("Ssp-To"), r.Header.Get("Ssp-InteractionID")
	sender, known := s.registry.systems[from]
	if !known || !sender.interactions[interaction] && knownInteraction(s.rows, interaction) || !s.registry.owns(sender, peerName(r)) {
		return "", forbidden("ASID_CHECK_FAILED_MESSAGESENDER_%s", from)
	}
	endpoints := s.registry.of(to, interaction)
	if len(endpoints) == 0 {
		return "", forbidden("PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_%s", to)
	}
	if unshared(from, to) {
		return "", forbidden("FOT_CHECK_FAILED_MESSAGESENDER_%s_MESSAGERECEIVER_%s", from, to)
	}
	for _, e := range endpoints {
		address := s.moves.address(e.address)
		rest, ok := strings.CutPrefix(target, address)
		if ok && (strings.HasPrefix(rest, "/") || strings.HasSuffix(address, "/") && rest != "") {
			return address, nil
		}
	}
	return "", &proxyError{status: http.StatusBadRequest, issue: "invalid",
		message: "ENDPOINT_" + s.moves.address(endpoints[0].address) + "_CPAID_" + endpoints[0].cpa + "_VARIES_FROM_TARGETURL_" + target}
}

func knownInteraction(rows []row, interaction string) bool {
	for _, r := range rows {
		if r.interaction == interaction {
			return true
		}
	}
	return false
}

// peerName is the common name in the client's certificate.
func peerName(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	return r.TLS.PeerCertificates[0].Subject.CommonName
}

// judgeHeaders wants each of the four Ssp headers once, and a trace id that is a UUID nobody
// has used before.
func (s *Server) judgeHeaders(h http.Header) *proxyError {
	for _, name := range []string{"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID"} {
		values := h.Values(name)
		ok := len(values) == 1
		if ok {
			switch name {
			case "Ssp-TraceID":
				ok = isUUID(values[0])
			case "Ssp-InteractionID":
				ok = strings.HasPrefix(values[0], "urn:nhs:names:services:")
			default:
				ok = isASID(values[0])
			}
		}
		if !ok {
			return &proxyError{status: http.StatusBadRequest, issue: "invalid", message: "MISSING_OR_INVALID_HEADER_" + name}
		}
	}
	if trace := h.Get("Ssp-TraceID"); s.differences.on("trace-once") && s.traces.seen(trace) {
		return &proxyError{status: http.StatusBadRequest, issue: "invalid", message: "MISSING_OR_INVALID_HEADER_Ssp-TraceID_REPEATED_" + trace}
	}
	return nil
}

func isASID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isUUID takes 8-4-4-4-12 hexadecimal digits in either case.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') {
			return false
		} else if !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// newUUID is a random one.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// traceIDs remembers the trace ids of late, two generations of them, so that it stays small.
type traceIDs struct {
	mu       sync.Mutex
	now, old map[string]bool
}

func (t *traceIDs) seen(id string) bool {
	id = strings.ToLower(id)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now[id] || t.old[id] {
		return true
	}
	if t.now == nil || len(t.now) >= 50_000 {
		t.old, t.now = t.now, map[string]bool{}
	}
	t.now[id] = true
	return false
}

func (t *traceIDs) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now, t.old = nil, nil
}

package sandbox

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A call is a request that passed the practice's own checks, as a handler sees it.
type call struct {
	server   *Server
	practice practice
	row      row
	address  string                  // the service root it came to, as the directory gives it; "" if the practice was called directly
	root     func(capability) string // the practice's service roots, as the caller knows them
	serves   func(capability) bool   // false for interactions of another service root
	path     string                  // below the service root, decoded, begins with a slash
	query    url.Values
	header   http.Header
	body     []byte
	claims   map[string]any // of the audit token, once it has been judged
	trace    string
	sender   string // ASID
	dice     *rand.Rand

	somebodyElse bool     // the wrong-patient fault
	differed     []string // the differences of its answer
}

// differ says whether a difference is on, and notes that it was made.
func (c *call) differ(name string) bool {
	on := c.server.differences.on(name)
	if on && !slices.Contains(c.differed, name) {
		c.differed = append(c.differed, name)
	}
	return on
}

// askPractice hands a request that came through the proxy to a practice. target is what
// followed the proxy's own slash; address is the service root it begins with. The second
// result is false when the client left meanwhile.
func (s *Server) askPractice(r *http.Request, p practice, address, target string, body []byte) (answer, bool) {
	c := &call{
		practice: p, address: address, body: body,
		root:   func(of capability) string { return s.moves.address(s.differences.serviceRoot(p.ODS, of)) },
		serves: func(capability) bool { return true }, // the proxy has compared address and interaction
	}
	return s.ask(r, c, target, strings.TrimPrefix(target, address))
}

// ask lets a practice answer: c says how it was reached, line is what the history tells,
// rest is path and query below the service root.
func (s *Server) ask(r *http.Request, c *call, line, rest string) (answer, bool) {
	entry := s.history.arrive(Request{Where: "provider", Line: r.Method + " " + line, Header: r.Header.Clone(), Body: c.body})
	fault := s.faults.strikeCall("provider", s.writes(r))
	entry.struck(fault)
	path, rawQuery, _ := strings.Cut(rest, "?")
	c.server, c.header = s, r.Header
	c.path, c.trace, c.sender = "/"+strings.TrimPrefix(path, "/"), r.Header.Get("Ssp-TraceID"), r.Header.Get("Ssp-From")
	c.dice, c.somebodyElse = s.differences.dice(entry.seq()), fault.what == "wrong-patient"
	work := func() answer { return c.wrap(c.answer(r.Method, rawQuery)) }
	refusal := func(code string) answer { return c.wrap(refuse(code, "injected")) }
	late := *c
	s.commitLate(fault, func() { late.answer(r.Method, rawQuery) })
	a, alive := fault.bend(r.Context(), work, refusal)
	entry.differed(c.differed)
	if !alive || a.lost {
		entry.settle(0, a.rule)
	} else {
		entry.settle(a.status, a.rule)
	}
	return a, alive
}

// answer judges headers, token and media types, in this order, and lets the row's handler
// answer.
func (c *call) answer(method, rawQuery string) answer {
	var err error
	if c.query, err = url.ParseQuery(rawQuery); err != nil {
		return refuse("BAD_REQUEST", "the query cannot be read")
	}
	if c.path, err = url.PathUnescape(c.path); err != nil {
		return refuse("BAD_REQUEST", "the path cannot be read")
	}
	if wrong := c.judgeHeaders(method); wrong != "" {
		return refuse("BAD_REQUEST", wrong)
	}
	if wrong := c.judgeToken(); wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	if refused := c.judgeMedia(method); refused != nil {
		return *refused
	}
	if !c.practice.Enabled && !c.row.unattended() { // a record that follows its patient is not held back
		return refuse("ACCESS DENIED", "GP Connect is not enabled at this practice").blameless()
	}
	if c.row.handle == nil {
		return refuse("NOT_IMPLEMENTED", "this sandbox does not answer "+c.row.interaction).blameless()
	}
	return c.row.handle(c)
}

// judgeHeaders checks that the request is for this practice and that its interaction is
// what method and path say, and finds the row.
func (c *call) judgeHeaders(method string) string {
	for _, name := range []string{"Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID"} {
		if c.header.Get(name) == "" {
			return name + " is missing"
		}
	}
	if c.header.Get("Ssp-To") != c.practice.ASID {
		return "Ssp-To is not this practice's ASID"
	}
	interaction := c.header.Get("Ssp-InteractionID")
	for _, r := range c.server.rows {
		if r.interaction == interaction {
			c.row = r
		}
	}
	switch {
	case c.row.interaction == "":
		return "Ssp-InteractionID is not known here"
	case c.row.method != method:
		return "Ssp-InteractionID does not go with method " + method
	case !c.row.fits(c.path):
		return "Ssp-InteractionID does not go with the path"
	case !c.serves(c.row.root):
		return "Ssp-InteractionID does not go with the service root"
	}
	return ""
}

// judgeMedia checks what the answer may be written in and what the body is, and reads a body
// in XML.
func (c *call) judgeMedia(method string) *answer {
	refused := func(code, text string) *answer { a := refuse(code, text); return &a }
	if len(c.body) > 0 || method != http.MethodGet {
		f, wrong := judgeBody(c.header)
		if wrong != "" {
			return refused("UNSUPPORTED_MEDIA_TYPE", wrong)
		}
		if f == formatXML {
			body, err := fromXML(c.body)
			if err != nil {
				return refused("BAD_REQUEST", "the body is not a resource in XML")
			}
			c.body = body
		}
	}
	if _, wrong := wanted(c.header, c.query); wrong != "" {
		return refused("UNSUPPORTED_MEDIA_TYPE", wrong)
	}
	return nil
}

// wrap puts on what every answer of a practice has, XML if it was asked for, and the
// differences of the wire.
func (c *call) wrap(a answer) answer {
	a.header.Set("Cache-Control", "no-store")
	if f, _ := wanted(c.header, c.query); f == formatXML && a.header.Get("Content-Type") == fhirJSON {
		if body, err := asXML(a.body); err == nil {
			a.body = body
			a.header.Set("Content-Type", fhirXML)
		}
	}
	if len(a.body) > 0 && acceptsGzip(c.header) && c.dice.IntN(2) == 0 && c.differ("gzip") {
		a.body = compressed(a.body)
		a.header.Set("Content-Encoding", "gzip")
		a.header.Set("Vary", "Accept-Encoding")
	}
	a.chunked = c.dice.IntN(2) == 0 && c.differ("chunked")
	return a
}

func acceptsGzip(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "gzip") && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

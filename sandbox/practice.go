package sandbox

import (
	"bytes"
	"compress/gzip"
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
	address  string // the service root it came to
	path     string // below the service root, decoded, begins with a slash
	query    url.Values
	header   http.Header
	body     []byte
	claims   map[string]any
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

// askPractice hands a request to a practice. target is what followed the proxy's own slash;
// address is the service root it begins with. The second result is false when the client
// left meanwhile.
func (s *Server) askPractice(r *http.Request, p practice, address, target string, body []byte) (answer, bool) {
	entry := s.history.arrive(Request{Where: "provider", Line: r.Method + " " + target, Header: r.Header.Clone(), Body: body})
	claims := readClaims(r.Header.Get("Authorization"))
	entry.claims(claims)
	fault := s.faults.strike("provider")
	entry.struck(fault)
	path, rawQuery, _ := strings.Cut(strings.TrimPrefix(target, address), "?")
	c := &call{
		server: s, practice: p, address: address, header: r.Header, body: body, claims: claims,
		path: "/" + strings.TrimPrefix(path, "/"), trace: r.Header.Get("Ssp-TraceID"), sender: r.Header.Get("Ssp-From"),
		dice: s.differences.dice(entry.seq()), somebodyElse: fault.what == "wrong-patient",
	}
	a, alive := fault.bend(r.Context(),
		func() answer { return c.wrap(c.answer(r.Method, rawQuery)) },
		func(code string) answer { return c.wrap(refuse(code, "injected")) })
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
	if wrong := judgeMedia(c.header, c.query, len(c.body) > 0 || method != http.MethodGet); wrong != "" {
		return refuse("UNSUPPORTED_MEDIA_TYPE", wrong)
	}
	if !c.practice.Enabled {
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
	}
	return ""
}

// wrap puts on what every answer of a practice has, and the differences of the wire.
func (c *call) wrap(a answer) answer {
	a.header.Set("Cache-Control", "no-store")
	if len(a.body) > 0 && acceptsGzip(c.header) && c.dice.IntN(2) == 0 && c.differ("gzip") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(a.body)
		z.Close()
		a.body = b.Bytes()
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

package sandbox

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Where the API listener serves what, after the paths of the NHS API platform.
const (
	tokenPath = "/oauth2/token"
	pdsRoot   = "/personal-demographics/FHIR/R4"
	sdsRoot   = "/spine-directory/FHIR/R4"
)

// apiKey is the application's key at the API platform: the header apikey of SDS, and iss
// and sub of the assertion that a token for PDS is asked for with.
const apiKey = "sandbox-api-key"

// A service is one of the APIs behind the API listener.
type service struct {
	place  string // where, in faults and history
	root   string // of its paths
	answer func(*apiCall) answer
	refuse func(code string) answer // an injected error in its own shape
	failed func(status int) answer  // what goes with an injected status
	dress  func(*apiCall, http.Header)
}

// An apiCall is a request to a service.
type apiCall struct {
	server *Server
	method string
	path   string // below the service's root, decoded
	query  url.Values
	header http.Header
	body   []byte
	dice   *rand.Rand

	fault    string   // what strikes it
	differed []string // the differences of its answer
	claims   map[string]any
}

// differ says whether a difference is on, and notes that it was made.
func (c *apiCall) differ(name string) bool {
	on := c.server.differences.on(name)
	if on && !slices.Contains(c.differed, name) {
		c.differed = append(c.differed, name)
	}
	return on
}

// serveAPI finds the service of a path. What is no service's is the sandbox's own: the
// status page and the control endpoints.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Sandbox", "gpc")
	w.Header().Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat)) // by the clock that judges tokens
	for _, api := range []service{tokenService(), pdsService(), sdsService()} {
		if path := r.URL.Path; path == api.root || strings.HasPrefix(path, api.root+"/") {
			s.serveService(w, r, api)
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && (r.URL.Path == "/" || r.URL.Path == "/status.css"):
		s.serveStatus(w, r)
	default:
		s.serveControl(w, r)
	}
}

// serveService takes a request to a service through the history and its faults.
func (s *Server) serveService(w http.ResponseWriter, r *http.Request, api service) {
	body, err := s.readBody(w, r)
	entry := s.history.arrive(Request{Where: api.place, Line: r.Method + " " + r.RequestURI, Header: r.Header.Clone(), Body: body})
	c := &apiCall{
		server: s, method: r.Method, path: strings.TrimPrefix(r.URL.Path, api.root), header: r.Header, body: body,
		dice: s.differences.dice(entry.seq()),
	}
	fault := s.faults.strike(api.place)
	entry.struck(fault)
	c.fault = fault.what
	dressed := func(a answer) answer {
		api.dress(c, a.header)
		return a
	}
	a, alive := fault.bend(r.Context(),
		func() answer { return dressed(c.through(api, r.URL.RawQuery, err)) },
		func(code string) answer { return dressed(api.refuse(code)) })
	if fault.what == "status" && fault.number >= http.StatusBadRequest {
		a = dressed(api.failed(fault.number).blameless().waiting(a))
	}
	entry.claims(c.claims)
	entry.differed(c.differed)
	if !alive || a.lost {
		entry.settle(0, a.rule)
	} else {
		entry.settle(a.status, a.rule)
	}
	deliver(w, a)
}

// waiting takes over how long to wait from an injected status, where that says it.
func (a answer) waiting(status answer) answer {
	if after := status.header.Get("Retry-After"); after != "" {
		a.header.Set("Retry-After", after)
	}
	return a
}

// through lets the service answer and makes the differences of the wire.
func (c *apiCall) through(api service, rawQuery string, err error) answer {
	if err != nil {
		refusal := unread(err)
		a := api.failed(refusal.status)
		a.rule = refusal.rule
		return a
	}
	if c.query, err = url.ParseQuery(rawQuery); err != nil {
		a := api.failed(http.StatusBadRequest)
		a.rule = "the query cannot be read"
		return a
	}
	return c.wire(api.answer(c))
}

// wire compresses at random and leaves the length out at random.
func (c *apiCall) wire(a answer) answer {
	if len(a.body) > 0 && acceptsGzip(c.header) && c.dice.IntN(2) == 0 && c.differ("gzip") {
		a.body = compressed(a.body)
		a.header.Set("Content-Encoding", "gzip")
		a.header.Set("Vary", "Accept-Encoding")
	}
	a.chunked = c.dice.IntN(2) == 0 && c.differ("chunked")
	return a
}

// estrange adds, by the dice, what nobody knows to a resource.
func (c *apiCall) estrange(resource map[string]any) {
	if c.dice.IntN(2) == 0 && c.differ("extensions") {
		list, _ := resource["extension"].([]any)
		resource["extension"] = append([]any{json.RawMessage(unheardExtension)}, list...)
	}
	if c.dice.IntN(2) == 0 && c.differ("elements") {
		resource["unheardOf"] = map[string]any{"nested": []any{1, 2, map[string]any{"deep": nil}}}
	}
}

// r4Answer is a FHIR R4 answer: the API platform names no charset.
func r4Answer(status int, resource any, rule string) answer {
	a := jsonAnswer(status, resource, rule)
	if a.header.Get("Content-Type") != "" {
		a.header.Set("Content-Type", "application/fhir+json")
	}
	return a
}

// platformOutcome is an OperationOutcome of the API platform: one issue with a code of its
// own code system.
func platformOutcome(severity, issue, code, display, diagnostics string) map[string]any {
	i := map[string]any{"severity": severity, "code": issue, "details": map[string]any{"coding": []any{map[string]any{
		"system": "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode", "version": "1", "code": code, "display": display}}}}
	if diagnostics != "" {
		i["diagnostics"] = diagnostics
	}
	return map[string]any{"resourceType": "OperationOutcome", "issue": []any{i}}
}

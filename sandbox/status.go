package sandbox

import (
	"bytes"
	_ "embed" // the page and its style are files
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed page/status.html
var statusPage string

//go:embed page/status.css
var statusStyle []byte

// statusTemplate is parsed when the page is first asked for.
var statusTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("status").Parse(statusPage)
})

// How much the page shows of what there may be thousands of.
const (
	shownRequests     = 50
	shownSessions     = 200
	shownAppointments = 50
)

// A status is everything the page shows.
type status struct {
	Now         string
	API         string
	Seed        uint64
	Addresses   []addressLine
	Differences []string
	Faults      []faultLine
	Requests    []requestLine
	Earlier     int // requests that are not shown
	Broke       int // those shown that broke a rule
	Struck      int // those shown that a fault struck
	Practices   []practiceLine
	People      []personLine

	Sessions         []sessionLine
	MoreSessions     int
	Appointments     []appointmentLine
	MoreAppointments int
}

// serveStatus answers the page and its style. Nothing on it is a script, and nothing comes
// from elsewhere.
func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	if r.URL.Path == "/status.css" {
		h.Set("Content-Type", "text/css; charset=utf-8")
		w.Write(statusStyle)
		return
	}
	page, err := statusTemplate()
	var b bytes.Buffer
	if err == nil {
		err = page.Execute(&b, s.status())
	}
	if err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

func (s *Server) status() status {
	page := status{
		Now: s.cfg.Now().In(london()).Format("2 January 2006, 15:04:05"), API: s.APIURL(), Seed: s.seed, Faults: s.faults.on(),
		Addresses: []addressLine{{"directory", s.LDAPURL()}, {"proxy", s.ProxyURL()}, {"SDS FHIR API", s.SDSURL()}, {"PDS FHIR API", s.PDSURL()},
			{"token endpoint", s.TokenURL()}, {"control", s.APIURL()}},
		Practices: s.practiceLines(), People: s.personLines(),
	}
	if u := s.ProviderURL(); u != "" {
		page.Addresses = append(page.Addresses, addressLine{"provider, without proxy", u})
	}
	for _, name := range Differences() {
		if s.differences.on(name) {
			page.Differences = append(page.Differences, name)
		}
	}
	all := s.history.latest(shownRequests)
	for _, q := range slices.Backward(all) {
		line := q.shown()
		page.Requests = append(page.Requests, line)
		if !line.Kept {
			page.Broke++
		}
		if line.Fault != "" {
			page.Struck++
		}
	}
	if len(all) > 0 {
		page.Earlier = all[0].Seq - 1
	}
	page.Sessions, page.MoreSessions = firstOf(s.sessionLines(), shownSessions)
	page.Appointments, page.MoreAppointments = firstOf(s.appointmentLines(), shownAppointments)
	return page
}

// firstOf is the first so many of a list, and how many there are besides.
func firstOf[T any](list []T, most int) ([]T, int) {
	shown := min(len(list), most)
	return list[:shown], len(list) - shown
}

// An addressLine is where something answers.
type addressLine struct{ Title, Value string }

// A requestLine is a request in words.
type requestLine struct {
	publicRequest
	What    string // method and path below the address; of the directory the whole line
	Query   string // decoded
	Address string // service root, or the root of an API
	Time    string
	Outcome string
	Verdict string
	Kept    bool // every rule
}

// shown says what was right and wrong about a request.
func (q Request) shown() requestLine {
	p := q.public()
	line := requestLine{publicRequest: p, Time: p.At.In(london()).Format("15:04:05.000"), Kept: p.Rule == "", Verdict: "kept every rule here"}
	if !line.Kept {
		line.Verdict = "broke: " + p.Rule
	}
	line.What, line.Address, line.Query = parted(p.Line)
	switch {
	case p.Where == "ldap":
		line.Outcome, line.What = "result "+strconv.Itoa(p.Status), p.Line
	case p.Status == 0:
		line.Outcome = "no answer"
	default:
		line.Outcome = strings.TrimSpace(strconv.Itoa(p.Status) + " " + http.StatusText(p.Status))
	}
	return line
}

// parted takes a request line apart, so that what is asked for can be told from where.
func parted(line string) (what, address, query string) {
	method, target, _ := strings.Cut(line, " ")
	target, query, _ = strings.Cut(target, "?")
	for _, root := range []string{capabilityPath(structured), capabilityPath(documents), capabilityPath(foundations), pdsRoot, sdsRoot} {
		if before, path, ok := strings.Cut(target, root); ok && (path == "" || path[0] == '/') {
			address, target = strings.TrimPrefix(before+root, "/"), path
			break
		}
	}
	if decoded, err := url.QueryUnescape(strings.ReplaceAll(query, "&", " & ")); err == nil {
		query = mask(decoded)
	}
	return method + " " + target, address, query
}

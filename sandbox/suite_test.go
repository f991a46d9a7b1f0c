package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A suiteCase is one of the official provider test suite's, as data.
type suiteCase struct {
	ID, Name string
	Requests []suiteRequest
}

type suiteRequest struct {
	Method, Path, Base, Accept, ContentType string
	InteractionID                           string      `json:"interactionId"`
	Query                                   [][2]string `json:"query"`
	JWT                                     map[string]any
	JWTOmit                                 []string `json:"jwtOmit"`
	JWTEncoding                             string   `json:"jwtEncoding"`
	Headers                                 map[string]string
	RemoveHeaders                           []string `json:"removeHeaders"`
	Body                                    any
	BodyFormat                              string `json:"bodyFormat"`
	Setup                                   bool
	Store                                   map[string]string
	Expect                                  map[string]any
	Transport                               map[string]any
}

// suiteFails are the cases that no provider can pass, each with why.
func suiteFails() map[string]string {
	return map[string]string{
		"PatientRegister#468": "its body is that of #458, which is registered: the second address is not in it",
		"PatientRegister#506": "its body is that of #458, which is registered: the sensitive patient's number is not in it",
	}
}

// suitePasses is how many cases passed when this was last changed. It only grows.
const suitePasses = 472

// TestOfficialSuite runs the official provider test suite's cases against B82617, called
// directly as the suite calls a provider. The cases lie where GPC_PROVIDER_CASES says.
func TestOfficialSuite(t *testing.T) {
	folder := os.Getenv("GPC_PROVIDER_CASES")
	if folder == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GPC_PROVIDER_CASES is not set")
		}
		t.Skip("GPC_PROVIDER_CASES is not set")
	}
	s := run(t, Config{Plain: true, Provider: "127.0.0.1:0"})
	suite := &suite{t: t, root: s.ProviderURL(), client: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
	defer suite.client.CloseIdleConnections()
	if err := json.Unmarshal(readSuite(t, folder, "defaults.json"), &suite.defaults); err != nil {
		t.Fatal(err)
	}
	passed, elsewhere := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(readSuite(t, folder, "cases.jsonl")))
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var c suiteCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(c.Requests, func(r suiteRequest) bool { return r.Transport != nil }) {
			if elsewhere++; !slices.ContainsFunc(transportCases(), func(other transportCase) bool { return other.id == c.ID }) {
				t.Errorf("%s %s: it is about TLS, and TestOfficialTransport has it not", c.ID, c.Name)
			}
			continue
		}
		wrong := suite.run(c)
		_, known := suiteFails()[c.ID]
		switch {
		case len(wrong) == 0 && known:
			t.Errorf("%s passes, and is listed among those that cannot", c.ID)
		case len(wrong) == 0:
			passed++
		case !known:
			t.Errorf("%s %s: %s", c.ID, c.Name, strings.Join(wrong, "; "))
		}
	}
	t.Logf("%d passed, %d cannot, %d are about TLS and tested by name", passed, len(suiteFails()), elsewhere)
	if passed < suitePasses {
		t.Errorf("got %d cases that pass, want at least %d", passed, suitePasses)
	}
}

func readSuite(t *testing.T, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A suite runs cases. Each may register a patient of its own.
type suite struct {
	t        *testing.T
	root     string
	client   *http.Client
	defaults struct {
		DefaultJWT       map[string]any   `json:"defaultJwt"`
		RegisterPatients []map[string]any `json:"registerPatients"`
	}
	next int
}

// A suiteAnswer is what came back, as far as it could be read.
type suiteAnswer struct {
	status int
	header http.Header
	body   []byte
	fields map[string]any // of JSON
	trace  string
}

// run says what is wrong with a case's answers.
func (s *suite) run(c suiteCase) (wrong []string) {
	env := map[string]any{"registerPatient": s.defaults.RegisterPatients[s.next%len(s.defaults.RegisterPatients)], "dosId": "no-such-service"}
	s.next++
	for _, r := range c.Requests {
		a, missing := s.send(r, env)
		if missing != "" {
			return append(wrong, "there is no "+missing)
		}
		bad := a.check(r.Expect)
		for i := range bad {
			bad[i] = r.Method + " " + r.Path + ": " + bad[i]
		}
		wrong = append(wrong, bad...)
		if r.Setup && len(bad) > 0 {
			return wrong
		}
		a.store(r.Store, env)
	}
	return wrong
}

// send makes a request; missing names a placeholder that has no value.
func (s *suite) send(r suiteRequest, env map[string]any) (a suiteAnswer, missing string) {
	f := &filler{env: env}
	path := f.text(r.Path)
	target := s.root + map[string]string{"structured": "/structured", "documents": "/documents"}[r.Base] + "/" + strings.TrimPrefix(path, "/")
	if strings.HasPrefix(path, "http") {
		target = path
	}
	for i, q := range r.Query {
		target += map[bool]string{true: "?", false: "&"}[i == 0 && !strings.Contains(target, "?")] + url.QueryEscape(q[0]) + "=" + url.QueryEscape(f.text(q[1]))
	}
	var body []byte
	if r.Body != nil {
		body, _ = json.Marshal(f.value(edited(r.Body, env, f)))
		if r.BodyFormat == "xml" {
			body = must(asXML(body))
		}
	}
	if f.missing != "" {
		return a, f.missing
	}
	req, err := http.NewRequest(r.Method, target, bytes.NewReader(body))
	if err != nil { // a path that is none
		req, _ = http.NewRequest(r.Method, s.root, bytes.NewReader(body))
		req.URL.Opaque = "//" + req.URL.Host + strings.TrimPrefix(target, "http://"+req.URL.Host)
	}
	a.trace = newUUID()
	req.Header = http.Header{"Ssp-Traceid": {a.trace}, "Ssp-From": {"200000000359"}, "Ssp-To": {"918999198738"}, "Ssp-Interactionid": {r.InteractionID},
		"Accept": {r.Accept}, "Authorization": {"Bearer " + s.token(r)}}
	if body != nil {
		req.Header.Set("Content-Type", r.ContentType+"; charset=utf-8")
	}
	for name, value := range r.Headers {
		req.Header.Set(name, f.text(value))
	}
	for _, name := range r.RemoveHeaders {
		req.Header.Del(name)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, _ = io.ReadAll(resp.Body)
	json.Unmarshal(a.body, &a.fields)
	return a, ""
}

// token is the suite's audit token with what the request changes in it.
func (s *suite) token(r suiteRequest) string {
	claims := map[string]any{}
	for name, value := range s.defaults.DefaultJWT {
		claims[name] = value
	}
	for name, value := range r.JWT {
		claims[name] = value
	}
	iat := time.Now().Unix() + int64(claims["iatOffset"].(float64))
	claims["iat"], claims["exp"] = iat, iat+int64(claims["expAfterIat"].(float64))
	head := claims["header"]
	for _, name := range append(r.JWTOmit, "header", "format", "iatOffset", "expAfterIat") {
		delete(claims, name)
	}
	if r.JWTEncoding == "raw-json" {
		a, _ := json.Marshal(head)
		b, _ := json.Marshal(claims)
		return string(a) + "." + string(b) + "."
	}
	return segment(s.t, head) + "." + segment(s.t, claims) + "."
}

// store keeps what later requests of the case need.
func (a suiteAnswer) store(names map[string]string, env map[string]any) {
	first := func(kind string) map[string]any {
		for _, r := range a.entries() {
			if r["resourceType"] == kind {
				return r
			}
		}
		return nil
	}
	for name := range names {
		switch name {
		case "patient", "organization", "practitioner":
			env[name] = first(strings.ToUpper(name[:1]) + name[1:])
		case "slot":
			slot := first("Slot")
			env["slot"], env["schedule"] = slot, found(a.entries()).with(dig(slot, "schedule.reference", "").(string))
		case "createdAppointment":
			env[name] = a.fields
		case "documentUrl":
			env[name] = dig(first("DocumentReference"), "content[0].attachment.url", nil)
		case "dosId":
			env[name] = dig(a.fields, "identifier[0].value", nil)
		}
	}
}

func (a suiteAnswer) entries() (all []map[string]any) {
	list, _ := a.fields["entry"].([]any)
	for _, e := range list {
		entry, _ := e.(map[string]any)
		if r, ok := entry["resource"].(map[string]any); ok {
			all = append(all, r)
		}
	}
	return all
}

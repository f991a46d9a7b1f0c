package sandbox

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestServicesOutliveHostileRequests sends what no client means to send, and then asks like
// one that does.
func TestServicesOutliveHostileRequests(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s).logOn()
	long := strings.Repeat("a", 50_000)
	for name, request := range map[string]string{
		"no HTTP":                   "\x00\x01\x02\r\n\r\n",
		"a path that is not one":    "GET %zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"dots in the path":          "GET /personal-demographics/FHIR/R4/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
		"a slash too many":          "GET //personal-demographics//FHIR/R4/Patient HTTP/1.1\r\nHost: x\r\n\r\n",
		"a long search":             "GET /personal-demographics/FHIR/R4/Patient?_fuzzy-match=true&birthdate=1958-04-17&family=" + long + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + a.token + "\r\nX-Request-ID: " + newUUID() + "\r\n\r\n",
		"a header too many":         "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("b", 200_000) + "\r\n\r\n",
		"a body that is too large":  "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
		"a body that never comes":   "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
		"an assertion of 50 kB":     "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50000\r\n\r\n" + long,
		"two hosts and a transfer":  "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nTransfer-Encoding: nonsense\r\n\r\n",
		"a star for the path":       "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"a whole URL for the path":  "GET https://elsewhere/spine-directory/FHIR/R4/Endpoint HTTP/1.1\r\nHost: x\r\n\r\n",
		"a tunnel somewhere else":   "CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
		"nothing, and then nothing": "",
	} {
		c := raw(t, s, s.APIURL())
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, request)
		c.CloseWrite()
		if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
			if resp.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s: got 500", name)
			}
			resp.Body.Close()
		}
		c.Close()
	}
	if r := a.read("9000000009"); r.status != 200 {
		t.Errorf("after all: got %d, want 200", r.status)
	}
}

func TestTokenBodyThatIsTooLarge(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s)
	r, err := a.try("POST", s.TokenURL(), formHeader, strings.Repeat("x", maxBody+1))
	if err == nil && r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413 or the connection ended", r.status)
	}
	if q := last(t, s, "token"); q.Rule == "" || len(q.Body) > maxBody {
		t.Errorf("history: got rule %q and %d octets", q.Rule, len(q.Body))
	}
}

// TestManyApplicationsAtOnce: what they share is the register, the tokens and the history.
func TestManyApplicationsAtOnce(t *testing.T) {
	s := run(t, Config{})
	a := newApplication(t, s).logOn()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if r := a.read("9000000270"); r.status != 200 {
					t.Errorf("read: got %d", r.status)
				}
				if r := a.search("family=Penhallow&birthdate=1991-11-02"); r.status != 200 {
					t.Errorf("search: got %d", r.status)
				}
				if r := a.sds("/Endpoint", "organization", ods("A12345"), "identifier", interaction(structuredRecord)); r.status != 200 {
					t.Errorf("directory: got %d", r.status)
				}
				if r := a.askToken(formOf(signed(t, s, "sandbox-1", rightClaims(s)))); r.status != 200 {
					t.Errorf("token: got %d", r.status)
				}
				if r := a.do("GET", s.APIURL()+"/", nil, ""); r.status != 200 {
					t.Errorf("page: got %d", r.status)
				}
			}
		})
	}
	wg.Wait()
}

// TestHangingServiceEndsWithServerOrClient: neither a client that gives up nor a server that
// closes leaves anything behind; goleak looks after the last test.
func TestHangingServiceEndsWithServerOrClient(t *testing.T) {
	for _, fault := range []string{"pds:hang", "token:hang", "sds:hang"} {
		s := run(t, Config{})
		a := newApplication(t, s).logOn()
		if err := s.Inject(fault); err != nil {
			t.Fatal(err)
		}
		place, _, _ := strings.Cut(fault, ":")
		target := map[string]string{"pds": s.PDSURL() + "/Patient/9000000009", "token": s.TokenURL(), "sds": s.SDSURL() + "/Endpoint"}[place]
		before := len(s.Requests())
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, nil)
				if err == nil {
					var resp *http.Response
					if resp, err = a.client.Do(req); err == nil {
						resp.Body.Close()
					}
				}
				ended <- err
			}()
		}
		waitFor(t, func() bool { return len(s.Requests()) == before+2 })
		cancel()
		if err := <-ended; err == nil {
			t.Errorf("%s: the client that gave up got an answer", fault)
		}
		s.Close()
		if err := <-ended; err == nil {
			t.Errorf("%s: the client of a closed server got an answer", fault)
		}
	}
}

func FuzzAssertion(f *testing.F) {
	s := run(f, Config{})
	good := signed(f, s, "sandbox-1", rightClaims(s))
	parts := strings.Split(good, ".")
	for _, seed := range []string{good, parts[0] + "." + parts[1] + ".", "..", "a.b.c", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS512"}`)) + ".e30.e30"} {
		f.Add(seed)
	}
	granted := map[string]bool{}
	f.Fuzz(func(t *testing.T, assertion string) {
		_, wrong := s.judgeAssertion(assertion)
		if wrong != nil {
			return
		}
		if granted[assertion] || !strings.HasPrefix(assertion, parts[0]+"."+parts[1]+".") {
			t.Error("an assertion was accepted twice, or one that nobody signed")
		}
		granted[assertion] = true
	})
}

func FuzzTracing(f *testing.F) {
	s := run(f, Config{Plain: true})
	for _, seed := range []string{"family=Thackeray&birthdate=1958-04-17", "family=Th*&birthdate=ge1900-01-01&_history=true", "given=R&_fuzzy-match=true&birthdate=le2000-01-01&family=x", "%zz", "&&=", "birthdate=eq"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		a := (&apiCall{server: s, query: values, header: http.Header{}, dice: s.differences.dice(1)}).searchPDS()
		if a.status != 200 && a.rule == "" || a.status >= 500 {
			t.Errorf("got %d with rule %q", a.status, a.rule)
		}
	})
}

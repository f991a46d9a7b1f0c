package sandbox

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// An application is a client of the API listener: no certificate of its own, the sandbox's
// CA alone.
type application struct {
	t      testing.TB
	server *Server
	client *http.Client
	token  string
}

func newApplication(t testing.TB, s *Server) *application {
	t.Helper()
	config := trust(t, s)
	config.Certificates = nil
	transport := &http.Transport{TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	return &application{t: t, server: s, client: &http.Client{Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// do sends one request; the transport decompresses.
func (a *application) do(method, target string, header http.Header, body string) reply {
	a.t.Helper()
	r, err := a.try(method, target, header, body)
	if err != nil {
		a.t.Fatalf("%s: %v", method, err)
	}
	return r
}

func (a *application) try(method, target string, header http.Header, body string) (reply, error) {
	a.t.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		a.t.Fatalf("building the request: %v", err)
	}
	maps.Copy(req.Header, header)
	resp, err := a.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, b}, err
}

// rightClaims are those of an assertion that keeps every rule.
func rightClaims(s *Server) jwt.MapClaims {
	return jwt.MapClaims{"iss": "sandbox-api-key", "sub": "sandbox-api-key", "aud": s.APIURL() + "/oauth2/token",
		"jti": newUUID(), "exp": s.cfg.Now().Unix() + 240}
}

// signed is an assertion with the sandbox's key, made by a library that has no part in
// judging it.
func signed(t testing.TB, s *Server, kid any, claims jwt.MapClaims) string {
	t.Helper()
	pem, err := s.File("pds.key")
	if err != nil {
		t.Fatal(err)
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(pem)
	if err != nil {
		t.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS512, claims)
	if kid != nil {
		token.Header["kid"] = kid
	}
	assertion, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return assertion
}

// formOf is the body of a token request.
func formOf(assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func (a *application) askToken(form url.Values) reply {
	a.t.Helper()
	return a.do("POST", a.server.TokenURL(), formHeader, form.Encode())
}

// logOn gets a token.
func (a *application) logOn() *application {
	a.t.Helper()
	r := a.askToken(formOf(signed(a.t, a.server, "sandbox-1", rightClaims(a.server))))
	token, _ := r.fields(a.t)["access_token"].(string)
	if r.status != 200 || token == "" {
		a.t.Fatalf("asking for a token: got %d %s", r.status, r.body)
	}
	a.token = token
	return a
}

func (a *application) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + a.token}, "X-Request-Id": {newUUID()}, "Nhsd-End-User-Organisation-Ods": {"A11111"}}
}

// read asks PDS for a patient, search for one by a query.
func (a *application) read(nhs string) reply {
	a.t.Helper()
	return a.do("GET", a.server.PDSURL()+"/Patient/"+nhs, a.header(), "")
}

func (a *application) search(query string) reply {
	a.t.Helper()
	return a.do("GET", a.server.PDSURL()+"/Patient?"+query, a.header(), "")
}

// coded is the code and the diagnostics of an OperationOutcome of the API platform.
func (r reply) coded(t testing.TB) (code, diagnostics string) {
	t.Helper()
	var o struct {
		ResourceType string
		Issue        []struct {
			Severity, Code, Diagnostics string
			Details                     struct {
				Coding []struct{ System, Version, Code, Display string }
			}
		}
	}
	if err := json.Unmarshal(r.body, &o); err != nil || o.ResourceType != "OperationOutcome" || len(o.Issue) != 1 || len(o.Issue[0].Details.Coding) != 1 {
		t.Fatalf("status %d: got %.200s, want an OperationOutcome with one issue", r.status, r.body)
	}
	return o.Issue[0].Details.Coding[0].Code, o.Issue[0].Diagnostics
}

// last is the latest request of a place.
func last(t testing.TB, s *Server, where string) Request {
	t.Helper()
	all := s.Requests()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Where == where {
			return all[i]
		}
	}
	t.Fatalf("no request at %s in the history", where)
	return Request{}
}

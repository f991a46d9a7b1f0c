package pds

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// granted is what the token endpoint gave.
type granted struct {
	value string
	life  time.Duration
}

// ask makes the request for a token, with its retries.
func (s *SignedJWT) ask(ctx context.Context) (granted, error) {
	const op = "get an access token"
	a, err := (&sending{
		way: s.way, op: op, address: s.config.TokenURL, prepare: s.request,
		judge: func(a *wire.Answer) *Error { return s.judge(a) },
	}).send(ctx)
	if err != nil {
		return granted{}, err
	}
	g, wrong := readGrant(a.Body)
	if wrong != "" {
		return granted{}, &Error{Op: op, StatusCode: a.Status, class: ErrUnreadable, detail: wrong, service: tokenEndpoint}
	}
	return g, nil
}

const tokenEndpoint = "the token endpoint"

func (s *SignedJWT) request(ctx context.Context) (*http.Request, error) {
	assertion, err := s.assertion()
	if err != nil {
		return nil, &Error{Op: "sign the assertion", Err: err, class: ErrInvalid}
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, &Error{Op: "put the token request together", class: ErrInvalid}
	}
	req.Header["Accept"] = []string{"application/json"}
	req.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	req.Header["User-Agent"] = []string{"gpc"}
	return req, nil
}

// readGrant reads {"access_token","expires_in":"599","token_type":"Bearer"}. The
// seconds are a string there and a number elsewhere. A token whose life is not
// stated is taken to live for a minute.
func readGrant(body []byte) (g granted, wrong string) {
	var sent struct {
		Token   string          `json:"access_token"`
		Type    string          `json:"token_type"`
		Expires json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(body, &sent) != nil {
		return g, "the answer is not the JSON of a token"
	}
	switch {
	case !isHeaderWord(sent.Token):
		return g, "there is no token in the answer"
	case sent.Type != "" && !strings.EqualFold(sent.Type, "bearer"):
		return g, "the token is of another type than Bearer"
	}
	g = granted{value: sent.Token, life: time.Minute}
	if written := strings.Trim(string(sent.Expires), `"`); written != "" && written != "null" {
		seconds, err := strconv.ParseFloat(written, 64)
		if err != nil || !(seconds > 0 && seconds < 1e6) {
			return g, "the token's life is not a number of seconds"
		}
		g.life = time.Duration(seconds * float64(time.Second))
	}
	return g, ""
}

// judge says which error an answer of the token endpoint amounts to.
func (s *SignedJWT) judge(a *wire.Answer) *Error {
	if a.Status == http.StatusOK {
		return nil
	}
	now := s.now()
	e := &Error{StatusCode: a.Status, RetryAfter: retryAfter(a.Header.Get("Retry-After"), now), service: tokenEndpoint}
	switch {
	case a.Status == http.StatusBadRequest, a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		e.class = ErrAccessDenied
		e.ClockSkew = skew(a.Header.Get("Date"), now)
	case a.Status == http.StatusTooManyRequests:
		e.class = ErrThrottled
	case a.Status == http.StatusRequestTimeout, a.Status >= 500:
		e.class = ErrUnavailable
	default:
		e.class = ErrUnreadable
	}
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Message     string `json:"message_id"`
	}
	if json.Unmarshal(a.Body, &said) == nil {
		if isCode(said.Error) {
			e.Codes = []Code{Code(said.Error)}
		}
		e.detail = tokenReason(said.Description)
		if id := said.Message; len(id) <= 64 && onlyLettersDigits(strings.ReplaceAll(id, "-", "")) {
			e.RequestID = id
		}
	}
	return e
}

// skew is by how much now is ahead of their Date, when that is a minute or more:
// an assertion that is four minutes long bears less than that on one side.
func skew(date string, now time.Time) time.Duration {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return 0
	}
	d := now.Sub(theirs).Round(time.Second)
	if d.Abs() < time.Minute {
		return 0
	}
	return d
}

// tokenReason puts what the endpoint says into words of our own, where it is one of
// the things that it is documented to say; nothing else of it is repeated.
func tokenReason(description string) string {
	for _, r := range [...]struct{ has, means string }{
		{"unsupported JWT algorithm", "the assertion is not signed with RS512"},
		{"Missing 'kid' header", "the assertion has no kid"},
		{"no matching public key", "no public key is registered under this kid"},
		{"Missing or non-matching iss/sub", "the assertion's iss and sub differ"},
		{"Invalid iss/sub", "the client id is not known there"},
		{"Missing jti", "the assertion has no jti"},
		{"Non-unique jti", "the assertion's jti has been used before"},
		{"Missing exp", "the assertion has no exp"},
		{"JWT has expired", "the assertion had expired when it arrived"},
		{"Invalid exp claim", "the assertion's end is more than five minutes ahead of their clock"},
		{"Missing or invalid aud", "the assertion's audience is not the token address, byte for byte"},
		{"Failed to decode JWT", "the assertion is not a JWT"},
		{"Malformed JWT", "the assertion is not a JWT"},
		{"Missing client_assertion", "the assertion is missing"},
		{"invalid client_assertion_type", "the assertion's type is wrong"},
		{"grant_type is", "the grant type is missing or wrong"},
	} {
		if strings.Contains(description, r.has) {
			return r.means
		}
	}
	return ""
}

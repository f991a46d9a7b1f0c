package sandbox

import (
	"context"
	"net/http"
	"strconv"
	"strings"
)

// bend lets a fault have its way with an exchange over HTTP. work does what was asked;
// refusal is an error of the place's own making. It returns false when nobody is left to
// answer.
func (s strike) bend(ctx context.Context, work func() answer, refusal func(code string) answer) (answer, bool) {
	if !s.wait(ctx) {
		return answer{lost: true}, false
	}
	switch s.what {
	case "status":
		a := answer{status: s.number, header: http.Header{}}
		if s.after > 0 {
			a.header.Set("Retry-After", strconv.Itoa(s.after))
		}
		return a, true
	case "error":
		return refusal(s.value).blameless(), true
	case "html":
		page := "<!DOCTYPE html><html><head><title>Please sign in</title></head><body><h1>Please sign in to the network</h1></body></html>"
		return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte(page)}, true
	case "redirect":
		return answer{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {"https://elsewhere.sandbox.example/signin"}}}, true
	case "drop":
		if s.value == "after-commit" {
			work()
		}
		return answer{lost: true}, true
	case "commit-late": // see Server.commitLate
		return answer{lost: true}, true
	}
	a := work()
	switch s.what {
	case "slow":
		a.pause, a.waits = s.late, ctx
	case "gzip-bomb":
		a.body = bomb()
		a.header.Set("Content-Encoding", "gzip")
	case "truncate":
		a.cut = true
	case "garble":
		garbled := make([]byte, len(a.body))
		for i, c := range a.body {
			garbled[i] = c ^ 0x55
		}
		a.body = garbled
	}
	return a, true
}

// proxyRefusal is an injected error in the proxy's shape: the start of one of its messages
// with the status that goes with it, anything else a 403.
func proxyRefusal(code string) proxyError {
	for _, known := range []proxyError{
		{status: 504, issue: "transient", message: "ENDPOINT_TIMED_OUT"},
		{status: 400, issue: "invalid", message: "ENDPOINT"},
		{status: 400, issue: "invalid", message: "MISSING_OR_INVALID_HEADER"},
		{status: 405, issue: "forbidden", message: "405", severity: "fatal"},
		{status: 415, issue: "not-supported", message: "UNSUPPORTED_MEDIA_TYPE"},
		{status: 429, issue: "throttled", message: "TOO_MANY_REQUESTS"},
		{status: 502, issue: "transient", message: "ERROR_COMMUNICATING"},
		{status: 503, issue: "transient", message: "SERVICE_UNAVAILABLE"},
	} {
		if strings.HasPrefix(strings.ToUpper(code), known.message) {
			known.message = code
			return known
		}
	}
	return proxyError{status: http.StatusForbidden, issue: "forbidden", message: code}
}

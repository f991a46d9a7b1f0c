package main

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gpconnect-go/gpc/internal/relay"
)

// statuses are those that a plan may have a booking answered with.
var statuses = map[string]int{"403": 403, "408": 408, "499": 499, "500": 500, "502": 502, "503": 503, "504": 504, "504,": 504, "599": 599}

// handle is the way between the process and the practice.
func (s *story) handle(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
	if r.Method == http.MethodPost {
		s.mu.Lock()
		s.sent = append(s.sent, r.Header.Get("Ssp-TraceID"))
		calm := s.calm
		s.mu.Unlock()
		s.point("relay: arrived")
		if calm {
			return forward(), true
		}
		return s.post(r, forward)
	}
	s.reads.Add(1)
	s.point("relay: reading")
	s.mu.Lock()
	fails, cut := s.dice.Float64() < s.plan.reads && !s.calm, s.dice.IntN(2) == 0
	s.mu.Unlock()
	switch {
	case fails && cut:
		return relay.Answer{}, false
	case fails:
		return relay.Answer{Status: 503}, true
	}
	return forward(), true
}

// post does with a booking's request what the plan says.
func (s *story) post(r *http.Request, forward func() relay.Answer) (relay.Answer, bool) {
	done := func() relay.Answer {
		a := forward()
		s.point("relay: done")
		return a
	}
	status, rest, numbered := strings.Cut(s.plan.post, " ")
	if code, known := statuses[status]; numbered && known {
		switch rest {
		case "before":
		case "after":
			done()
		default: // "carried out late", by a practice behind a proxy that has given up
			s.carryOutLate(forward)
		}
		return relay.Answer{Status: code}, true
	}
	switch s.plan.post {
	case "slow answer":
		time.Sleep(20 * time.Millisecond)
	case "refused 422":
		return outcome(422, "INVALID_RESOURCE"), true
	case "refused 403 by the proxy":
		return outcome(403, "FOT_CHECK_FAILED_MESSAGESENDER_1_MESSAGERECEIVER_2"), true
	case "429":
		return relay.Answer{Status: 429}, true
	case "lost before":
		return relay.Answer{}, false
	case "lost after":
		done()
		return relay.Answer{}, false
	case "carried out late":
		s.carryOutLate(forward)
		return relay.Answer{}, false
	case "reset within the answer":
		a := done()
		a.Header.Set("Content-Length", "100000")
		return a, true
	case "never answered, not done":
		<-r.Context().Done()
		return relay.Answer{}, false
	case "never answered, done":
		done()
		<-r.Context().Done()
		return relay.Answer{}, false
	case "redirected":
		return relay.Answer{Status: 307, Header: http.Header{"Location": {"https://elsewhere.example/"}}}, true
	case "page with 200, not done":
		return page(), true
	case "page with 200, done":
		done()
		return page(), true
	case "garbled":
		a := done()
		a.Body = bytes.Repeat([]byte{0x55}, 200)
		a.Header.Del("Content-Encoding")
		return a, true
	case "201 empty with Location", "201 empty without Location":
		a := done()
		a.Body = nil
		a.Header.Del("Content-Encoding")
		a.Header.Del("Content-Type")
		if s.plan.post == "201 empty without Location" {
			a.Header.Del("Location")
		}
		return a, true
	case "sent twice on the way":
		forward()
		r.Header["Ssp-Traceid"] = []string{uuid.NewString()}
	}
	return done(), true
}

// carryOutLate sends the request on after the client has lost its answer.
func (s *story) carryOutLate(forward func() relay.Answer) {
	s.pending.Go(func() {
		if s.plan.held {
			<-s.release
		}
		time.Sleep(s.plan.late)
		forward()
	})
}

func page() relay.Answer {
	return relay.Answer{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<!DOCTYPE html><title>Sign in</title>")}
}

func outcome(status int, code string) relay.Answer {
	return relay.Answer{Status: status, Header: http.Header{"Content-Type": {"application/fhir+json"}}, Body: []byte(
		`{"resourceType":"OperationOutcome","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-OperationOutcome-1"]},` +
			`"issue":[{"severity":"error","code":"invalid","details":{"coding":[{"system":"https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1","code":"` + code + `"}]}}]}`)}
}

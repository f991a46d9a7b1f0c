package main

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/internal/relay"
)

// plan is what goes wrong in one story.
type plan struct {
	post    string        // what becomes of the first booking's request
	late    time.Duration // for those carried out late
	held    bool          // they are, only after somebody has looked for them in vain
	tooLate bool          // held until the booking has been given up as not made
	reads   float64       // share of readings that fail
	rival   string        // when somebody else takes the slot: "", "before", "while unknown"
	two     bool          // it is for two slots that adjoin each other
	other   bool          // the patient has another appointment, booked by the same organisation
	kill    string        // where the process is killed, "" for nowhere
	after   time.Duration // for kill "any time"
	resumed string        // where the process that settles is killed
}

func (p plan) told() map[string]any {
	return map[string]any{"post": p.post, "late": p.late.String(), "held": p.held, "tooLate": p.tooLate, "reads": p.reads, "rival": p.rival, "two": p.two, "other": p.other, "kill": p.kill, "after": p.after.String(), "resumed": p.resumed}
}

// posts are what may become of a booking's request, each as often as it is here.
var posts = []string{
	"answered", "answered", "slow answer", "refused 422", "refused 403 by the proxy", "429",
	"lost before", "lost after", "carried out late", "carried out late", "reset within the answer", "never answered, not done", "never answered, done",
	"500 before", "500 after", "502 before", "502 after", "503 before", "504 before", "504 after", "504, carried out late", "504, carried out late",
	"599 before", "599 after", "499 after", "403 before", "403 after", "408 before", "redirected", "page with 200, not done", "page with 200, done",
	"garbled", "201 empty with Location", "201 empty without Location", "sent twice on the way",
}

// Where a process may be killed. Those with "relay" are killed from outside, when the request has come that far.
var kills = []string{
	"before the journal", "after the journal", "relay: arrived", "relay: done", "after the answer", "in a pause", "before settling", "after settling", "any time",
}

var resumedKills = []string{"", "", "", "relay: reading", "before settling", "after settling"}

func newPlan(dice *rand.Rand) plan {
	p := plan{post: posts[dice.IntN(len(posts))], late: time.Duration(dice.IntN(30)) * time.Millisecond}
	p.held, p.other, p.two = dice.IntN(2) == 0, dice.IntN(3) == 0, dice.IntN(4) == 0
	p.tooLate = p.held && strings.HasSuffix(p.post, "carried out late") && dice.IntN(3) == 0
	switch dice.IntN(4) {
	case 0:
		p.reads = 0.5
	case 1:
		p.reads = 0.2
	}
	switch dice.IntN(12) {
	case 0:
		p.rival = "before"
	case 1, 2:
		p.rival = "while unknown"
	}
	if dice.IntN(2) == 0 {
		p.kill = kills[dice.IntN(len(kills))]
		p.after = time.Duration(dice.IntN(60)) * time.Millisecond
		p.resumed = resumedKills[dice.IntN(len(resumedKills))]
	}
	return p
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

var statuses = map[string]int{"403": 403, "408": 408, "499": 499, "500": 500, "502": 502, "503": 503, "504": 504, "504,": 504, "599": 599}

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

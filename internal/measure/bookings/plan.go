package main

import (
	"math/rand/v2"
	"strings"
	"time"
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

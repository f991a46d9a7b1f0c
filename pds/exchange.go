package pds

import (
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// Exchange is one attempt to ask PDS, in fields that are safe to log: nothing in
// it names the patient, and the credentials are not in it.
type Exchange struct {
	Op            string
	RequestID     string // the same for every attempt of one operation
	CorrelationID string
	Organisation  string // ODS code of who asked
	Attempt       int    // 1 for the first
	Started       time.Time
	Duration      time.Duration
	Status        int // 0 when no answer came
	Bytes         int
	Reused        bool // the connection was a kept one
	Codes         []Code
	Err           error // nil when the answer is one
}

// told tells of the attempt that has just been made.
func (s *sending) told(started time.Time, a *wire.Answer) {
	if s.tell == nil {
		return
	}
	x := Exchange{
		Op: s.op, RequestID: s.requestID, Attempt: s.attempt,
		Started: started, Duration: s.clock.Now().Sub(started),
	}
	if a != nil {
		x.Status, x.Bytes, x.Reused = a.Status, len(a.Body), a.Reused
	}
	if s.verdict != nil {
		x.Codes, x.Err = s.verdict.Codes, s.verdict
	}
	s.tell(x)
}

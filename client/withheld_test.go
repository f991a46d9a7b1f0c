package client_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/relay"
)

// ends is an auditor that keeps what it is told of answers that were withheld.
type ends struct {
	mu       sync.Mutex
	withheld []client.Event
}

func (*ends) Begin(context.Context, client.Event) error { return nil }

func (e *ends) End(_ context.Context, event client.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if event.Withheld {
		e.withheld = append(e.withheld, event)
	}
}

// TestWithheldOnce: of one answer to a write that cannot be used the auditor is told once,
// and the error says once what is wrong with it.
func TestWithheldOnce(t *testing.T) {
	for name, body := range map[string]string{
		"not whole":        `{"resourceType":`,
		"another resource": `{"resourceType":"Patient","id":"1"}`,
		"another one":      `{"resourceType":"Appointment","id":"1","status":"cancelled"}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			told := new(ends)
			d.auditor = told
			d.through(func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
				a := forward()
				if isPost(r) {
					a.Header, a.Body = http.Header{"Content-Type": {"application/fhir+json"}}, []byte(body)
				}
				return a, true
			})
			made, err := d.practice.Book(t.Context(), d.booking(d.slots[0]))
			if err != nil || !made.Recovered {
				t.Fatalf("got %+v, %v; want it recovered", made, err)
			}
			if len(told.withheld) != 1 {
				t.Fatalf("the auditor was told %d times, want once", len(told.withheld))
			}
			if text := told.withheld[0].Err.Error(); strings.Count(text, "book an appointment") != 1 {
				t.Errorf("got %q, want it said once", text)
			}
		})
	}
}

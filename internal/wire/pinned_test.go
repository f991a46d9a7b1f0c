package wire

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// answering gives an answer whose body says when it is garbage.
type answering struct{ gone chan struct{} }

type body struct{ io.Reader }

func (*body) Close() error { return nil }

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	b := &body{strings.NewReader("{}")}
	runtime.AddCleanup(b, func(gone chan struct{}) { close(gone) }, a.gone)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: b, ContentLength: -1}, nil
}

// TestAnswerKeepsNoConnection: who keeps an answer does not keep what it was read from.
func TestAnswerKeepsNoConnection(t *testing.T) {
	transport := answering{make(chan struct{})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://proxy.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := Send(transport, req, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(30 * time.Second); ; {
		runtime.GC()
		select {
		case <-transport.gone:
			runtime.KeepAlive(answer)
			return
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(until) {
			t.Fatal("the body is still there")
		}
	}
}

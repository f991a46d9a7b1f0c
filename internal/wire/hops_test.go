package wire

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func names(hops []Hop) (all []string) {
	for _, h := range hops {
		all = append(all, h.Name)
	}
	return all
}

// TestHops: a new connection's way and a kept one's, in order and without gaps
// that run backwards.
func TestHops(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	tr := transport(t, &tls.Config{RootCAs: roots})
	for _, want := range [][]string{{Connect, Secure, Write, Wait, Read}, {Write, Wait, Read}} {
		began := time.Now()
		answer, err := Send(tr, request(t, t.Context(), server.URL), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(answer.Hops); !slices.Equal(got, want) {
			t.Errorf("got hops %q, want %q", got, want)
		}
		at := began
		for _, h := range answer.Hops {
			if h.Started.Before(at) || h.Took < 0 {
				t.Errorf("%s began before the hop ahead of it had ended", h.Name)
			}
			at = h.Started.Add(h.Took)
		}
	}
}

// TestHopsOfAFailure: how far it came is told beside the failure.
func TestHopsOfAFailure(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	silent := serve(t, func(net.Conn) { <-never })
	half := serve(t, func(c net.Conn) { readRequest(c); <-never })
	plain := httptest.NewUnstartedServer(http.NotFoundHandler())
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.StartTLS()
	t.Cleanup(plain.Close)
	for _, test := range []struct {
		url  string
		want []string
	}{
		{"https://" + silent, []string{Connect, Secure}},
		{"http://" + half, []string{Connect, Write, Wait}},
		{plain.URL, []string{Connect, Secure}},
	} {
		answer, err := Send(transport(t, &tls.Config{}), request(t, t.Context(), test.url), Limits{Header: 200 * time.Millisecond})
		if err == nil || answer == nil {
			t.Fatalf("got %v, %v; want a failure and what was known of the answer", answer, err)
		}
		if got := names(answer.Hops); !slices.Equal(got, test.want) {
			t.Errorf("%v: got hops %q, want %q", err, got, test.want)
		}
	}
}

// late answers when the exchange has been given up.
type late struct{ body io.ReadCloser }

func (l late) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: l.body, Request: r}, nil
}

// TestLateAnswer: what arrives after its watchdog has fired is a timeout, also
// when it is empty and so cannot fail to be read.
func TestLateAnswer(t *testing.T) {
	answer, err := Send(late{http.NoBody}, request(t, t.Context(), "http://late.example"), Limits{Header: time.Millisecond})
	expect(t, err, Timeout)
	if got, want := fmt.Sprint(err), "no answer began within 1ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if answer == nil {
		t.Error("got no answer beside the failure")
	}
}

package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers every connection with f, over TLS or not.
func serve(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	return l.Addr().String()
}

// readRequest reads one request's head.
func readRequest(c net.Conn) bool {
	_, err := http.ReadRequest(bufio.NewReader(c))
	return err == nil
}

func transport(t *testing.T, config *tls.Config) *http.Transport {
	t.Helper()
	tr := NewTransport(config, 2*time.Second)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func request(t *testing.T, ctx context.Context, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/Patient?identifier=9000000009", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFailures(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 1000 {
		_, _ = z.Write(make([]byte, 1<<14))
	}
	z.Close()
	for _, test := range []struct {
		name string
		peer func(net.Conn)
		kind Kind
		sent bool
	}{
		{"never answers", func(c net.Conn) { readRequest(c); <-never }, Timeout, true},
		{"stops in the body", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Content-Length: 10\r\n\r\nabc")
			<-never
		}, Timeout, true},
		{"closes before it answers", func(c net.Conn) { readRequest(c) }, Cut, true},
		{"closes within the body", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Content-Length: 10\r\n\r\nabc")
		}, Cut, true},
		{"closes within a chunk", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Transfer-Encoding: chunked\r\n\r\n10\r\nabc")
		}, Cut, true},
		{"speaks no HTTP", func(c net.Conn) { readRequest(c); fmt.Fprint(c, "220 smtp.example\r\n\r\n") }, BadResponse, true},
		{"too long", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Content-Length: 2000\r\n\r\n"+strings.Repeat("x", 2000))
		}, TooLarge, true},
		{"too long without a length", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Connection: close\r\n\r\n"+strings.Repeat("x", 2000))
		}, TooLarge, true},
		{"a bomb", func(c net.Conn) {
			readRequest(c)
			fmt.Fprint(c, head+"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
			_, _ = c.Write(bomb.Bytes())
		}, TooLarge, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			limits := Limits{Header: time.Minute, Idle: time.Minute, Body: 1000}
			if test.kind == Timeout {
				limits.Header, limits.Idle = 50*time.Millisecond, 50*time.Millisecond
			}
			_, err := Send(transport(t, nil), request(t, t.Context(), "http://"+serve(t, test.peer)), limits)
			expect(t, err, test.kind)
			var f *Failure
			if errors.As(err, &f) && f.Sent != test.sent {
				t.Errorf("sent: got %v, want %v", f.Sent, test.sent)
			}
		})
	}
}

func expect(t *testing.T, err error, kind Kind) {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a *Failure", err)
	}
	if f.Kind != kind {
		t.Errorf("kind: got %s (%v), want %s", f.Kind, f.Err, kind)
	}
	for _, leak := range []string{"9000000009", "identifier", "http://", "https://"} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("the error says %q: %v", leak, err)
		}
	}
}

func TestContextEnds(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	address := serve(t, func(c net.Conn) { readRequest(c); <-never })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Send(transport(t, nil), request(t, ctx, "http://"+address), Limits{})
	expect(t, err, Deadline)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is not context.DeadlineExceeded", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	_, err = Send(transport(t, nil), request(t, ctx, "http://"+address), Limits{})
	expect(t, err, Cancelled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	elsewhere, err := dialer.Dial("tcp", l.Addr().String()) // nobody can listen at its near end
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	_, err = Send(transport(t, nil), request(t, t.Context(), "http://"+elsewhere.LocalAddr().String()), Limits{})
	expect(t, err, Refused)
	var f *Failure
	if errors.As(err, &f) && f.Sent {
		t.Error("said to be sent")
	}
}

// TestCertificates: whose certificate it was that was not accepted.
func TestCertificates(t *testing.T) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	silent := func(s *httptest.Server) { s.Config.ErrorLog = log.New(io.Discard, "", 0) }
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := httptest.NewUnstartedServer(hello)
		silent(server)
		server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: version}
		server.StartTLS()
		t.Cleanup(server.Close)

		_, err := Send(transport(t, &tls.Config{}), request(t, t.Context(), server.URL), Limits{})
		expect(t, err, TheirCert)

		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		_, err = Send(transport(t, &tls.Config{RootCAs: roots}), request(t, t.Context(), server.URL), Limits{})
		expect(t, err, OurCert)
	}
	plain := httptest.NewUnstartedServer(hello)
	silent(plain)
	plain.Start()
	t.Cleanup(plain.Close)
	_, err := Send(transport(t, &tls.Config{}), request(t, t.Context(), "https://"+plain.Listener.Addr().String()), Limits{})
	expect(t, err, TLS)
}

// TestNoSecondSend: net/http repeats a GET by itself when a kept connection
// turns out to be closed. Ours must not be.
func TestNoSecondSend(t *testing.T) {
	var heard atomic.Int32
	address := serve(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		for i := 0; ; i++ {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			heard.Add(1)
			if i > 0 {
				return // the second request on a connection is read and the connection closed
			}
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	tr := transport(t, nil)
	first, err := Send(tr, request(t, t.Context(), "http://"+address), Limits{})
	if err != nil || string(first.Body) != "ok" {
		t.Fatalf("got %v, %v", first, err)
	}
	_, err = Send(tr, request(t, t.Context(), "http://"+address), Limits{})
	expect(t, err, Cut)
	if got := heard.Load(); got != 2 {
		t.Errorf("the server heard %d requests, want 2", got)
	}
}

// TestDrip: an answer may take longer than the idle limit as long as it moves.
func TestDrip(t *testing.T) {
	address := serve(t, func(c net.Conn) {
		readRequest(c)
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
		for range 8 {
			fmt.Fprint(c, "x")
			time.Sleep(60 * time.Millisecond) // the point of the test: slower in all than the limit, never in one piece
		}
	})
	answer, err := Send(transport(t, nil), request(t, t.Context(), "http://"+address), Limits{Idle: 400 * time.Millisecond})
	if err != nil || string(answer.Body) != "xxxxxxxx" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestGzip(t *testing.T) {
	address := serve(t, func(c net.Conn) {
		readRequest(c)
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
		z := gzip.NewWriter(c)
		_, _ = io.WriteString(z, "hello")
		z.Close()
	})
	answer, err := Send(transport(t, nil), request(t, t.Context(), "http://"+address), Limits{})
	if err != nil || string(answer.Body) != "hello" {
		t.Errorf("got %v, %v", answer, err)
	}
}

// TestNoLimit: a limit as high as can be is none, and what the header says of the length is
// not believed before it has come.
func TestNoLimit(t *testing.T) {
	for _, test := range []struct {
		header string
		whole  bool
	}{{"Connection: close", true}, {"Content-Length: 9223372036854775807", false}} {
		addr := serve(t, func(c net.Conn) {
			if readRequest(c) {
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%s\r\n\r\nwhole", test.header)
			}
		})
		answer, err := Send(transport(t, nil), request(t, t.Context(), "http://"+addr), Limits{Body: math.MaxInt64})
		if (err == nil) != test.whole || string(answer.Body) != "whole" {
			t.Errorf("%s: got %q, %v", test.header, answer.Body, err)
		}
	}
}

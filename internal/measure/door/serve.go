package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// childVariable makes this program the server.
const childVariable = "GPC_DOOR_SERVER"

// controlPath is where the server says what it saw.
const controlPath = "/seen"

// server is a bare net/http server that demands a client certificate, reads the
// request and answers the same bytes each time.
type server struct {
	answer    []byte
	served    atomic.Int64
	closeEach atomic.Int64

	mu   sync.Mutex
	seen seen
}

// child serves until its stdin ends.
func child() error {
	var t terms
	input := json.NewDecoder(os.Stdin)
	if err := input.Decode(&t); err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(t.Chain, t.Key)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.Roots)
	s := &server{answer: make([]byte, t.Answer)}
	for i := range s.answer {
		s.answer[i] = ' ' // of a JSON document
	}
	copy(s.answer, `{"resourceType":"Bundle"}`)
	s.clear()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving := &http.Server{
		Handler: s, ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, freshKey{}, new(atomic.Bool))
		},
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert},
	}
	go serving.ServeTLS(l, "", "")
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return serving.Close()
}

// freshKey has whether a connection's first request has been seen.
type freshKey struct{}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == controlPath {
		s.tell(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	if !r.Context().Value(freshKey{}).(*atomic.Bool).Swap(true) {
		s.note(r)
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/fhir+json;charset=utf-8"}
	h["Content-Length"] = []string{strconv.Itoa(len(s.answer))}
	if each := s.closeEach.Load(); each > 0 && s.served.Add(1)%each == 0 {
		h["Connection"] = []string{"close"}
	}
	_, _ = w.Write(s.answer)
}

// note keeps of a connection's first request who asked, and with how many bytes
// of headers: both sides must send as many.
func (s *server) note(r *http.Request) {
	size := len(r.Method) + len(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Connections++
	s.seen.Sizes[size]++
	s.seen.Shown[r.TLS.PeerCertificates[0].SerialNumber.String()]++
}

func (s *server) tell(w http.ResponseWriter, r *http.Request) {
	each, _ := strconv.ParseInt(r.FormValue("close"), 10, 64)
	s.closeEach.Store(each)
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s.seen)
	s.clear()
}

func (s *server) clear() { s.seen = seen{Sizes: map[int]int{}, Shown: map[string]int{}} }

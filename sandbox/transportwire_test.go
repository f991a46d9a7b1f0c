package sandbox

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A wire reaches the proxy, or the provider directly, with any TLS.
type wire struct {
	t  *testing.T
	s  *Server
	at string
}

func (w *wire) address() string {
	url := w.s.ProxyURL()
	if w.at == "provider" {
		url = w.s.ProviderURL()
	}
	_, rest, _ := strings.Cut(url, "://")
	address, _, _ := strings.Cut(rest, "/")
	return address
}

// config is the consumer's TLS with a change.
func (w *wire) config(change func(*wire, *tls.Config)) *tls.Config {
	config := trust(w.t, w.s)
	config.ServerName = "localhost"
	change(w, config)
	return config
}

// request is one for the practice's metadata that keeps every rule.
func (w *wire) request() *attempt {
	a := from(w.t, w.s, "B82617").attempt("fhir:rest:read:metadata-1", "/metadata", nil)
	if w.at == "provider" {
		a.proxy, a.address = "https://"+w.address(), "B82617/STU3/1/gpconnect"
	}
	return a
}

// send makes the request over a connection of its own.
func (w *wire) send(config *tls.Config) (reply, *tls.ConnectionState, error) {
	a := w.request()
	var state *tls.ConnectionState
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: config}}
	config.VerifyConnection = func(s tls.ConnectionState) error { state = &s; return nil }
	r, err := a.through(w.t, client)
	return r, state, err
}

// answers wants a status over HTTP.
func answers(change func(*wire, *tls.Config), status int) func(*wire) error {
	return func(w *wire) error {
		r, _, err := w.send(w.config(change))
		if err != nil || r.status != status {
			return fmt.Errorf("got %d and %v, want %d", r.status, err, status)
		}
		if status == 200 && r.fields(w.t)["resourceType"] != "CapabilityStatement" {
			return fmt.Errorf("got a %v, want a CapabilityStatement", r.fields(w.t)["resourceType"])
		}
		return nil
	}
}

// closed wants the connection ended without an answer.
func closed(change func(*wire, *tls.Config)) func(*wire) error {
	return func(w *wire) error {
		before := len(w.s.Requests())
		a := w.request()
		lookups := len(w.s.Requests()) - before
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: w.config(change)}}
		if r, err := a.through(w.t, client); err == nil {
			return fmt.Errorf("got %d, want the connection ended", r.status)
		}
		if got := len(w.s.Requests()) - before - lookups; got != 0 {
			return fmt.Errorf("%d requests came through, want none", got)
		}
		return nil
	}
}

// agrees wants an answer over TLS 1.2 with that cipher and no other.
func agrees(suite uint16) func(*wire) error {
	return func(w *wire) error {
		config := w.config(consumersOwn)
		config.MaxVersion, config.CipherSuites = tls.VersionTLS12, []uint16{suite}
		r, state, err := w.send(config)
		if err != nil || r.status != 200 {
			return fmt.Errorf("got %d and %v, want 200", r.status, err)
		}
		if state.CipherSuite != suite || state.Version != tls.VersionTLS12 {
			return fmt.Errorf("got %s, want %s", tls.CipherSuiteName(state.CipherSuite), tls.CipherSuiteName(suite))
		}
		return nil
	}
}

// closedWithoutTLS wants a request in the clear not answered by who it is for.
func closedWithoutTLS(w *wire) error {
	c, err := net.Dial("tcp", w.address())
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	b, err := io.ReadAll(c) // to the end: the connection is closed
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	if bytes.Contains(b, []byte("200 OK")) || bytes.Contains(b, []byte("resourceType")) {
		return fmt.Errorf("got %q, want no answer", b)
	}
	return nil
}

// refuses wants a ClientHello of TLS 1.2 that offers one cipher answered with the alert
// handshake_failure. It is written by hand: no TLS library offers all of these.
func refuses(suite uint16) func(*wire) error {
	return func(w *wire) error {
		c, err := net.Dial("tcp", w.address())
		if err != nil {
			return err
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Write(clientHello(suite)); err != nil {
			return err
		}
		alert := make([]byte, 7)
		if _, err := io.ReadFull(c, alert); err != nil {
			return err
		}
		const alertRecord, fatal, handshakeFailure = 21, 2, 40
		if alert[0] != alertRecord || alert[5] != fatal || alert[6] != handshakeFailure {
			return fmt.Errorf("got the record % x, want the alert handshake_failure", alert)
		}
		return nil
	}
}

// clientHello is RFC 5246 section 7.4.1.2, with the extensions that elliptic curves and
// signatures need.
func clientHello(suite uint16) []byte {
	extension := func(kind uint16, body ...byte) []byte {
		return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, kind), uint16(len(body))), body...)
	}
	extensions := append(extension(10, 0, 2, 0, 23), extension(11, 1, 0)...)  // secp256r1, uncompressed
	extensions = append(extensions, extension(13, 0, 6, 4, 1, 4, 3, 8, 4)...) // RSA, ECDSA and PSS with SHA-256
	hello := append([]byte{3, 3}, bytes.Repeat([]byte{7}, 32)...)             // TLS 1.2, random
	hello = append(hello, 0, 0, 2, byte(suite>>8), byte(suite), 1, 0)         // no session, the cipher, no compression
	hello = append(binary.BigEndian.AppendUint16(hello, uint16(len(extensions))), extensions...)
	message := append([]byte{1, 0, byte(len(hello) >> 8), byte(len(hello))}, hello...)
	return append([]byte{22, 3, 1, byte(len(message) >> 8), byte(len(message))}, message...)
}

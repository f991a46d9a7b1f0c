// Package wire sends one HTTP request well: once, within limits of time and
// size, without following anybody anywhere, and with failures that say what
// failed and never quote the URL, which may hold a patient's number.
package wire

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Conns is the number of kept connections to one host. Go's default of 2
// makes every burst of callers pay for handshakes.
const Conns = 256

// NewTransport returns the transport that requests leave by: HTTP/1.1 (the
// proxy is specified by RFC 7230, and h2 measured slower), kept connections,
// no proxy from the environment, handshakes bounded by dial.
func NewTransport(config *tls.Config, dial time.Duration) *http.Transport {
	d := &net.Dialer{Timeout: dial, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:         d.DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: dial,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxIdleConns:        4 * Conns,
		MaxIdleConnsPerHost: Conns,
		IdleConnTimeout:     90 * time.Second,
		WriteBufferSize:     16 << 10,
		ReadBufferSize:      16 << 10,
	}
}

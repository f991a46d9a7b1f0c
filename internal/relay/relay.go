// Package relay stands between a client and a proxy, over TLS, and does with
// each exchange what a test wants done: lets it pass, loses its answer before
// or after the deed, carries it out late or twice, puts another answer in place.
package relay

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"time"
)

// Answer is what came from the other side, or is to go to the client.
type Answer struct {
	Status int // 0 where none came
	Header http.Header
	Body   []byte
}

// Handle decides about one exchange. forward sends the request on and gives the
// answer; it may be called any number of times, also after Handle has
// returned. Without ok the client's connection is cut.
type Handle func(r *http.Request, body []byte, forward func() Answer) (a Answer, ok bool)

// Relay is a relay that is running.
type Relay struct {
	server *http.Server
	out    *http.Transport
	host   string
	cert   *x509.Certificate
}

// Start listens on loopback and sends on to upstream ("https://host:port"),
// with the certificates of config.
func Start(upstream string, config *tls.Config, handle Handle) (*Relay, error) {
	pair, cert, err := keys()
	if err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return nil, err
	}
	r := &Relay{host: l.Addr().String(), cert: cert, out: &http.Transport{TLSClientConfig: config.Clone(), MaxIdleConnsPerHost: 16}}
	r.server = &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		a, ok := handle(q, body, func() Answer { return r.forward(upstream, q, body) })
		if !ok || a.Status == 0 {
			panic(http.ErrAbortHandler)
		}
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	})}
	go func() { _ = r.server.Serve(l) }()
	return r, nil
}

// URL is where the relay listens.
func (r *Relay) URL() string { return "https://" + r.host }

// Trust makes config trust the relay.
func (r *Relay) Trust(config *tls.Config) { config.RootCAs.AddCert(r.cert) }

// Close ends it.
func (r *Relay) Close() {
	r.server.Close()
	r.out.CloseIdleConnections()
}

func (r *Relay) forward(upstream string, q *http.Request, body []byte) Answer {
	out, err := http.NewRequest(q.Method, upstream+q.RequestURI, bytes.NewReader(body))
	if err != nil {
		return Answer{}
	}
	for name, values := range q.Header {
		if !strings.EqualFold(name, "Connection") {
			out.Header[name] = values
		}
	}
	resp, err := r.out.RoundTrip(out)
	if err != nil {
		return Answer{}
	}
	defer resp.Body.Close()
	a := Answer{Status: resp.StatusCode, Header: resp.Header.Clone()}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		return Answer{}
	}
	for _, hop := range []string{"Transfer-Encoding", "Connection", "Content-Length"} {
		a.Header.Del(hop)
	}
	return a
}

// keys makes a certificate for loopback that is its own authority.
func keys() (tls.Certificate, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, cert, err
}

// Block is the certificate to trust, for a PEM file.
func (r *Relay) Block() *pem.Block { return &pem.Block{Type: "CERTIFICATE", Bytes: r.cert.Raw} }

package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

// providerODS is the practice that answers at Config.Provider.
const providerODS = "B82617"

// listenProvider opens the port of Config.Provider, if there is one.
func (s *Server) listenProvider() (err error) {
	if s.cfg.Provider == "" {
		return nil
	}
	address, _ := s.providerAddress()
	if _, _, err := net.SplitHostPort(address); err != nil || s.surgeries[providerODS] == nil {
		return errors.New("sandbox: the provider is not [https://]HOST:PORT, or practice " + providerODS + " is not there")
	}
	if s.provider, err = net.Listen("tcp", address); err != nil {
		return errors.New("sandbox: the provider cannot listen: " + err.Error())
	}
	return nil
}

// providerAddress is host and port of Config.Provider, and whether it speaks TLS.
func (s *Server) providerAddress() (address string, secure bool) {
	if address, secure = strings.CutPrefix(s.cfg.Provider, "https://"); !secure {
		address = strings.TrimPrefix(address, "http://")
	}
	return address, secure
}

// ProviderURL is the service root of foundations and appointments of the practice that is
// called directly, such as http://127.0.0.1:28080/B82617/STU3/1/gpconnect: those of
// structured records and documents follow after /structured and /documents. "" without
// Config.Provider.
func (s *Server) ProviderURL() string {
	if s.provider == nil {
		return ""
	}
	return s.providerRoot(foundations)
}

func (s *Server) providerRoot(of capability) string {
	address, secure := s.providerAddress()
	host, _, _ := net.SplitHostPort(address)
	_, port, _ := net.SplitHostPort(s.provider.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := map[bool]string{true: "https://", false: "http://"}[secure]
	return scheme + net.JoinHostPort(host, port) + "/" + providerODS + "/STU3/1/" + capabilityPath(of)
}

// serveProvider answers at Config.Provider. With TLS a client certificate is asked for at the
// handshake and judged at the request, with the statuses that a web server has for it.
func (s *Server) serveProvider() {
	if s.provider == nil {
		return
	}
	var config *tls.Config
	if _, secure := s.providerAddress(); secure {
		config = s.keys.server()
		config.ClientAuth = tls.RequestClientCert
	}
	s.serveHTTP(s.provider, config, s.answerDirectly)
}

// answerDirectly is the practice without a proxy in front.
func (s *Server) answerDirectly(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Sandbox", "gpc")
	if status, rule := s.judgePeer(r); status != 0 {
		entry := s.history.arrive(Request{Where: "provider", Line: r.Method + " " + r.RequestURI, Header: r.Header.Clone()})
		entry.settle(status, rule)
		deliver(w, answer{status: status, header: http.Header{}})
		return
	}
	body, err := s.readBody(w, r)
	if err != nil {
		entry := s.history.arrive(Request{Where: "provider", Line: r.Method + " " + r.RequestURI, Header: r.Header.Clone(), Body: body})
		a := unread(err)
		entry.settle(a.status, a.rule)
		deliver(w, a)
		return
	}
	served, rest := s.servedRoot(r.RequestURI)
	c := &call{practice: s.surgeries[providerODS].practice, body: body, root: s.providerRoot,
		serves: func(of capability) bool { return of == served }}
	a, _ := s.ask(r, c, r.RequestURI, rest)
	deliver(w, a)
}

// The statuses of a web server for what is wrong with a client certificate.
const (
	badCertificate = 495
	noCertificate  = 496
)

// judgePeer judges the client certificate of a connection with TLS: it must be there, be one
// of this sandbox's, and name the consumer. Status 0 is all right.
func (s *Server) judgePeer(r *http.Request) (status int, rule string) {
	if r.TLS == nil {
		return 0, ""
	}
	if len(r.TLS.PeerCertificates) == 0 {
		return noCertificate, "there is no client certificate"
	}
	others := x509.NewCertPool()
	for _, c := range r.TLS.PeerCertificates[1:] {
		others.AddCert(c)
	}
	leaf := r.TLS.PeerCertificates[0]
	_, err := leaf.Verify(x509.VerifyOptions{Roots: s.keys.roots, Intermediates: others, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	switch {
	case err != nil:
		return badCertificate, "the client certificate is not of this sandbox"
	case s.keys.withdrawn(leaf):
		return badCertificate, "the client certificate has been revoked"
	case peerName(r) != consumerFQDN:
		return badCertificate, "the client certificate is not the consumer's"
	}
	return 0, ""
}

// servedRoot is the service root that a request target is under, and what follows it. A
// target under none is answered as one of foundations that has no such path.
func (s *Server) servedRoot(target string) (capability, string) {
	for _, of := range []capability{structured, documents, foundations} {
		root := "/" + providerODS + "/STU3/1/" + capabilityPath(of)
		rest, ok := strings.CutPrefix(target, root)
		if ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
			return of, rest
		}
	}
	return foundations, "/" + strings.TrimPrefix(target, "/")
}

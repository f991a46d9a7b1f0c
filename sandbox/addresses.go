package sandbox

import (
	"net"
)

// LDAPURL is the directory's, such as ldaps://127.0.0.1:40001.
func (s *Server) LDAPURL() string { return "ldaps://" + s.reachable(s.ldap) }

// ProxyURL is the secure proxy's, such as https://127.0.0.1:40002.
func (s *Server) ProxyURL() string { return "https://" + s.reachable(s.proxy) }

// APIURL is where PDS, the SDS FHIR API, the status page and the control endpoints answer,
// such as https://127.0.0.1:40003. They need the sandbox's CA and no client certificate.
func (s *Server) APIURL() string { return "https://" + s.reachable(s.api) }

// SDSURL is the base of the SDS FHIR API, which wants the header apikey.
func (s *Server) SDSURL() string { return s.APIURL() + sdsRoot }

// PDSURL is the base of the PDS FHIR API, which wants a token of TokenURL, or with
// Config.PDSByKey the header apikey alone.
func (s *Server) PDSURL() string { return s.APIURL() + pdsRoot }

// TokenURL is where an assertion signed with the file pds.key is exchanged for a token; it
// is, byte for byte, the assertion's audience.
func (s *Server) TokenURL() string { return s.APIURL() + tokenPath }

// reachable is host and port as a client on this machine dials them.
func (s *Server) reachable(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	host := s.cfg.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

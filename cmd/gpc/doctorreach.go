package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/wire"
)

// reach tries name, TCP and TLS of a server.
func (x *examination) reach(ctx context.Context, who, address, port string, config *tls.Config) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return // the configuration's own check says so
	}
	if u.Port() != "" {
		port = u.Port()
	}
	at := net.JoinHostPort(u.Hostname(), port)
	x.try(who+": name", func() (string, error) {
		addresses, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
		if err != nil {
			return u.Hostname() + " cannot be resolved", &hopError{client.ErrNoAnswer, "check the address in the profile, and that HSCN's name servers are asked"}
		}
		return u.Hostname() + " is " + strings.Join(addresses, ", "), nil
	})
	x.try(who+": TCP", func() (string, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
		if err != nil {
			return "nobody answers at " + at, &hopError{client.ErrNoAnswer, "check address and port, and the firewall's rule for HSCN"}
		}
		return at, conn.Close()
	})
	x.try(who+": TLS", func() (string, error) {
		conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", at)
		if err != nil {
			failure := wire.Classify(ctx, err)
			return failure.Error(), &hopError{client.ErrCertificate, tlsCure(failure.Kind)}
		}
		defer conn.Close()
		state := conn.(*tls.Conn).ConnectionState()
		return fmt.Sprintf("%s, %s", tls.VersionName(state.Version), state.PeerCertificates[0].Subject.CommonName), nil
	})
}

// hopError is a failed hop with its exit class and its cure.
type hopError struct {
	class error
	cure  string
}

func (e *hopError) Error() string { return e.class.Error() }

func (e *hopError) Unwrap() error { return e.class }

func tlsCure(kind wire.Kind) string {
	switch kind {
	case wire.TheirCert:
		return "check the profile's ca: it must hold the Spine roots of this environment; and the address, which must be the certificate's name"
	case wire.OurCert:
		return "check the profile's cert: of this environment, unexpired, with its sub CA behind it in the same file"
	case wire.Timeout, wire.Deadline:
		return "something on the way swallows the handshake: a firewall, or a server that hangs"
	}
	return "what listens there does not speak TLS 1.2 or newer with the approved suites"
}

func exchangeClass(kind wire.Kind) error {
	if kind == wire.OurCert || kind == wire.TheirCert {
		return client.ErrCertificate
	}
	return client.ErrNoAnswer
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/wire"
	"github.com/gpconnect-go/gpc/pds"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// skew is how far the clock may be off: a token's iat must not lie ahead, and
// exp is five minutes after it.
const skew = 5 * time.Second

// examine goes the way of a call, hop by hop. Where directory, proxy or PDS fail,
// the others are tried all the same.
func (x *examination) examine(ctx context.Context, ods string) {
	c := new(connection)
	defer x.a.close(c)
	config, ok := x.ownThings(ctx, c)
	if !ok {
		x.broken = true
	}
	directory := x.branch(func() { x.directory(ctx, c, config) })
	proxy := x.branch(func() { x.proxy(ctx, c, config) })
	x.branch(func() { x.pds(ctx, c) })
	if ods == "" {
		return
	}
	x.broken = x.broken || !directory
	x.lookups(ctx, c, ods)
	x.broken = x.broken || !proxy
	x.metadata(ctx, c, ods)
}

// ownThings are the configuration and the certificate.
func (x *examination) ownThings(ctx context.Context, c *connection) (config *tls.Config, ok bool) {
	x.try("configuration", func() (saw string, err error) {
		if c.profile, err = x.a.profile(ctx, c); err != nil {
			return "", err
		}
		if _, err = c.profile.Organisation(x.a.flags.as); err != nil {
			return "", err
		}
		return fmt.Sprintf("profile %q", c.profile.Name), nil
	})
	ok = x.try("certificate and key", func() (saw string, err error) {
		var certificate *tls.Certificate
		if config, _, err = c.profile.TLS(x.a.now()); err != nil {
			return "", err
		}
		if certificate, err = config.GetClientCertificate(&tls.CertificateRequestInfo{}); err != nil {
			return "", err
		}
		leaf := certificate.Leaf
		return fmt.Sprintf("%s, until %s, %d in the chain", leaf.Subject.CommonName, leaf.NotAfter.UTC().Format("2 January 2006"), len(certificate.Certificate)), nil
	})
	if !ok {
		return nil, false
	}
	if _, warnings, err := c.profile.TLS(x.a.now()); err == nil {
		for _, w := range warnings {
			x.remark("certificate and key", w.File+" "+w.What, w.Cure, nil)
		}
	}
	return config, true
}

// directory tries the servers' hops, and a search. The first server that answers
// is asked, so one that does not is a warning where there is another.
func (x *examination) directory(ctx context.Context, c *connection, config *tls.Config) {
	if c.profile != nil && !x.broken {
		reached := 0
		for _, server := range c.profile.SDS.LDAP {
			if x.branch(func() { x.reach(ctx, "directory", server, "636", config) }) {
				reached++
			}
		}
		x.broken = reached == 0 && len(c.profile.SDS.LDAP) > 0
		if !x.broken {
			x.forgive("directory: ", "calls ask another server, after the time that this one takes to fail")
		}
	}
	var o client.Organisation
	var found string
	var unknown error
	answered := x.try("directory: a search", func() (saw string, err error) {
		if err := c.open(config); err != nil {
			return "", err
		}
		if o, err = c.profile.Organisation(x.a.flags.as); err != nil {
			return "", err
		}
		found, err = c.directory.OwnASID(ctx, sdslookup.OwnQuery{ODS: o.ODS, Interaction: client.GetStructuredRecord})
		if errors.Is(err, sdslookup.ErrNotFound) || errors.Is(err, sdslookup.ErrAmbiguous) || errors.Is(err, sdslookup.ErrNotKnown) {
			unknown, err = err, nil // it answered
		}
		if err != nil {
			return "", err
		}
		return "it answers", nil
	})
	if answered {
		x.ownASID(o, found, unknown)
	}
}

// forgive makes warnings of the hops that failed, with what that means.
func (x *examination) forgive(hops, meaning string) {
	for i := range x.findings {
		if f := &x.findings[i]; f.Result == failed && strings.HasPrefix(f.Hop, hops) {
			f.Result, f.Cure = warned, f.Cure+"; "+meaning
		}
	}
}

// ownASID compares what the directory says of the asking organisation with the
// configuration. The directory need not know it.
func (x *examination) ownASID(o client.Organisation, found string, err error) {
	const hop = "own ASID"
	var e *sdslookup.Error
	switch {
	case err == nil && found == o.ASID:
		x.findings = append(x.findings, finding{Hop: hop, Result: fine, Saw: fmt.Sprintf("%s has %s, as configured", o.ODS, found)})
	case err == nil:
		x.remark(hop, fmt.Sprintf("the directory has %s for %s, the configuration %s", found, o.ODS, o.ASID), "correct the originator's asid, unless the organisation runs several systems", nil)
	case errors.Is(err, sdslookup.ErrAmbiguous) && errors.As(err, &e):
		for _, candidate := range e.Candidates {
			if candidate.ASID == o.ASID {
				x.findings = append(x.findings, finding{Hop: hop, Result: fine, Saw: fmt.Sprintf("%s is one of %d that %s has", o.ASID, len(e.Candidates), o.ODS)})
				return
			}
		}
		x.remark(hop, fmt.Sprintf("%s is none of the %d that %s has", o.ASID, len(e.Candidates), o.ODS), "correct the originator's asid", err)
	case errors.Is(err, sdslookup.ErrNotFound):
		x.remark(hop, fmt.Sprintf("the directory has no system of %s for the structured record", o.ODS), "not every consumer is registered there; compare the asid with the letter that gave it", err)
	}
}

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

// proxy tries the hops to the proxy, an exchange, and the clock by its Date.
func (x *examination) proxy(ctx context.Context, c *connection, config *tls.Config) {
	if c.profile != nil && !x.broken {
		x.reach(ctx, "proxy", c.profile.Proxy, "443", config)
	}
	var date time.Time
	x.try("proxy: an exchange", func() (saw string, err error) {
		if c.directory != nil {
			if c.client, err = client.New(c.profile.Client(config, c.directory, x.a.flags.timeout)); err != nil {
				return "", err
			}
		}
		transport := wire.NewTransport(config, 10*time.Second)
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.profile.Proxy, nil)
		if err != nil {
			return "", err
		}
		// With TLS 1.3 a server refuses a client certificate only now, at the first read.
		answer, err := wire.Send(transport, req, wire.Limits{Header: 10 * time.Second})
		if f := new(wire.Failure); errors.As(err, &f) {
			return f.Error(), &hopError{exchangeClass(f.Kind), tlsCure(f.Kind)}
		}
		if answer.Status == 495 || answer.Status == 496 {
			return fmt.Sprintf("status %d: it does not accept our certificate", answer.Status), &hopError{client.ErrCertificate, tlsCure(wire.OurCert)}
		}
		date, _ = http.ParseTime(answer.Header.Get("Date"))
		return fmt.Sprintf("it answers (status %d to an empty request, which is right)", answer.Status), nil
	})
	x.clock(date)
}

// pds tries to get an access token; nobody is asked about. A token endpoint
// that refuses the assertion for its time says that the clock is off.
func (x *examination) pds(ctx context.Context, c *connection) {
	if c.profile == nil || !c.profile.HasPDS() {
		return
	}
	x.try("PDS: an access token", func() (string, error) {
		token, err := c.profile.PDSToken(ctx, x.a.now)
		var refused *pds.Error
		if errors.As(err, &refused) && refused.ClockSkew != 0 {
			return err.Error(), &hopError{client.ErrRefused, "set this machine's clock by NTP: an assertion is good for minutes only"}
		}
		if err == nil && !token {
			return "the environment needs none", nil
		}
		if err != nil {
			return "", err
		}
		return "it gives one", nil
	})
}

func exchangeClass(kind wire.Kind) error {
	if kind == wire.OurCert || kind == wire.TheirCert {
		return client.ErrCertificate
	}
	return client.ErrNoAnswer
}

func (x *examination) clock(theirs time.Time) {
	if theirs.IsZero() {
		return
	}
	x.try("clock", func() (string, error) {
		off := x.a.now().Sub(theirs).Round(time.Second)
		saw := fmt.Sprintf("%v from the proxy's", off)
		if off.Abs() > skew {
			return saw, &hopError{client.ErrRefused, "set this machine's clock by NTP: tokens carry its time, and practices refuse those that are off"}
		}
		return saw, nil
	})
}

// lookups looks every capability of the practice up.
func (x *examination) lookups(ctx context.Context, c *connection, ods string) {
	for _, capability := range capabilities {
		if x.broken {
			break
		}
		id, _ := capability.Probe()
		hop := "practice: " + string(capability)
		began := time.Now()
		endpoint, err := c.directory.Endpoint(ctx, ods, id)
		if errors.Is(err, sdslookup.ErrNotFound) && capability != client.Foundations {
			x.findings = append(x.findings, finding{Hop: hop, Result: absent, Saw: outcomeOf(err), Took: time.Since(began).Milliseconds()})
			continue
		}
		saw := ""
		if err == nil {
			saw = endpoint.Address + " as " + endpoint.ASID
		}
		x.found(hop, began, saw, err)
	}
}

// metadata calls the practice.
func (x *examination) metadata(ctx context.Context, c *connection, ods string) {
	x.try("practice: metadata", func() (string, error) {
		e, err := x.a.encounter(c)
		if err != nil {
			return "", err
		}
		p, err := e.Practice(ods)
		if err != nil {
			return "", err
		}
		statement, err := p.Metadata(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("GP Connect %s, %s", orDash(statement.Version), orDash(statement.Software.Name)), nil
	})
}

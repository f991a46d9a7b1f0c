package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/internal/wire"
	"github.com/gpconnect-go/gpc/pds"
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

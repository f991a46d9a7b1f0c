package mtls

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Problem is one thing that is wrong with the material, and the cure.
type Problem struct {
	File string // or what stands for it, see Material.Names
	What string // completes a sentence that begins with File
	Cure string
	Err  error // beneath it, or nil
}

func (p *Problem) Error() string {
	s := p.File + " " + p.What
	if p.Err != nil {
		s += fmt.Sprintf(" (%v)", p.Err)
	}
	if p.Cure != "" {
		s += ": " + p.Cure
	}
	return s
}

func (p *Problem) Unwrap() error { return p.Err }

// Warning is a Problem that does not stop anything yet.
type Warning struct {
	File, What, Cure string
}

func (w *Warning) Error() string { return w.File + " " + w.What + ": " + w.Cure }

// checkPeriod says whether a certificate may be used at the time now.
func checkPeriod(c *x509.Certificate, name string, now time.Time) []*Problem {
	const day = "2 January 2006 15:04 MST"
	switch {
	case now.After(c.NotAfter):
		return []*Problem{{name, "expired on " + c.NotAfter.UTC().Format(day), "ask for a new certificate; check this machine's clock", nil}}
	case now.Before(c.NotBefore):
		return []*Problem{{name, "is not valid before " + c.NotBefore.UTC().Format(day), "check this machine's clock", nil}}
	}
	return nil
}

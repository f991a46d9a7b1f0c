package sdslookup

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"
)

// LDAPConfig is complete at construction; nothing is read from the environment.
type LDAPConfig struct {
	Servers     []string      // ldaps://host[:636], in order of preference
	TLS         *tls.Config   // private roots and the client certificate; TLS 1.2 or newer
	Timeout     time.Duration // for one search; 0 is 3 s
	DialTimeout time.Duration // for connection, TLS and bind; 0 is 5 s
	Allow       AddressPolicy
	PartyKeys   map[string]string // pinned, by ODS code: which of several MHS records is meant
}

// LDAP is the directory over LDAPS. Many goroutines share it: their searches go side by side over one
// connection, which is replaced when it fails, falls silent or has lain idle.
type LDAP struct {
	servers     []server
	tls         *tls.Config
	timeout     time.Duration
	dialTimeout time.Duration
	allow       AddressPolicy
	pinned      map[string]string

	behind sync.WaitGroup // searches and dials that outlive their caller's wait

	mu     sync.Mutex
	line   *line // nil until needed
	dial   *dial // in progress
	first  int   // the server to try first: the one that answered last
	closed bool
}

// server is where a directory listens.
type server struct {
	name string // as configured
	host string // for the certificate
	addr string // host:port
}

// NewLDAP checks the whole configuration, names everything that is wrong at once, and does not touch the
// network.
func NewLDAP(c LDAPConfig) (*LDAP, error) {
	d := &LDAP{
		tls:         c.TLS,
		timeout:     orDefault(c.Timeout, 3*time.Second),
		dialTimeout: orDefault(c.DialTimeout, 5*time.Second),
		allow:       c.Allow,
	}
	var errs []error
	if len(c.Servers) == 0 {
		errs = append(errs, errors.New("no directory server is configured"))
	}
	for _, s := range c.Servers {
		srv, err := parseServer(s)
		errs = append(errs, err)
		d.servers = append(d.servers, srv)
	}
	if c.Timeout < 0 || c.DialTimeout < 0 {
		errs = append(errs, errors.New("a timeout is negative"))
	}
	errs = append(errs, checkTLS(c.TLS)...)
	errs = append(errs, c.Allow.validate()...)
	pinned, more := parsePins(c.PartyKeys)
	d.pinned, errs = pinned, append(errs, more...)
	if err := errors.Join(errs...); err != nil {
		return nil, &Error{Kind: ErrInvalid, Err: err}
	}
	return d, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

func parseServer(s string) (server, error) {
	if strings.Contains(s, "@") { // nothing is repeated of what may be a password
		return server{}, errors.New("a directory server has user information in its URL: ldaps://host or ldaps://host:port is expected")
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "ldaps" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return server{}, fmt.Errorf("directory server %s: ldaps://host or ldaps://host:port is expected", quote(s))
	}
	port := u.Port()
	if port == "" {
		port = "636"
	} else if !isPort(port) {
		return server{}, fmt.Errorf("directory server %s: that is no port", quote(s))
	}
	return server{name: s, host: u.Hostname(), addr: net.JoinHostPort(u.Hostname(), port)}, nil
}

// checkTLS refuses what would trust more than the Spine's own authorities.
func checkTLS(c *tls.Config) []error {
	if c == nil {
		return []error{errors.New("no TLS configuration: the directory asks for a client certificate")}
	}
	var errs []error
	if c.RootCAs == nil {
		errs = append(errs, errors.New("the TLS configuration has no roots of its own"))
	}
	if c.InsecureSkipVerify && c.VerifyConnection == nil {
		errs = append(errs, errors.New("the TLS configuration does not verify the server"))
	}
	if c.MinVersion != 0 && c.MinVersion < tls.VersionTLS12 {
		errs = append(errs, errors.New("the TLS configuration admits less than TLS 1.2"))
	}
	return errs
}

// Endpoint asks for the MHS record and then for the AS record with its party key.
func (d *LDAP) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	code, err := parseQuestion(ods, id)
	if err != nil {
		return Endpoint{}, err
	}
	mhs, err := d.findMHS(ctx, code, id)
	if err != nil {
		return Endpoint{}, d.explainMiss(ctx, code, about(err, StepMHS, code, id))
	}
	as, err := d.findAS(ctx, code, mhs.PartyKey)
	if err != nil {
		return Endpoint{}, about(err, StepAS, code, id)
	}
	return Endpoint{Address: mhs.Address, ASID: as.ASID, PartyKey: mhs.PartyKey}, nil
}

func (d *LDAP) findMHS(ctx context.Context, ods string, id Interaction) (Candidate, error) {
	a, err := d.search(ctx, mhsQuery(ods, id))
	var cs []Candidate
	for _, e := range a.entries {
		for _, address := range orNone(e.values("nhsMhsEndPoint")) {
			for _, key := range orNone(e.values("nhsMhsPartyKey")) {
				cs = append(cs, Candidate{Record: e.dn, Address: address, PartyKey: key})
			}
		}
	}
	var taken Candidate
	if err == nil {
		taken, err = chooseMHS(cs, d.pinned[ods], wholeMHS)
	}
	if err == nil {
		err = d.allow.admit(taken.Address, cs)
	}
	return taken, a.tell(ctx, cs, err)
}

func (d *LDAP) findAS(ctx context.Context, ods, partyKey string) (Candidate, error) {
	a, err := d.search(ctx, asQuery(ods, partyKey))
	cs := asCandidates(a, partyKey)
	var taken Candidate
	if err == nil {
		taken, err = chooseAS(cs)
	}
	return taken, a.tell(ctx, cs, err)
}

// orNone lets a record that lacks an attribute be seen, with an empty value.
func orNone(values []string) []string {
	if len(values) == 0 {
		return []string{""}
	}
	return values
}

// asCandidates: a record with two identifiers is two answers; one with none is one that cannot be taken.
func asCandidates(a answer, partyKey string) []Candidate {
	var cs []Candidate
	for _, e := range a.entries {
		key := partyKey
		if key == "" {
			key = e.first("nhsMhsPartyKey")
		}
		for _, id := range orNone(e.values("uniqueIdentifier")) {
			cs = append(cs, Candidate{Record: e.dn, ASID: id, PartyKey: key})
		}
	}
	return cs
}

// OwnASID finds the ASID of a consumer's own system.
func (d *LDAP) OwnASID(ctx context.Context, q OwnQuery) (string, error) {
	q, err := parseOwn(q)
	if err != nil {
		return "", err
	}
	a, err := d.search(ctx, ownQuery(q))
	cs := asCandidates(a, "")
	var taken Candidate
	if err == nil {
		taken, err = chooseAS(cs)
	}
	if err := a.tell(ctx, cs, err); err != nil {
		return "", about(err, StepOwn, q.ODS, q.Interaction)
	}
	return taken.ASID, nil
}

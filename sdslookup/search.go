package sdslookup

import (
	"context"
	"errors"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// answer is what a search brought, and what a Trace is told of it.
type answer struct {
	query   query
	server  string
	entries []*entry
	took    time.Duration // without the wait for a connection
}

// tell reports the search to the trace, and returns err with the server's name and the candidates in it.
func (a answer) tell(ctx context.Context, cs []Candidate, err error) error {
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			named := *e
			if named.Server == "" {
				named.Server = a.server
			}
			if named.Candidates == nil {
				named.Candidates = cs
			}
			err = &named
		}
	}
	if t := traceOf(ctx); t != nil {
		t.searched(Search{a.query.step, a.server, a.query.base, a.query.filter, a.query.attributes, cs, a.took, err})
	}
	return err
}

// search asks, and asks once more over a new connection when the first one failed. The entries come
// whole or with an error beside them, except that errTooMany has the ones that were allowed.
func (d *LDAP) search(ctx context.Context, q query) (answer, error) {
	a := answer{query: q}
	var err error
	for attempt := 0; attempt < 2; attempt++ {
		var again bool
		again, err = d.attempt(ctx, &a)
		if err == nil || !again || ctx.Err() != nil {
			break
		}
	}
	return a, err
}

// attempt is one search over one connection. again says that the connection is spent and another one
// may do better.
func (d *LDAP) attempt(ctx context.Context, a *answer) (again bool, err error) {
	a.server, a.entries = "", nil
	l, err := d.borrow(ctx)
	if err != nil {
		return false, err
	}
	a.server = l.server.name
	began := time.Now()
	a.entries, again, err = judge(d.ask(ctx, l, a.query))
	a.took += time.Since(began)
	if e := new(Error); errors.As(err, &e) {
		e.Server = a.server
	}
	return again, err
}

// ask waits for the search or for ctx, whichever is first; nobody else's search is disturbed by either.
func (d *LDAP) ask(ctx context.Context, l *line, q query) (*operation, error) {
	defer d.giveBack(l)
	o, err := l.session.search(ctx, q, d.timeout)
	left := err != nil && ctx.Err() != nil
	if left && l.session.silence() >= suspicion || !left && spent(err) {
		d.retire(l)
	}
	if left {
		return o, ended(ctx)
	}
	return o, err
}

// ended is the error of a caller whose ctx is over: its end is reported as its end, before anything else.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{Kind: ErrUnavailable, Err: ctx.Err()}
	}
	return &Error{Kind: context.Canceled, Err: ctx.Err()}
}

// spent says whether an error means that the connection is not to be used again: everything but a result
// that the server gave in good order, and of those the ones by which it takes its leave.
func spent(err error) bool {
	if err == nil || errors.Is(err, errTooMany) {
		return false
	}
	var r *resultError
	return !errors.As(err, &r) || r.code == ldap.LDAPResultBusy || r.code == ldap.LDAPResultUnavailable
}

// judge turns a search's outcome into entries or an error of this package. Only an answer that says of
// itself that it is complete is believed.
func judge(o *operation, err error) (entries []*entry, again bool, _ error) {
	if e := new(Error); errors.As(err, &e) {
		return nil, false, err
	}
	var r *resultError
	isResult := errors.As(err, &r)
	switch {
	case err == nil && o.referred:
		return nil, false, &Error{Kind: ErrUnavailable, Err: errors.New("it referred us to another directory, which is not followed"), permanent: true}
	case err == nil:
		return o.entries, false, nil
	case isResult && r.code == ldap.LDAPResultNoSuchObject:
		return nil, false, &Error{Kind: ErrUnavailable, Err: errNoBranch, permanent: true}
	case isResult && r.code == ldap.LDAPResultSizeLimitExceeded:
		return o.entries, false, &Error{Kind: ErrAmbiguous, Err: errTooMany}
	case errors.Is(err, errTooMany):
		return o.entries, false, &Error{Kind: ErrAmbiguous, Err: err}
	}
	return nil, spent(err), failed(err)
}

// failed is an outcome that is no answer: the directory will not, or cannot.
func failed(err error) *Error {
	var r *resultError
	if errors.As(err, &r) {
		switch r.code {
		case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultInappropriateAuthentication,
			ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInsufficientAccessRights:
			return &Error{Kind: ErrRefused, Err: err}
		}
	}
	return &Error{Kind: ErrUnavailable, Err: err, permanent: !mayPass(err)}
}

// mayPass: a broken connection may be whole the next time, and a busy server idle; a refusal stays one.
func mayPass(err error) bool {
	var r *resultError
	if spent(err) || !errors.As(err, &r) {
		return true
	}
	switch r.code {
	case ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultOperationsError, ldap.LDAPResultOther:
		return true
	}
	return false
}

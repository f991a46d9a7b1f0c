package sdslookup

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// errTooMany: more entries than the search allowed, so the ones that came are not the whole answer.
var errTooMany = errors.New("more records than a lookup may have")

// answer is what a search brought, and what a Trace is told of it.
type answer struct {
	query   query
	server  string
	entries []*ldap.Entry
	began   time.Time
	took    time.Duration
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
	a := answer{query: q, began: time.Now()}
	var err error
	for attempt := 0; attempt < 2; attempt++ {
		var again bool
		a.server, a.entries, again, err = d.attempt(ctx, q)
		if err == nil || !again || ctx.Err() != nil {
			break
		}
	}
	a.took = time.Since(a.began)
	return a, err
}

// attempt is one search over one connection. again says that the connection is spent and another one
// may do better.
func (d *LDAP) attempt(ctx context.Context, q query) (server string, entries []*ldap.Entry, again bool, err error) {
	l, err := d.borrow(ctx)
	if err != nil {
		return "", nil, false, err
	}
	r := d.ask(ctx, l, q)
	entries, again, err = judge(r.result, r.err)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			e.Server = l.server.name
		}
	}
	return l.server.name, entries, again, err
}

type searchResult struct {
	result *ldap.SearchResult
	err    error
}

// ask waits for the search or for ctx, whichever is first. A search that is left behind ends within the
// connection's own timeout and disturbs nobody else's.
func (d *LDAP) ask(ctx context.Context, l *line, q query) searchResult {
	began := time.Now()
	done := make(chan searchResult, 1)
	go func() {
		defer d.giveBack(l)
		result, err := l.conn.Search(d.request(q))
		if err = l.cause(err); spent(err) {
			d.retire(l)
		}
		done <- searchResult{result, err}
	}()
	select {
	case r := <-done:
		return r
	case <-ctx.Done():
		if l.silentSince(began) {
			d.retire(l)
		}
		return searchResult{nil, ended(ctx)}
	}
}

func (d *LDAP) request(q query) *ldap.SearchRequest {
	seconds := int(math.Ceil(d.timeout.Seconds()))
	r := ldap.NewSearchRequest(q.base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, q.limit, seconds, false, q.filter, q.attributes, nil)
	r.EnforceSizeLimit = true
	return r
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
	if err == nil || errors.Is(err, ldap.ErrSizeLimitExceeded) {
		return false
	}
	var e *ldap.Error
	if !errors.As(err, &e) || e.ResultCode >= ldap.ErrorNetwork {
		return true
	}
	return e.ResultCode == ldap.LDAPResultBusy || e.ResultCode == ldap.LDAPResultUnavailable
}

// judge turns a search's outcome into entries or an error of this package. Only an answer that says of
// itself that it is complete is believed.
func judge(r *ldap.SearchResult, err error) (entries []*ldap.Entry, again bool, _ error) {
	if r != nil {
		entries = r.Entries
	}
	if e := new(Error); errors.As(err, &e) {
		return nil, false, err
	}
	switch {
	case err == nil && r != nil && len(r.Referrals) > 0:
		return nil, false, &Error{Kind: ErrUnavailable, Err: errors.New("it referred us to another directory, which is not followed"), permanent: true}
	case err == nil:
		return entries, false, nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, false, &Error{Kind: ErrUnavailable, Err: errNoBranch, permanent: true}
	case errors.Is(err, ldap.ErrSizeLimitExceeded) || ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return entries, false, &Error{Kind: ErrAmbiguous, Err: errTooMany}
	}
	return nil, spent(err), &Error{Kind: ErrUnavailable, Err: plain(err), permanent: !mayPass(err)}
}

// mayPass: a broken connection may be whole the next time, and a busy server idle; a refusal stays one.
func mayPass(err error) bool {
	return spent(err) || ldap.IsErrorAnyOf(err, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultOperationsError, ldap.LDAPResultOther)
}

// plain leaves out the packet that the library's error carries along.
func plain(err error) error {
	var e *ldap.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.ResultCode >= ldap.ErrorNetwork {
		return e.Err
	}
	return fmt.Errorf("it answered with result %d (%s)", e.ResultCode, ldap.LDAPResultCodeMap[e.ResultCode])
}

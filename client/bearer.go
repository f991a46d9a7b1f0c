package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"
)

// unsigned is the token's header, {"alg":"none","typ":"JWT"}.
const unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"

// scheme goes before the token in Authorization.
const scheme = "Bearer "

// form is a token that lacks its times. All else in it is the same at each
// attempt, so it is put together and linted once.
type form struct {
	issuer, audience string
	before, after    []byte // the claims in JSON, without the values of exp and iat
}

// newForm lints the claims and puts them into JSON.
func newForm(c Claims) (*form, error) {
	if err := c.lint(); err != nil {
		return nil, err
	}
	c.Expires, c.Issued = 0, 0
	claims, err := json.Marshal(c)
	if err != nil {
		return nil, errors.New("the audit token cannot be put into JSON")
	}
	// No text in the claims can look like this: its quotes would be escaped.
	before, after, _ := bytes.Cut(claims, []byte(`"exp":0,"iat":0`))
	return &form{issuer: c.Issuer, audience: c.Audience, before: before, after: after}, nil
}

// at fills in the times, and gives the value of Authorization. The token is
// unsecured (RFC 7519, section 6), so that its signature is empty and a dot is
// at its end.
func (f *form) at(now time.Time) (bearer string, t Token) {
	t = Token{Issuer: f.issuer, Audience: f.audience, Issued: now.Unix(), Expires: now.Add(tokenLife).Unix()}
	var room [3 << 10]byte // for the claims and then for the whole; what is longer is put elsewhere by append
	claims := append(room[:0:1<<10], f.before...)
	claims = strconv.AppendInt(append(claims, `"exp":`...), t.Expires, 10)
	claims = strconv.AppendInt(append(claims, `,"iat":`...), t.Issued, 10)
	claims = append(claims, f.after...)
	whole := append(append(append(room[1<<10:1<<10], scheme...), unsigned...), '.')
	whole = append(base64.RawURLEncoding.AppendEncode(whole, claims), '.')
	return string(whole), t
}

// mostForms is how many an encounter keeps: it is with few practices.
const mostForms = 32

// forms are those of one encounter's tokens. Installation, organisation and
// practitioner are an encounter's for good; what else is in a claim is in the key.
type forms struct {
	mu   sync.RWMutex
	kept map[formKey]*form
}

type formKey struct {
	audience string
	scope    Scope
	reason   string
}

// form gives that of the call's token. One of GP Connect 0.7 names the patient
// and is made each time.
func (k *call) form(now time.Time) (*form, error) {
	if k.forms == nil || k.row.FHIR == "DSTU2" {
		return newForm(k.claims(now))
	}
	key := formKey{k.endpoint.Address, k.row.Scope, k.reason()}
	if f := k.forms.get(key); f != nil {
		return f, nil
	}
	f, err := newForm(k.claims(now))
	if err == nil {
		k.forms.keep(key, f)
	}
	return f, err
}

func (f *forms) get(key formKey) *form {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.kept[key]
}

func (f *forms) keep(key formKey, made *form) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil || len(f.kept) >= mostForms {
		f.kept = make(map[formKey]*form, 1)
	}
	f.kept[key] = made
}

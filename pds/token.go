package pds

import (
	"context"
	"errors"
	"net/http"
)

// A TokenSource puts credentials on a request: [SignedJWT] and [APIKey] for an
// application of its own, [Bearer] for whatever else there is, such as the token of
// a healthcare worker who is logged on (user-restricted access). It is called once
// for each attempt and must be safe for concurrent use.
type TokenSource interface {
	Authorize(ctx context.Context, h http.Header) error
}

// renewable is a source that can be told that PDS refused (401) what it gave out,
// and answers whether it will give out something else.
type renewable interface{ refused(http.Header) bool }

// Bearer is the token that f gives, for each request: f does its own remembering.
// Of f's errors nothing is printed; errors.Is and errors.As find them.
func Bearer(f func(context.Context) (string, error)) TokenSource { return &bearer{f} }

type bearer struct {
	token func(context.Context) (string, error)
}

func (b *bearer) Authorize(ctx context.Context, h http.Header) error {
	token, err := b.token(ctx)
	if err != nil {
		return err
	}
	return setBearer(h, token)
}

func (b *bearer) check() error {
	if b.token == nil {
		return errors.New("the bearer token's function is nil")
	}
	return nil
}

// APIKey is the access of environments that take an application's key alone.
func APIKey(key string) TokenSource { return &apiKey{key} }

type apiKey struct{ key string }

func (k *apiKey) Authorize(_ context.Context, h http.Header) error {
	h["Apikey"] = []string{k.key}
	return nil
}

func (k *apiKey) check() error {
	if !isHeaderWord(k.key) {
		return errors.New("the API key is empty or holds white space")
	}
	return nil
}

func setBearer(h http.Header, token string) error {
	if !isHeaderWord(token) {
		return &Error{Op: "use the token", class: ErrAccessDenied, detail: "it is empty or cannot stand in a header"}
	}
	h["Authorization"] = []string{"Bearer " + token}
	return nil
}

// isHeaderWord says whether s is visible ASCII without spaces.
func isHeaderWord(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return s != ""
}

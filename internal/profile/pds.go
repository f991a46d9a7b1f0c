package profile

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/gpconnect-go/gpc/pds"
)

// PDS is how patients are traced: with a signed assertion (key, kid,
// client_id, token_url), with an API key, or, in an open sandbox, with neither.
type PDS struct {
	URL       string `toml:"url,omitempty"`
	Key       string `toml:"key,omitempty"` // private key file, RSA, PEM
	KeyID     string `toml:"kid,omitempty"`
	ClientID  string `toml:"client_id,omitempty"`
	TokenURL  string `toml:"token_url,omitempty"`
	APIKeyEnv string `toml:"api_key_env,omitempty"`
	CA        string `toml:"ca,omitempty"` // instead of the machine's authorities: PDS is on the internet
}

// HasPDS says whether patients can be traced.
func (p *Profile) HasPDS() bool { return p.PDS.URL != "" }

// Tracer gives the way to PDS for the organisation that asks, and what closes it.
func (p *Profile) Tracer(organisation string) (*pds.Client, func() error, error) {
	trust, err := p.internetRoots("pds.ca", p.PDS.CA)
	if err != nil {
		return nil, nil, err
	}
	token, end, err := p.pdsToken(trust, time.Now)
	if err != nil {
		return nil, nil, err
	}
	c, err := pds.New(pds.Config{BaseURL: p.PDS.URL, Token: token, TLS: trust})
	if err != nil {
		end()
		return nil, nil, p.problem(fmt.Sprintf("profile %q, pds: %v", p.Name, err), "correct the keys of [profiles.NAME.pds]")
	}
	closer := func() error { c.Close(); end(); return nil }
	asking, err := c.As(pds.Asking{Organisation: organisation})
	if err != nil {
		_ = closer()
		return nil, nil, p.problem(fmt.Sprintf("profile %q, pds: %v", p.Name, err), "check the originator's ODS code")
	}
	return asking, closer, nil
}

// PDSToken gets an access token from PDS's token endpoint, to see whether it
// can be had; where the profile needs none, token is false.
func (p *Profile) PDSToken(ctx context.Context, now func() time.Time) (token bool, err error) {
	trust, err := p.internetRoots("pds.ca", p.PDS.CA)
	if err != nil {
		return false, err
	}
	source, end, err := p.pdsToken(trust, now)
	if err != nil {
		return false, err
	}
	defer end()
	signed, ok := source.(*pds.SignedJWT)
	if !ok {
		return false, nil
	}
	_, err = signed.Token(ctx)
	return true, err
}

// clock is the system's but for what it says the time is.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time { return c.now() }

func (clock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// internetRoots reads the authorities of a service on the internet; without a
// file they are the machine's.
func (p *Profile) internetRoots(key, file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	data, err := p.readFile(key, file)
	if err != nil {
		return nil, err
	}
	trust := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	if !trust.RootCAs.AppendCertsFromPEM(data) {
		return nil, p.problem(fmt.Sprintf("%s = %q holds no certificate", key, file), "name a PEM file with the service's authorities")
	}
	return trust, nil
}

func (p *Profile) pdsToken(trust *tls.Config, now func() time.Time) (pds.TokenSource, func(), error) {
	nothing := func() {}
	switch {
	case p.PDS.Key != "" && p.PDS.APIKeyEnv != "":
		return nil, nil, p.problem("pds has both a key and an api_key_env", "keep the one that the environment uses")
	case p.PDS.APIKeyEnv != "":
		key := p.env(p.PDS.APIKeyEnv)
		if key == "" {
			return nil, nil, p.unset("pds.api_key_env", p.PDS.APIKeyEnv)
		}
		return pds.APIKey(key), nothing, nil
	case p.PDS.Key == "":
		return nil, nothing, nil
	}
	data, err := p.readFile("pds.key", p.PDS.Key)
	if err != nil {
		return nil, nil, err
	}
	key, err := pds.ParseKey(data)
	if err != nil {
		return nil, nil, p.problem(fmt.Sprintf("pds.key = %q: %v", p.PDS.Key, err), "name the RSA key whose public half is registered")
	}
	token, err := pds.NewSignedJWT(pds.SignedJWTConfig{TokenURL: p.PDS.TokenURL, ClientID: p.PDS.ClientID, KeyID: p.PDS.KeyID, Key: key, TLS: trust, Clock: clock{now}})
	if err != nil {
		return nil, nil, p.problem(fmt.Sprintf("profile %q, pds: %v", p.Name, err), "correct kid, client_id and token_url of [profiles.NAME.pds]")
	}
	return token, token.Close, nil
}

package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"
)

// A transportCase is one of the official suite's that only TLS can answer, by its id.
type transportCase struct {
	id, name string
	at       string // proxy, or provider called directly
	try      func(*wire) error
}

// transportCases are all of them. At the proxy the client is the consumer, at the provider it
// stands for the proxy.
func transportCases() []transportCase {
	cases := []transportCase{
		{"SSP#608", "without TLS", "proxy", closedWithoutTLS},
		{"SSP#609", "the consumer's certificate", "proxy", answers(consumersOwn, 200)},
		{"SSP#610", "a certificate in another name", "proxy", answers(inAnotherName, 495)},
		{"SSP#614", "no certificate", "proxy", closed(none)},
		{"SSP#624", "NULL-MD5", "proxy", refuses(0x0001)},
		{"Security#732", "a certificate in another name", "provider", answers(inAnotherName, 495)},
		{"Security#733", "a certificate of another authority", "provider", answers(ofAnotherAuthority, 495)},
		{"Security#734", "a certificate that was revoked", "provider", answers(revoked, 495)},
		{"Security#735", "no certificate", "provider", answers(none, 496)},
		{"Security#736", "ECDHE-RSA-AES128-GCM-SHA256", "provider", agrees(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)},
		{"Security#737", "ECDHE-RSA-AES256-GCM-SHA384", "provider", agrees(tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)},
		{"Security#739", "ECDHE-RSA-AES256-SHA", "provider", agrees(tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA)},
		{"Security#746", "AES128-SHA256", "provider", refuses(tls.TLS_RSA_WITH_AES_128_CBC_SHA256)},
	}
	// The suite wants these accepted. Go's TLS does not have them, so they are refused as what
	// is unknown is: at once, with the alert that says so.
	for id, suite := range map[string]uint16{
		"Security#738": 0xc028, // ECDHE-RSA-AES256-SHA384
		"Security#740": 0x009e, // DHE-RSA-AES128-GCM-SHA256
		"Security#741": 0x009f, // DHE-RSA-AES256-GCM-SHA384
		"Security#742": 0x006b, // DHE-RSA-AES256-SHA256
		"Security#743": 0x0039, // DHE-RSA-AES256-SHA
	} {
		cases = append(cases, transportCase{id, "a cipher that Go has not", "provider", refuses(suite)})
	}
	return cases
}

func TestOfficialTransport(t *testing.T) {
	s := run(t, Config{Provider: "https://127.0.0.1:0"})
	for _, c := range transportCases() {
		t.Run(c.id, func(t *testing.T) {
			before := len(s.Requests())
			if err := c.try(&wire{t: t, s: s, at: c.at}); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			for _, q := range s.Requests()[before:] {
				if q.Where != "ldap" && (q.Status == 200) != (q.Rule == "") {
					t.Errorf("%s: the history has status %d with rule %q", c.name, q.Status, q.Rule)
				}
			}
		})
	}
}

// TestTransportBesides is what the suite does not ask: TLS versions, the other kind of key,
// the directory, and who it is that the proxy lets in.
func TestTransportBesides(t *testing.T) {
	s := run(t, Config{Provider: "https://127.0.0.1:0"})
	for _, test := range []transportCase{
		{"", "the consumer's certificate", "provider", answers(consumersOwn, 200)},
		{"", "a certificate of another authority", "proxy", closed(ofAnotherAuthority)},
		{"", "a certificate that was revoked", "proxy", closed(revoked)},
		{"", "ECDHE-ECDSA-AES128-GCM-SHA256", "proxy", agrees(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)},
		{"", "ECDHE-ECDSA-AES256-GCM-SHA384", "proxy", agrees(tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)},
		{"", "ECDHE-ECDSA-AES256-SHA", "proxy", agrees(tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA)},
		{"", "ECDHE-RSA-AES256-GCM-SHA384", "proxy", agrees(tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)},
		{"", "TLS 1.1", "proxy", closed(func(w *wire, c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })},
		{"", "another server's name", "proxy", closed(func(w *wire, c *tls.Config) { c.ServerName = "elsewhere.example" })},
		{"", "a server nobody trusts", "proxy", closed(func(w *wire, c *tls.Config) { c.RootCAs = x509.NewCertPool() })},
	} {
		if err := test.try(&wire{t: t, s: s, at: test.at}); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for name, change := range map[string]func(*wire, *tls.Config){"none": none, "another authority": ofAnotherAuthority, "revoked": revoked} {
		config := (&wire{t: t, s: s}).config(change)
		_, address, _ := strings.Cut(s.LDAPURL(), "://")
		c, err := tls.Dial("tcp", address, config)
		if err == nil { // TLS 1.3: the refusal comes with the first octet
			c.SetDeadline(time.Now().Add(10 * time.Second))
			c.Write(goodSearch(1))
			_, err = c.Read(make([]byte, 1))
			c.Close()
		}
		if err == nil {
			t.Errorf("the directory, certificate %s: got an answer", name)
		}
	}
	stranger := func(a *attempt) { a.header.Set("Ssp-From", "400000000018") } // a system whose name is not in the certificate
	r := from(t, s, "B82617").do("fhir:rest:read:metadata-1", "/metadata", nil, stranger)
	if code, _ := r.outcome(t); r.status != 403 || !strings.HasPrefix(code, "ASID_CHECK_FAILED") {
		t.Errorf("a certificate in another sender's name: got %d %s, want 403 ASID_CHECK_FAILED", r.status, code)
	}
}

func consumersOwn(*wire, *tls.Config) {}

func none(_ *wire, c *tls.Config) { c.Certificates = nil }

func ofAnotherAuthority(w *wire, c *tls.Config) {
	c.Certificates = trust(w.t, run(w.t, Config{})).Certificates
}

// inAnotherName has a certificate of the sandbox's own sub CA for nobody it knows.
func inAnotherName(w *wire, c *tls.Config) {
	stranger, err := enrol(certificate("stranger.sandbox.example", false), w.s.keys.sub)
	if err != nil {
		w.t.Fatal(err)
	}
	c.Certificates = []tls.Certificate{*stranger.chained(w.s.keys.sub)}
}

func revoked(w *wire, c *tls.Config) {
	chain, err := w.s.File("revoked.pem")
	if err != nil {
		w.t.Fatal(err)
	}
	key, err := w.s.File("revoked.key")
	if err != nil {
		w.t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		w.t.Fatal(err)
	}
	c.Certificates = []tls.Certificate{pair}
}

package sandbox

import (
	"crypto/x509"
	_ "embed" // the page is a file
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// storePassword is the password of client.p12 and ca.p12. It keeps nobody out: some tools
// open no file without one.
const storePassword = "sandbox"

// keyStore is the client's certificate, its chain and key as PKCS#12, of the kind that
// OpenSSL 3, Java 8u301, Windows Server 2019 and later read.
func (s *Server) keyStore() ([]byte, error) {
	chain := []*x509.Certificate{s.keys.sub.cert, s.keys.root.cert}
	b, err := pkcs12.Modern2023.Encode(s.keys.consumer.key, s.keys.consumer.cert, chain, storePassword)
	if err != nil {
		return nil, fmt.Errorf("sandbox: encoding client.p12: %w", err)
	}
	return b, nil
}

// trustStore is the root as PKCS#12, as Java wants to be told whom to trust.
func (s *Server) trustStore() ([]byte, error) {
	b, err := pkcs12.Modern2023.EncodeTrustStore([]*x509.Certificate{s.keys.root.cert}, storePassword)
	if err != nil {
		return nil, fmt.Errorf("sandbox: encoding ca.p12: %w", err)
	}
	return b, nil
}

// A setting is one line of the environment: an address or identifier that a consumer needs.
type setting struct {
	name, value string
}

// file says whether a setting names one of the files.
func (v setting) file() bool {
	return slices.ContainsFunc(handouts(), func(h handout) bool { return h.name == v.value })
}

// settings are all there is to know about this server. The practice and the patient are
// there to begin with; the status page lists the others.
func (s *Server) settings() []setting {
	one, two := consumers()[0], consumers()[1]
	practice := s.registry.practices[examplePractice]
	all := []setting{
		{"SANDBOX_LDAP_URL", s.LDAPURL()},
		{"SANDBOX_PROXY_URL", s.ProxyURL()},
		{"SANDBOX_API_URL", s.APIURL()},
		{"SANDBOX_SDS_URL", s.SDSURL()},
		{"SANDBOX_PDS_URL", s.PDSURL()},
		{"SANDBOX_TOKEN_URL", s.TokenURL()},
		{"SANDBOX_SEED", fmt.Sprint(s.seed)},
		{"SANDBOX_CA", "ca.pem"},
		{"SANDBOX_CERT", "client.pem"},
		{"SANDBOX_KEY", "client.key"},
		{"SANDBOX_KEYSTORE", "client.p12"},
		{"SANDBOX_TRUSTSTORE", "ca.p12"},
		{"SANDBOX_STORE_PASSWORD", storePassword},
		{"SANDBOX_REVOKED_CERT", "revoked.pem"},
		{"SANDBOX_REVOKED_KEY", "revoked.key"},
		{"SANDBOX_API_KEY", apiKey},
		{"SANDBOX_PDS_CLIENT_ID", apiKey},
		{"SANDBOX_PDS_KEY", "pds.key"},
		{"SANDBOX_PDS_KID", assertionKeyID},
		{"SANDBOX_ODS", one.ods},
		{"SANDBOX_ASID", one.asid},
		{"SANDBOX_MANUFACTURER", one.manufacturer},
		{"SANDBOX_OTHER_ODS", two.ods},
		{"SANDBOX_OTHER_ASID", two.asid},
		{"SANDBOX_PRACTICE_ODS", practice.ODS},
		{"SANDBOX_PRACTICE_ASID", practice.ASID},
		{"SANDBOX_PRACTICE_ADDRESS", s.exampleAddress(practice, "fhir:rest:read:metadata-1")},
		{"SANDBOX_PRACTICE_STRUCTURED_ADDRESS", s.exampleAddress(practice, "fhir:operation:gpc.getstructuredrecord-1")},
		{"SANDBOX_PRACTICE_DOCUMENTS_ADDRESS", s.exampleAddress(practice, "documents:fhir:rest:read:binary-1")},
		{"SANDBOX_PATIENT", "9000000009"},
	}
	if u := s.ProviderURL(); u != "" {
		all = append(all, setting{"SANDBOX_PROVIDER_URL", u})
	}
	return all
}

const examplePractice = "A12345"

func (s *Server) exampleAddress(p practice, interaction string) string {
	if found := s.registry.of(p.ASID, gpconnect+interaction); len(found) > 0 {
		return s.moves.address(found[0].address)
	}
	return ""
}

// Environ is what a program of any language needs to use this server, as NAME=value: what
// ".env" has, with the files that they name in dir.
func (s *Server) Environ(dir string) []string {
	var all []string
	for _, v := range s.settings() {
		if v.file() {
			v.value = filepath.Join(dir, v.value)
		}
		all = append(all, v.name+"="+v.value)
	}
	return all
}

// environment is the settings for a shell, or for whatever else reads such a file. Of the
// folder that it is handed out into nothing may be known, and dir be "": paths are relative then.
func (s *Server) environment(dir string) []byte {
	var b strings.Builder
	b.WriteString("# Written by the sandbox: it is good until the sandbox stops.")
	if dir == "" {
		b.WriteString(" Paths are relative to this file.")
	}
	b.WriteByte('\n')
	for _, line := range s.Environ(dir) {
		name, value, _ := strings.Cut(line, "=")
		fmt.Fprintf(&b, "%s=%s\n", name, quoted(value))
	}
	return []byte(b.String())
}

// quoted puts quotes around what a shell would read otherwise, and around nothing else: not
// all that reads such a file knows them.
func quoted(value string) string {
	if !strings.ContainsAny(value, " \t'\"$`\\&;|<>()*?[]#~!{}") {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

//go:embed page/README.md
var readmePage string

// readme is the page with this server's settings in it.
func (s *Server) readme() []byte {
	var pairs []string
	for _, v := range s.settings() {
		pairs = append(pairs, "{{"+v.name+"}}", v.value)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(readmePage))
}

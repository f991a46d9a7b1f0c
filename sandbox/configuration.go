package sandbox

import (
	"fmt"
	"strings"
)

// pdsConfigured says whether gpc.toml has a section for PDS. A client that reads its
// configuration strictly must know the keys before they may be in it.
const pdsConfigured = true

// configuration is the file gpc.toml.
func (s *Server) configuration() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# Written by the sandbox: it is good until the sandbox stops.
default = "sandbox"

[journal] # of writes: they concern this sandbox alone
dir = "journal"

[profiles.sandbox]
proxy      = %q
cert       = "client.pem"
key        = "client.key"
ca         = "ca.pem"
issuer     = "https://%s/"
originator = %q

[profiles.sandbox.sds]
ldap        = [%q]
allow_hosts = [".sandbox.example"]
`, s.ProxyURL(), consumerFQDN, consumers()[0].ods, s.LDAPURL())
	if pdsConfigured {
		b.WriteString(s.pdsSection())
	}
	for _, c := range consumers() {
		fmt.Fprintf(&b, `
[profiles.sandbox.originators.%s]
asid  = %q
name  = %q
type  = %q
phone = %q
`, c.ods, c.asid, c.name, c.kind, c.phone)
	}
	b.WriteString(`
[profiles.sandbox.user]
id                  = "10019"
family              = "Tester"
given               = ["Sandy"]
prefix              = ["Dr"]
sds_user_id         = "UNK"
sds_role_profile_id = "UNK"
local_system        = "https://consumer.sandbox.example/Id/user"

[profiles.sandbox.device]
system  = "https://consumer.sandbox.example/Id/device"
id      = "sandbox-1"
model   = "gpc"
version = "1.0.0"
`)
	return []byte(b.String())
}

// pdsSection is the part of gpc.toml that PDS is reached by.
func (s *Server) pdsSection() string {
	return fmt.Sprintf(`
[profiles.sandbox.pds]
url       = %q
token_url = %q
ca        = "ca.pem"
client_id = %q
kid       = %q
key       = "pds.key"
`, s.PDSURL(), s.TokenURL(), apiKey, assertionKeyID)
}

package mtls

import (
	"errors"
	"path/filepath"
	"testing"
)

// TestNewRevocationListIsConsulted: a list that is replaced while the process
// runs holds for the connections made from then on.
func TestNewRevocationListIsConsulted(t *testing.T) {
	w := newInstallation(t)
	client, bystander := w.issue("consumer.test"), w.issue("bystander.test")
	w.write("client.pem", client.pem())
	w.write("client.key", client.keyPEM(t))
	w.write("spine.crl", w.spine.sub.revoke(t, bystander))
	in := func(name string) string { return filepath.Join(w.dir, name) }
	source, err := Load(Files{Chain: in("client.pem"), Key: in("client.key"), Roots: in("roots.pem"), CRL: in("spine.crl"), ServerName: "proxy.test"})
	if err != nil {
		t.Fatal(err)
	}
	config, address := source.TLS(), serve(t, w.server())
	if said, err := call(address, config); err != nil || said != "consumer.test" {
		t.Errorf("before: got %q, %v; want a connection", said, err)
	}
	w.write("spine.crl", w.spine.sub.revoke(t, bystander, w.spine.server))
	_, err = call(address, config)
	if r := new(Revoked); !errors.As(err, &r) || r.Subject != "proxy.test" {
		t.Errorf("with the new list: got %v; want a *Revoked for proxy.test", err)
	}
}

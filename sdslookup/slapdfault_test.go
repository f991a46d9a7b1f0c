//go:build linux

package sdslookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ownSlapd is an OpenLDAP process of this test's own, to be stopped and killed, beside the one that
// GPC_SLAPD names. It takes that one's configuration (next to GPC_SLAPD_PKI) for the schema.
type ownSlapd struct {
	dir, conf, url string
	process        *exec.Cmd
	ended          chan struct{}
}

func startSlapd(t *testing.T, certificate, extra string) *ownSlapd {
	t.Helper()
	shared := realDirectory(t)
	conf, err := os.ReadFile(filepath.Join(shared.pki, "..", "slapd.conf"))
	if err != nil {
		t.Fatal(err)
	}
	s := &ownSlapd{dir: t.TempDir()}
	s.conf = filepath.Join(s.dir, "slapd.conf")
	if err := os.Mkdir(filepath.Join(s.dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		"directory "+filepath.Join(shared.pki, "..", "db"), "directory "+filepath.Join(s.dir, "db"),
		filepath.Join(shared.pki, "..", "slapd.pid"), filepath.Join(s.dir, "slapd.pid"),
		filepath.Join(shared.pki, "server."), filepath.Join(shared.pki, certificate+"."),
		"idletimeout 60", "idletimeout 60\n"+extra,
	).Replace(string(conf))
	if err := os.WriteFile(s.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load := exec.Command(tool(t, "slapadd"), "-q", "-f", s.conf)
	load.Stdin = strings.NewReader(practiceLDIF("A12345"))
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v\n%s", err, out)
	}
	s.start(t)
	t.Cleanup(func() { s.kill() })
	return s
}

func tool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return filepath.Join("/usr/sbin", name)
}

// start runs slapd until it answers; on the port it had before, or else on one that is free.
func (s *ownSlapd) start(t *testing.T) {
	t.Helper()
	for range 10 {
		if s.url == "" {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s.url = "ldaps://" + l.Addr().String()
			l.Close()
		}
		s.process = exec.Command(tool(t, "slapd"), "-f", s.conf, "-h", s.url, "-d", "0")
		if err := s.process.Start(); err != nil {
			t.Fatal(err)
		}
		s.ended = make(chan struct{})
		go func() { s.process.Wait(); close(s.ended) }()
		if s.answers() {
			return
		}
		s.kill()
		s.url = ""
	}
	t.Fatal("slapd did not start")
}

func (s *ownSlapd) answers() bool {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "ldaps://")); err == nil {
			c.Close()
			return true
		}
		select {
		case <-s.ended:
			return false
		default:
		}
	}
	return false
}

func (s *ownSlapd) kill() {
	s.process.Process.Kill()
	<-s.ended
}

// stop returns when every thread of the process has stopped; the signal alone takes its time.
func (s *ownSlapd) stop(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); !s.stopped(t); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("slapd does not stop")
		}
	}
}

func (s *ownSlapd) stopped(t *testing.T) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.process.Process.Pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(stat), ") T ") {
			return false
		}
	}
	return true
}

func (s *ownSlapd) resume(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

func (s *ownSlapd) directory(t *testing.T, change func(*LDAPConfig), more ...string) *LDAP {
	t.Helper()
	return realDirectory(t).directory(t, func(c *LDAPConfig) {
		c.Servers = append([]string{s.url}, more...)
		if change != nil {
			change(c)
		}
	})
}

// practiceLDIF is a directory with one practice, in the records' own words.
func practiceLDIF(ods string) string {
	common := "nhsIDCode: %[1]s\nnhsMHSPartyKey: %[1]s-0000001\nnhsProductKey: 1\nnhsRequestorURP: x\nnhsDateRequested: 20260101000000\nnhsApproverURP: x\nnhsDateApproved: 20260101000000\n"
	return fmt.Sprintf("dn: o=nhs\nobjectClass: organization\no: nhs\n\ndn: ou=Services,o=nhs\nobjectClass: organizationalUnit\nou: Services\n\n"+
		"dn: uniqueIdentifier=S%[1]s,ou=Services,o=nhs\nobjectClass: nhsMhs\nuniqueIdentifier: S%[1]s\n"+common+
		"nhsMhsSvcIA: %[2]s\nnhsMHsSN: urn:nhs:names:services:gpconnect\nnhsMHsIN: fhir:rest:search:slot-1\nnhsMHSEndPoint: https://gp.example.nhs.uk/%[1]s/STU3/1/gpconnect\n"+
		"nhsMHSIsAuthenticated: none\nnhsMhsCPAId: S%[1]s\nnhsDNSApprover: x\nnhsDateDNSApproved: 20260101000000\nnhsEPInteractionType: FHIR\nnhsContractPropertyTemplateKey: 14\nnhsMhsFQDN: gp.example.nhs.uk\n\n"+
		"dn: uniqueIdentifier=200000000001,ou=Services,o=nhs\nobjectClass: nhsAs\nuniqueIdentifier: 200000000001\n"+common+"nhsAsSvcIA: %[2]s\n\n", ods, slotSearch)
}

// TestRealServerStopped: a process that is stopped keeps its connections and says nothing.
func TestRealServerStopped(t *testing.T) {
	s := startSlapd(t, "server", "")
	d := s.directory(t, nil)
	if err := within(t, 5*time.Second, ask(d, "A12345")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.stop(t)
		for range 3 {
			err := within(t, 300*time.Millisecond, ask(d, "A12345"))
			if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("stopped: got %v", err)
			}
		}
		s.resume(t)
		if err := within(t, time.Second, ask(d, "A12345")); err != nil {
			t.Errorf("running again: %v", err)
		}
	}
}

// TestRealServerKilled: killed with many searches under way, then started again.
func TestRealServerKilled(t *testing.T) {
	s := startSlapd(t, "server", "")
	d := s.directory(t, nil)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := within(t, 500*time.Millisecond, ask(d, "A12345"))
				if err != nil && !errors.Is(err, ErrUnavailable) {
					t.Errorf("got %v; want ErrUnavailable or success", err)
					return
				}
			}
		})
	}
	for range 3 {
		if err := within(t, time.Second, ask(d, "A12345")); err != nil {
			t.Errorf("before: %v", err)
		}
		s.kill()
		if err := within(t, time.Second, ask(d, "A12345")); !errors.Is(err, ErrUnavailable) {
			t.Errorf("killed: got %v", err)
		}
		s.start(t)
		if err := within(t, time.Second, ask(d, "A12345")); err != nil {
			t.Errorf("started again: %v", err)
		}
	}
	close(stop)
	wg.Wait()
}

// TestRealServerAndADeadOne: in either order, and when the one in use is stopped.
func TestRealServerAndADeadOne(t *testing.T) {
	s, shared := startSlapd(t, "server", ""), realDirectory(t)
	lookup := func(d *LDAP, allowed time.Duration) error {
		return within(t, allowed, func(ctx context.Context) error {
			_, err := d.Endpoint(ctx, "A80001", slotSearch)
			return err
		})
	}
	d := s.directory(t, func(c *LDAPConfig) { c.Timeout = 2 * time.Second }, shared.url)
	if err := lookup(d, 5*time.Second); !errors.Is(err, ErrNotFound) {
		t.Errorf("our own has no A80001: got %v", err)
	}
	s.stop(t)
	if err := lookup(d, 10*time.Second); err != nil {
		t.Errorf("stopped, with another to turn to: %v", err)
	}
	s.resume(t)
	s.kill()
	d = s.directory(t, nil, shared.url)
	if err := lookup(d, 5*time.Second); err != nil {
		t.Errorf("dead first: %v", err)
	}
}

// TestRealServerIdle: OpenLDAP closes connections that have lain idle for a second or two.
func TestRealServerIdle(t *testing.T) {
	s := startSlapd(t, "server", "idletimeout 1")
	d := s.directory(t, nil)
	for range 2 {
		if err := within(t, time.Second, ask(d, "A12345")); err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		l := d.line
		d.mu.Unlock()
		for deadline := time.Now().Add(10 * time.Second); l.session.failure() == nil; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the server did not close the idle connection")
			}
		}
	}
}

func TestRealServerWithAnotherName(t *testing.T) {
	s := startSlapd(t, "wrongname", "")
	d := s.directory(t, func(c *LDAPConfig) { c.TLS.ServerName = "directory.test" })
	expectTLS(t, within(t, 2*time.Second, ask(d, "A12345")), "the directory's certificate is not to be trusted")
}

// TestRealServerRevoked: the list is consulted where the configuration says so.
func TestRealServerRevoked(t *testing.T) {
	shared := realDirectory(t)
	s := startSlapd(t, "revokedserver", "")
	data, err := os.ReadFile(filepath.Join(shared.pki, "ca.crl"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	d := s.directory(t, func(c *LDAPConfig) {
		c.TLS.VerifyConnection = func(cs tls.ConnectionState) error {
			for _, r := range list.RevokedCertificateEntries {
				if r.SerialNumber.Cmp(cs.PeerCertificates[0].SerialNumber) == 0 {
					return errors.New("the certificate is revoked")
				}
			}
			return nil
		}
	})
	expectTLS(t, within(t, 2*time.Second, ask(d, "A12345")), "the certificate is revoked")
	if err := within(t, 2*time.Second, ask(s.directory(t, nil), "A12345")); err != nil {
		t.Errorf("without a list: %v", err)
	}
}

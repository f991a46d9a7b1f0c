//go:build unix

package matrix

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// front is a stock nginx in the proxy's place: TLS 1.2, a client certificate
// demanded and held against a revocation list. GPC_NGINX_SSP is the folder of the
// script that starts it (start.sh DIR PKI), GPC_SLAPD_PKI the certificates.
type front struct{ address, pki string }

// tools are the two folders, or the test is left out; never in CI.
func tools(t *testing.T) (ssp, pki string) {
	t.Helper()
	ssp, pki = os.Getenv("GPC_NGINX_SSP"), os.Getenv("GPC_SLAPD_PKI")
	if ssp != "" && pki != "" {
		return ssp, pki
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("GPC_NGINX_SSP and GPC_SLAPD_PKI are not set, and CI is")
	}
	t.Skip("GPC_NGINX_SSP and GPC_SLAPD_PKI are not set")
	return "", ""
}

// startNginx runs the script with these variables, PORT among them chosen here.
// edit may alter the script, where a case needs what it does not offer.
func startNginx(t *testing.T, pki string, edit func(script string) string, variables ...string) *front {
	t.Helper()
	ssp, _ := tools(t)
	script, err := os.ReadFile(filepath.Join(ssp, "start.sh"))
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edited := edit(string(script))
		if edited == string(script) {
			t.Fatal("the script has not what the case alters")
		}
		script = []byte(edited)
	}
	path := filepath.Join(t.TempDir(), "start.sh")
	if err := os.WriteFile(path, script, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if f := tryNginx(t, path, pki, variables); f != nil {
			return f
		}
	}
	t.Fatal("nginx does not come up")
	return nil
}

// tryNginx gives nil where somebody else took the port meanwhile.
func tryNginx(t *testing.T, script, pki string, variables []string) *front {
	t.Helper()
	address := free(t)
	dir := t.TempDir()
	var said bytes.Buffer
	cmd := exec.Command("bash", script, dir, pki)
	_, port, _ := net.SplitHostPort(address)
	cmd.Env = append(append(os.Environ(), variables...), "PORT="+port)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		select {
		case <-ended:
			if strings.Contains(said.String(), "in use") {
				return nil
			}
			t.Fatalf("nginx ended: %s", said.String())
		case <-time.After(20 * time.Millisecond): // and ask again whether it listens
		}
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-ended
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "access.log"))
			t.Logf("nginx: %s", log)
		}
	})
	return &front{address: address, pki: pki}
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (f *front) url() string { return fmt.Sprintf("https://%s", f.address) }

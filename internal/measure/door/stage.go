package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// stage is the server that both sides call. It is a process of its own, as a
// proxy would be: in one process the scheduler would hand requests over as
// no network does.
type stage struct {
	url       string
	authority *authority

	cmd     *exec.Cmd
	input   io.Closer // its end ends the process
	control *http.Client
}

// terms are what the server is started with.
type terms struct {
	Answer            int // bytes
	Chain, Key, Roots []byte
}

func newStage(answer int) (*stage, error) {
	s := new(stage)
	var err error
	if s.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	t := terms{Answer: answer, Roots: certificatePEM(s.authority.cert.Raw)}
	if t.Chain, t.Key, err = s.authority.issue(x509.ExtKeyUsageServerAuth); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command(self)
	s.cmd.Env, s.cmd.Stderr = append(os.Environ(), childVariable+"=1"), os.Stderr
	input, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	s.input = input
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := json.NewEncoder(input).Encode(t); err != nil {
		return nil, err
	}
	var address string
	if _, err := fmt.Fscanln(output, &address); err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	s.url = "https://" + address
	return s, s.connect()
}

// connect makes a client of the stage's own, which asks it what it saw.
func (s *stage) connect() error {
	chain, key, err := s.authority.issue(x509.ExtKeyUsageClientAuth)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(chain, key)
	s.control = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.authority.pool(), Certificates: []tls.Certificate{pair}}}}
	return err
}

func (s *stage) close() {
	s.control.CloseIdleConnections()
	_ = s.input.Close()
	_ = s.cmd.Wait()
}

// seen is what the server saw since it was last asked.
type seen struct {
	Connections int
	Sizes       map[int]int    // connections by the bytes of the headers of their first request
	Shown       map[string]int // connections by the serial number of the client's certificate
}

// look asks the server what it saw, and has it end each connection after so
// many requests from now on; 0 for never.
func (s *stage) look(closeEach int) (v seen, err error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, fmt.Sprintf("%s%s?close=%d", s.url, controlPath, closeEach), nil)
	if err != nil {
		return v, err
	}
	resp, err := s.control.Do(req)
	if err != nil {
		return v, err
	}
	defer resp.Body.Close()
	return v, json.NewDecoder(resp.Body).Decode(&v)
}

// authority issues certificates that are good for an hour.
type authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	serial int64
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority to measure with"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert: cert, key: key, serial: 1}, err
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) issue(usage x509.ExtKeyUsage) (chain, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	a.serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: "one that is measured"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return certificatePEM(der), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), err
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// write puts a new client certificate, its key and the roots into dir, each file
// replaced in one step, as what renews certificates on a machine would do it.
func (a *authority) write(dir string) error {
	chain, key, err := a.issue(x509.ExtKeyUsageClientAuth)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		data []byte
	}{{"ca.pem", certificatePEM(a.cert.Raw)}, {"client.pem", chain}, {"client.key", key}} {
		path := filepath.Join(dir, file.name)
		if err := os.WriteFile(path+".new", file.data, 0o600); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}

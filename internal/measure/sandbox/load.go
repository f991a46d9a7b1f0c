package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// callers ask at once, each over a connection of its own.
const callers = 8

// A result is what the load generator counted.
type result struct {
	answers int64
	octets  int64 // of one answer
	took    time.Duration
}

func (r result) rate() float64 {
	if r.took == 0 {
		return 0
	}
	return float64(r.answers) / r.took.Seconds()
}

// everything is every clinical area of the patient with the demonstration record.
const everything = `{"resourceType":"Parameters","parameter":[
	{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}},
	{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]},
	{"name":"includeMedication"},{"name":"includeConsultations"},{"name":"includeProblems"},{"name":"includeImmunisations"},
	{"name":"includeUncategorisedData"},{"name":"includeInvestigations"},{"name":"includeReferrals"},{"name":"includeDiaryEntries"}]}`

// ask asks the sandbox that wrote its files into dir for one record again and again, through
// the proxy and over mutual TLS. An answer counts when it is 200 and as long as the first.
func ask(dir string, d time.Duration) (result, error) {
	env, err := environment(dir)
	if err != nil {
		return result{}, err
	}
	config, err := credentials(dir)
	if err != nil {
		return result{}, err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, MaxIdleConnsPerHost: callers, DisableCompression: true}}
	defer client.CloseIdleConnections()
	header, err := headers(env)
	if err != nil {
		return result{}, err
	}
	url := env["SANDBOX_PROXY_URL"] + "/" + env["SANDBOX_PRACTICE_STRUCTURED_ADDRESS"] + "/Patient/$gpc.getstructuredrecord"
	body := fmt.Appendf(nil, everything, env["SANDBOX_PATIENT"])
	var r result
	if r.octets, err = once(client, url, header, body); err != nil { // reads the record
		return r, err
	}
	var answers atomic.Int64
	var wg sync.WaitGroup
	wrong := make(chan error, callers)
	began := time.Now()
	for range callers {
		wg.Go(func() {
			for time.Since(began) < d {
				n, err := once(client, url, header, body)
				if err == nil && n != r.octets {
					err = fmt.Errorf("an answer of %d octets, where others have %d", n, r.octets)
				}
				if err != nil {
					wrong <- err
					return
				}
				answers.Add(1)
			}
		})
	}
	wg.Wait()
	r.took, r.answers = time.Since(began), answers.Load()
	close(wrong)
	return r, <-wrong
}

// once makes a request, and reads the answer to its end.
func once(client *http.Client, url string, header http.Header, body []byte) (int64, error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = header.Clone()
	req.Header["Ssp-TraceID"] = []string{uuid()}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New("an answer has the status " + resp.Status)
	}
	return n, err
}

// headers are those of a structured record, with an audit token that lasts five minutes.
func headers(env map[string]string) (http.Header, error) {
	now := time.Now().Unix()
	identifier := func(system, value string) []any { return []any{map[string]any{"system": system, "value": value}} }
	claims, err := json.Marshal(map[string]any{
		"iss": "https://consumer.sandbox.example/", "sub": "1", "aud": env["SANDBOX_PRACTICE_STRUCTURED_ADDRESS"], "iat": now, "exp": now + 300,
		"reason_for_request": "directcare", "requested_scope": "patient/*.read",
		"requesting_device":       map[string]any{"resourceType": "Device", "identifier": identifier("https://consumer.sandbox.example/Id/device", "1"), "model": "load", "version": "1"},
		"requesting_organization": map[string]any{"resourceType": "Organization", "identifier": identifier("https://fhir.nhs.uk/Id/ods-organization-code", env["SANDBOX_ODS"]), "name": "Load"},
		"requesting_practitioner": map[string]any{"resourceType": "Practitioner", "id": "1", "identifier": identifier("https://fhir.nhs.uk/Id/sds-user-id", "UNK"),
			"name": []any{map[string]any{"family": "Tester"}}},
	})
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims) + "."
	return http.Header{
		"Ssp-From": {env["SANDBOX_ASID"]}, "Ssp-To": {env["SANDBOX_PRACTICE_ASID"]},
		"Ssp-InteractionID": {"urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"},
		"Accept":            {"application/fhir+json"}, "Content-Type": {"application/fhir+json"}, "Authorization": {"Bearer " + token},
	}, err
}

func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// environment reads the file .env.
func environment(dir string) (map[string]string, error) {
	b, err := os.ReadFile(filepath.Join(dir, ".env"))
	env := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	return env, err
}

func credentials(dir string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("ca.pem has no certificate")
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}, nil
}

package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"9000000009":              "******0009",
		"a9000000009b 9000000017": "a******0009b ******0017",
		"nhs-number%7C9000000009": "nhs-number%7C******0009",
		"given%209000000009":      "given%20******0009",
		"200000000359":            "200000000359",
		"90000000091":             "90000000091",
		"%9000000009":             "%******0009",
		"2026-11-20":              "2026-11-20",
		"":                        "",
		"900000000":               "900000000",
		"record-9000000009.json":  "record-******0009.json",
		"number 900 000 0009":     "number *** *** 0009",
		"900-000-0009":            "***-***-0009",
		"%7C900%20000%200009&x=1": "%7C***%20***%200009&x=1",
		"x%20900+000+0009":        "x%20***+***+0009",
		"900 000 00091":           "900 000 00091",
		"900 000-0009":            "900 000-0009",
		"100 000 00":              "100 000 00",
		"123 abc 4567":            "123 abc 4567",
	} {
		if got := mask(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLogHasNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	s := run(t, Config{Plain: true, Log: &log, Faults: []string{"provider:hang@3"}})
	recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
	a := toward(t, s, "A12345", "urn:nhs:names:services:gpconnect:fhir:rest:search:patient-1", "GET",
		"/Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9000000009", "patient/*.read")
	a.send(t, s)
	a.address += "x" // refused, with the target in the rule
	a.header["Ssp-TraceID"] = []string{newUUID()}
	a.send(t, s)
	s.Close()
	text := log.String()
	for _, secret := range []string{"9000000009", "Thackeray", "Doe", "Bearer", "eyJ", "D1\"", "resourceType", "includeProblems"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q in it", secret)
		}
	}
	if !strings.Contains(text, "******0009") {
		t.Error("the log has no masked number in it")
	}
	lines, seen := 0, map[float64]bool{}
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("a line of the log is not JSON: %v", err)
		}
		for _, name := range []string{"seq", "at", "where", "line", "status"} {
			if _, ok := m[name]; !ok {
				t.Errorf("a line of the log has no %s", name)
			}
		}
		if m["where"] != "ldap" && m["trace"] == "" {
			t.Error("a call in the log has no trace id")
		}
		seen[m["seq"].(float64)] = true
		lines++
	}
	if want := len(s.Requests()); lines != want || len(seen) != want {
		t.Errorf("got %d lines with %d numbers, want %d", lines, len(seen), want)
	}
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	h := &history{now: run(t, Config{}).cfg.Now}
	for range remembered + 1 {
		h.arrive(Request{Where: "ldap"})
	}
	all := h.all()
	if len(all) > remembered || all[len(all)-1].Seq != remembered+1 {
		t.Errorf("got %d entries ending with %d, want at most %d ending with %d", len(all), all[len(all)-1].Seq, remembered, remembered+1)
	}
}

func TestRequestsIsAListAndACopy(t *testing.T) {
	s := run(t, Config{})
	if got := s.Requests(); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty list", got)
	}
	metadata(t, s).send(t, s)
	one := s.Requests()[2]
	one.Header.Set("Ssp-To", "changed")
	one.Claims["sub"] = "changed"
	if again := s.Requests()[2]; again.Header.Get("Ssp-To") == "changed" || again.Claims["sub"] == "changed" {
		t.Error("what a caller changes is changed in the history")
	}
}

func TestControl(t *testing.T) {
	s := run(t, Config{})
	config := trust(t, s)
	config.Certificates = nil // none is needed here
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	do := func(method, path, body string) (int, string) {
		req, err := http.NewRequest(method, s.APIURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(b))
	}
	if status, body := do("GET", "/health", ""); status != 200 || !strings.Contains(body, `"ok"`) {
		t.Errorf("health: got %d %s", status, body)
	}
	if status, body := do("GET", "/requests", ""); status != 200 || body != "[]" {
		t.Errorf("no requests: got %d %s, want an empty list", status, body)
	}
	if status, _ := do("POST", "/faults", "provider:status:503\n\nproxy:delay:1ms\n"); status != 204 {
		t.Errorf("faults on: got %d, want 204", status)
	}
	if r := metadata(t, s).send(t, s); r.status != 503 {
		t.Errorf("with the fault: got %d, want 503", r.status)
	}
	if _, body := do("GET", "/faults", ""); body != `[{"fault":"provider:status:503","seen":1,"struck":1},{"fault":"proxy:delay:1ms","seen":1,"struck":1}]` {
		t.Errorf("the faults that are on: got %s", body)
	}
	if status, body := do("POST", "/faults", "provider:hang\nprovider:explode"); status != 400 || !strings.Contains(body, "provider:hang") {
		t.Errorf("an unknown fault: got %d %s, want 400 and those that exist", status, body)
	}
	if _, body := do("GET", "/faults", ""); strings.Contains(body, "hang") {
		t.Errorf("after a refusal: got %s, want neither of the two", body)
	}
	if status, _ := do("DELETE", "/faults", ""); status != 204 {
		t.Errorf("faults off: got %d, want 204", status)
	}
	if _, body := do("GET", "/faults", ""); body != "[]" {
		t.Errorf("with all faults off: got %s, want an empty list", body)
	}
	recordOf(t, s, "A12345", "9000000009", everything).send(t, s)
	_, body := do("GET", "/requests", "")
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 8 {
		t.Errorf("requests: got %d, %v; want 8", len(list), err)
	}
	if strings.Contains(body, "9000000009") || strings.Contains(body, "Bearer") {
		t.Error("requests: personal data in it")
	}
	if status, _ := do("POST", "/reset", ""); status != 204 || len(s.Requests()) != 0 {
		t.Errorf("reset: got %d and %d requests, want 204 and none", status, len(s.Requests()))
	}
	if status, _ := do("GET", "/elsewhere", ""); status != 404 {
		t.Errorf("elsewhere: got %d, want 404", status)
	}
}

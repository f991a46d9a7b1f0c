package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/sandbox"
)

// A part of a question that leaves things out, as a flag and as it goes over the wire.
type narrowing struct {
	area, flag      string
	parameter, part string
	withProblems    bool // is permitted with problems
	withBoth        bool // is permitted with consultations and problems
}

// narrowings are those of "Combinations not permitted", and after them those that are.
var narrowings = []narrowing{
	{area: "medications", flag: "--medication-since=2025-01-01", parameter: "includeMedication", part: `{"name":"medicationSearchFromDate","valueDate":"2025-01-01"}`},
	{area: "uncategorised", flag: "--uncategorised-period=2025-01-01..", parameter: "includeUncategorisedData", part: `{"name":"uncategorisedDataSearchPeriod","valuePeriod":{"start":"2025-01-01"}}`},
	{area: "referrals", flag: "--referral-period=2025-01-01..", parameter: "includeReferrals", part: `{"name":"referralSearchPeriod","valuePeriod":{"start":"2025-01-01"}}`},
	{area: "diary", flag: "--diary-until=2199-01-01", parameter: "includeDiaryEntries", part: `{"name":"diaryEntriesSearchDate","valueDate":"2199-01-01"}`},
	{area: "immunisations", flag: "--not-given", parameter: "includeImmunisations", part: `{"name":"includeNotGiven","valueBoolean":true}`},
	{area: "immunisations", flag: "--without-status", parameter: "includeImmunisations", part: `{"name":"includeStatus","valueBoolean":false}`},
	{area: "problems", flag: "--problem-status=active", parameter: "includeProblems", part: `{"name":"filterStatus","valueCode":"active"}`, withProblems: true},
	{area: "problems", flag: "--problem-significance=major", parameter: "includeProblems", part: `{"name":"filterSignificance","valueCode":"major"}`, withProblems: true},
	{area: "investigations", flag: "--investigation-period=2025-01-01..", parameter: "includeInvestigations", part: `{"name":"investigationSearchPeriod","valuePeriod":{"start":"2025-01-01"}}`, withBoth: true},
	{area: "allergies", flag: "--without-resolved", parameter: "includeAllergies", part: `{"name":"includeResolvedAllergies","valueBoolean":false}`, withBoth: true},
	{area: "medications", flag: "--without-issues", parameter: "includeMedication", part: `{"name":"includePrescriptionIssues","valueBoolean":false}`, withBoth: true},
}

// Every combination that the specification forbids is refused by gpc, with nothing sent, and
// by the practice, to which the same is sent by other means; every other goes through both.
func TestCombinationsOfTheQuestion(t *testing.T) {
	server, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	if err := server.Write(dir); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "gpc.toml")
	for _, n := range narrowings {
		for _, with := range []string{"", "consultations", "problems"} {
			permitted := with == "" || n.withBoth || with == "problems" && n.withProblems
			name := n.flag + " with " + with
			before := len(server.Requests())
			areas := strings.TrimSuffix(n.area+","+with, ",")
			code, stdout, stderr := runGPC(t, nil, "--config", config, "record", "--ods", "A12345", "--nhs", "9000000009", "--include", areas, n.flag)
			sent := len(server.Requests()) > before
			if want := 2; !permitted && (code != want || sent || len(stdout) > 0) {
				t.Errorf("%s: got exit code %d, sent %t, %d bytes; want %d and nothing sent", name, code, sent, len(stdout), want)
			}
			if permitted && (code != 0 || !sent) {
				t.Errorf("%s: got exit code %d, sent %t, %s; want 0 and an answer", name, code, sent, stderr)
			}
			code, _, stderr = runGPC(t, nil, "--config", config, "call", "POST", "/Patient/$gpc.getstructuredrecord",
				"--ods", "A12345", "--body", question(t, n, with),
				"--interaction", "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1")
			if refused := code == 4 && strings.Contains(string(stderr), "INVALID_PARAMETER"); refused == permitted || permitted && code != 0 {
				t.Errorf("%s: the practice: got exit code %d, %s; want permitted %t", name, code, stderr, permitted)
			}
		}
	}
}

// question is the same question put together here.
func question(t *testing.T, n narrowing, with string) string {
	t.Helper()
	body := `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}},
		{"name":"` + n.parameter + `","part":[` + n.part + `]}`
	switch other := map[string]string{"consultations": "includeConsultations", "problems": "includeProblems"}[with]; other {
	case "", n.parameter:
	default:
		body += `,{"name":"` + other + `"}`
	}
	file := filepath.Join(t.TempDir(), "question.json")
	if err := os.WriteFile(file, []byte(body+"]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/pds"
)

// TestTracingPage: the page's table of reasons says of each what the exit code is
// and whether it can be overridden.
func TestTracingPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "tracing.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|"); len(cells) == 6 {
			rows[strings.Trim(cells[0], " `")] = cells
		}
	}
	for _, reason := range []pds.Reason{pds.NotFound, pds.Invalidated, pds.Superseded, pds.NotVerified, pds.Sensitive, pds.Deceased,
		pds.NoPractice, pds.OtherPractice, pds.Stale, pds.NotTraced, pds.Mismatch} {
		row, ok := rows[string(reason)]
		if !ok {
			t.Errorf("%s is not in the table", string(reason))
			continue
		}
		exit := strconv.Itoa(pdsExit(&pds.Refusal{Reason: reason}))
		if reason == pds.Superseded {
			exit = "0" // the command line goes on with the new number
		}
		override := map[bool]string{true: "yes", false: "no"}[reason.MayBeOverridden()]
		if got := strings.TrimSpace(row[4]); got != exit {
			t.Errorf("%s: the page says exit %s, gpc has %s", row[0], got, exit)
		}
		if got := strings.TrimSpace(row[5]); got != override {
			t.Errorf("%s: the page says that it can be overridden: %s, gpc has %s", row[0], got, override)
		}
	}
}

// TestExitCodes: the topic has what the README's table has.
func TestExitCodes(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	topic := strings.Join(strings.Fields(exitCodesTopic), " ")
	rows := 0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 {
			continue
		}
		if _, err := strconv.Atoi(strings.TrimSpace(cells[0])); err != nil {
			continue
		}
		rows++
		if want := strings.TrimSpace(cells[0]) + " " + strings.TrimSpace(cells[1]); !strings.Contains(topic, want) {
			t.Errorf("`gpc help exit-codes` does not say %q", want)
		}
	}
	if rows != 9 {
		t.Errorf("the README's table has %d exit codes, want 9", rows)
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// TestOutcomes: docs/directory.md has each outcome with its exit code and
// class, and no other.
func TestOutcomes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "directory.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(data), "| outcome | exit |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Count(table, "\n") - 1 // without the rule beneath the heading
	miss := func(r sdslookup.Reason) error { return &sdslookup.Error{Kind: sdslookup.ErrNotFound, Reason: r} }
	refused := func(r sdslookup.Reason) error {
		return &sdslookup.Error{Kind: sdslookup.ErrAddressRefused, Reason: r}
	}
	kind := func(err error) error { return &sdslookup.Error{Kind: err} }
	classes := []struct {
		class  string
		errors []error
	}{
		{"", []error{nil}},
		{"ErrNotFound", []error{miss(sdslookup.NotToldApart), miss(sdslookup.UnknownODS), miss(sdslookup.Closed), miss(sdslookup.NotEnabled),
			miss(sdslookup.NoASID), miss(sdslookup.Incomplete), miss(sdslookup.NotPinned)}},
		{"ErrNotKnown", []error{kind(sdslookup.ErrNotKnown)}},
		{"ErrAmbiguous", []error{kind(sdslookup.ErrAmbiguous)}},
		{"ErrAddressRefused", []error{refused(sdslookup.NoServiceRoot), refused(sdslookup.HostNotAllowed)}},
		{"ErrTLS", []error{kind(sdslookup.ErrTLS)}},
		{"ErrRefused", []error{kind(sdslookup.ErrRefused)}},
		{"ErrUnavailable", []error{kind(sdslookup.ErrUnavailable)}},
		{"ErrInvalid", []error{kind(sdslookup.ErrInvalid)}},
	}
	told := 0
	for _, c := range classes {
		for _, err := range c.errors {
			told++
			code := exitDone
			if err != nil {
				code = exitCode(err)
				if directoryCure(err) == "" {
					t.Errorf("%v has no cure", err)
				}
			}
			row := strings.TrimRight(fmt.Sprintf("\n| %s | %d | %s", outcomeOf(err), code, c.class), " ") + " |"
			if !strings.Contains(table, row) {
				t.Errorf("docs/directory.md has no row%s", row)
			}
		}
	}
	if told != rows {
		t.Errorf("docs/directory.md has %d outcomes, %d are told here", rows, told)
	}
	for _, err := range []error{context.Canceled, kind(context.Canceled)} {
		if got := outcomeOf(err); got != "failed" {
			t.Errorf("%v: got %q, want failed", err, got)
		}
	}
}

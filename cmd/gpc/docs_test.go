package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write docs/cli.md anew")

// TestDocs keeps docs/cli.md what the commands say of themselves.
func TestDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The command line\n\nWritten by a test from what the commands say of themselves: `go test ./cmd/gpc -run TestDocs -update`.\n")
	root := newRootCmd(&app{}, nil)
	describe(&b, root)
	for _, cmd := range root.Commands() {
		describe(&b, cmd)
		for _, sub := range cmd.Commands() {
			describe(&b, sub)
		}
	}
	file := filepath.Join("..", "..", "docs", "cli.md")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("docs/cli.md is out of date; run: go test ./cmd/gpc -run TestDocs -update")
	}
}

func describe(b *strings.Builder, cmd *cobra.Command) {
	fmt.Fprintf(b, "\n## `%s`\n\n", cmd.UseLine())
	words := cmd.Long
	if words == "" {
		words = cmd.Short + "."
	}
	fmt.Fprintf(b, "%s\n", words)
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n```\n%s\n```\n", cmd.Example)
	}
	flags := cmd.LocalFlags().FlagUsages()
	if flags != "" {
		fmt.Fprintf(b, "\n```\n%s```\n", flags)
	}
}

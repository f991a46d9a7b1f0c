package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestTraceIsPlain: what PDS wrote cannot move a terminal's cursor or change its colours.
func TestTraceIsPlain(t *testing.T) {
	var out bytes.Buffer
	o := traceOptions{output: output{format: "text"}}
	if err := o.print(&app{stdout: &out}, nil, facts{Name: "\x1b[2JSMITH", Removal: "DEA died\r\nrecord may be asked for  yes"}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.ContainsAny(got, "\x1b\r") || strings.Count(got, "\n") != 10 {
		t.Errorf("got %q", got)
	}
}

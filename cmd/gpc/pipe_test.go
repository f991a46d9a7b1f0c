//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// TestReaderIsGone: gpc whose stdout nobody reads any more ends quietly, as other
// tools do, and after its journals are closed: no call is of unknown end.
func TestReaderIsGone(t *testing.T) {
	a := newAudited(t)
	for range 3 {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := read.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := a.command("", asksForRecord...)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = write, &said
		err = cmd.Run()
		_ = write.Close()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitNoReader {
			t.Errorf("got %v, want exit code %d", err, exitNoReader)
		}
		if bytes.Contains(said.Bytes(), []byte("pipe")) {
			t.Errorf("said: %s", said.Bytes())
		}
	}
	report, missing := a.missing(t)
	if report.Begun != 3 || report.Unknown != 0 || len(missing) > 0 {
		t.Errorf("got %d calls begun, %d of unknown end, %v missing; want 3 and none", report.Begun, report.Unknown, missing)
	}
}

//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSandboxTakesItsKeysAway: however its terminal ends it, gpc sandbox ends with 0 and leaves
// no folder with keys behind.
func TestSandboxTakesItsKeysAway(t *testing.T) {
	for _, test := range []struct {
		name   string
		signal syscall.Signal
	}{
		{"^C", syscall.SIGINT}, {"killed", syscall.SIGTERM}, {"the terminal closed", syscall.SIGHUP},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			gpc := filepath.Join(dir, "gpc") // under that name the test binary is the command
			if err := os.Symlink(self, gpc); err != nil {
				t.Fatal(err)
			}
			temporary := filepath.Join(dir, "tmp")
			if err := os.Mkdir(temporary, 0o700); err != nil {
				t.Fatal(err)
			}
			// Under nohup a process starts with SIGHUP ignored, and so would the sandbox.
			heard := make(chan os.Signal, 1)
			signal.Notify(heard, test.signal)
			defer signal.Stop(heard)
			cmd := exec.Command(gpc, "sandbox")
			cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// A sandbox that none of the signals ends must not hold up the test for ever.
			late := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
			defer late.Stop()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil || !strings.Contains(line, "GPC_CONFIG="+temporary) {
				t.Fatalf("it said %q, %v", line, err)
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v, want 0", err)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("it left %d folders behind, %v", len(left), err)
			}
		})
	}
}

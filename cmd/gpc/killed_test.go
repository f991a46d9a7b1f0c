//go:build unix

package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/audit"
	"github.com/gpconnect-go/gpc/sandbox"
)

// audited is a sandbox, a configuration with a journal of calls, and gpc as a
// process of its own.
type audited struct {
	server               *sandbox.Server
	gpc, config, journal string
}

func newAudited(t *testing.T) *audited {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Config{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	if err := server.Write(dir); err != nil {
		t.Fatal(err)
	}
	a := &audited{server, filepath.Join(dir, "gpc"), filepath.Join(dir, "gpc.toml"), filepath.Join(dir, "audit.jsonl")}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Under that name the test binary is the command, see TestMain.
	if err := os.Symlink(self, a.gpc); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(a.config, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\n[audit]\nfile = \"audit.jsonl\"\nhmac_key_file = \"audit.key\"\n"); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *audited) command(shell string, args ...string) *exec.Cmd {
	cmd := exec.Command(a.gpc, append([]string{"--config", a.config}, args...)...)
	if shell != "" {
		cmd = exec.Command("sh", append([]string{"-c", shell + `; exec "$0" "$@"`, a.gpc, "--config", a.config}, args...)...)
	}
	cmd.Stdin = strings.NewReader("9000000009\n")
	return cmd
}

var asksForRecord = []string{"record", "--ods", "A12345", "--no-trace", "--nhs", "-"}

// missing are the requests that reached the proxy and that the journal, which
// is verified, does not have as begun.
func (a *audited) missing(t *testing.T) (report audit.Report, missing []string) {
	t.Helper()
	report, err := audit.VerifyFile(a.journal)
	if err != nil {
		t.Fatal(err)
	}
	begun := map[string]bool{}
	for e, err := range audit.Query(a.journal, audit.Filter{Kind: audit.Begin}) {
		if err != nil {
			t.Fatal(err)
		}
		begun[e.Trace] = true
	}
	for _, r := range a.server.Requests() {
		if trace := r.Header.Get("Ssp-TraceID"); r.Where == "proxy" && !begun[trace] {
			missing = append(missing, trace)
		}
	}
	return report, missing
}

func (a *audited) reached() (n int) {
	for _, r := range a.server.Requests() {
		if r.Where == "proxy" {
			n++
		}
	}
	return n
}

// TestKilledCalls kills gpc with SIGKILL somewhere in a call, over and over: 60
// times, or as often as GPC_KILLS says, some of them two at a time. Every third
// round the proxy does not answer, and they are killed when it has the request.
// The chain stays whole, and whatever reached the proxy is in it.
func TestKilledCalls(t *testing.T) {
	kills := 60
	if s := os.Getenv("GPC_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatalf("GPC_KILLS is no number: %v", err)
		}
	}
	a := newAudited(t)
	began := time.Now()
	if out, err := a.command("", asksForRecord...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(began) // of one call, undisturbed
	killed, inTheMidst := 0, 0
	for round := 0; killed < kills; round++ {
		if round%3 == 0 {
			inTheMidst += a.killInTheMidst(t)
			killed++
			continue
		}
		var all sync.WaitGroup
		for range 1 + round%2 {
			cmd := a.command("", asksForRecord...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(rand.N(whole+whole/4), func() { _ = cmd.Process.Kill() })
			all.Go(func() {
				_ = cmd.Wait()
				timer.Stop()
			})
			killed++
		}
		all.Wait()
	}
	report, missing := a.missing(t)
	t.Logf("%d processes killed within %v: %d requests reached the proxy, %d attempts begun in the journal, %d of unknown end, %d torn lines recovered",
		killed, whole+whole/4, a.reached(), report.Begun, report.Unknown, len(report.Recovered))
	if len(missing) > 0 {
		t.Errorf("%d requests reached the proxy and are not in the journal: %v", len(missing), missing)
	}
	if report.Unknown < inTheMidst {
		t.Errorf("%d processes were killed in the midst of a call, and the journal has %d of unknown end", inTheMidst, report.Unknown)
	}
}

// killInTheMidst kills a gpc whose request the proxy has and does not answer; how
// many requests that were is returned.
func (a *audited) killInTheMidst(t *testing.T) int {
	t.Helper()
	if err := a.server.Inject("proxy:hang"); err != nil {
		t.Fatal(err)
	}
	defer a.server.ClearFaults()
	before := a.reached()
	cmd := a.command("", asksForRecord...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	for a.reached() == before {
		select {
		case <-ended:
			t.Fatal("gpc ended before its request reached the proxy")
		case <-time.After(time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	return a.reached() - before
}

// TestFullDisk: when the journal cannot grow the call is not made, and when it
// can again, the journal goes on.
func TestFullDisk(t *testing.T) {
	a := newAudited(t)
	const room = "ulimit -f 8" // blocks of 512 bytes
	before, refused := 0, false
	for range 20 {
		before = a.reached()
		out, err := a.command(room, asksForRecord...).CombinedOutput()
		if err == nil {
			continue
		}
		refused = true
		var exit *exec.ExitError
		if !errors.As(err, &exit) || (exit.ExitCode() != exitRefused && exit.ExitCode() != exitNotSent) || !strings.Contains(string(out), "gpc: to do: ") {
			t.Errorf("got %v, want a refusal before anything is sent: %s", err, out)
		}
		break
	}
	if !refused {
		t.Fatal("the journal had room for ever")
	}
	if got := a.reached(); got != before {
		t.Errorf("%d requests reached the proxy though they could not be recorded", got-before)
	}
	if out, err := a.command("", asksForRecord...).CombinedOutput(); err != nil {
		t.Errorf("with room again: got %v: %s", err, out)
	}
	report, missing := a.missing(t)
	if len(missing) > 0 || report.Begun != a.reached() {
		t.Errorf("%d requests reached the proxy, %d are begun in the journal, missing %v", a.reached(), report.Begun, missing)
	}
}

// TestFlippedByte: whichever byte of a journal of real calls is changed, verify
// finds it.
func TestFlippedByte(t *testing.T) {
	a := newAudited(t)
	for range 3 {
		if out, err := a.command("", asksForRecord...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	whole, err := os.ReadFile(a.journal)
	if err != nil {
		t.Fatal(err)
	}
	flipped := filepath.Join(t.TempDir(), "audit.jsonl")
	for i := 0; i < len(whole); i += 1 + rand.IntN(60) {
		changed := append([]byte(nil), whole...)
		changed[i] ^= 1 << rand.IntN(8)
		if err := os.WriteFile(flipped, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.VerifyFile(flipped); err == nil {
			t.Errorf("byte %d of %d was changed and not found", i, len(whole))
		}
	}
	out, err := a.command("", "audit", "verify", flipped).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitUnreliable {
		t.Errorf("gpc audit verify: got %v, want exit code 6: %s", err, out)
	}
}

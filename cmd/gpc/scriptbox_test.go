package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gpconnect-go/gpc/sandbox"
)

// scriptBox is the sandbox of a script whose commands share one.
type scriptBox struct {
	server *sandbox.Server
	seen   int // requests until the faults were last changed

	behind *atomic.Int64 // requests of what stands behind the proxy
}

type boxKey struct{}

func boxOf(ts *testscript.TestScript) *scriptBox { return ts.Value(boxKey{}).(*scriptBox) }

// startSandbox starts a sandbox for the commands that follow, in whose configuration lost
// answers are looked for quickly: sandbox [-late DURATION] [-grace DURATION].
func startSandbox(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	late, grace := flags.Duration("late", 5*time.Minute, ""), flags.Duration("grace", 2*time.Second, "")
	ts.Check(flags.Parse(args))
	if neg || boxOf(ts).server != nil || flags.NArg() > 0 {
		ts.Fatalf("usage: sandbox [-late DURATION] [-grace DURATION], once")
	}
	server, err := sandbox.Start(context.Background(), sandbox.Config{Plain: true})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Close()) })
	boxOf(ts).server = server
	dir := ts.MkAbs("box")
	ts.Check(server.Write(dir))
	file := filepath.Join(dir, "gpc.toml")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	_, err = fmt.Fprintf(f, "\n[settling]\npauses = [\"50ms\", \"100ms\"]\nlate = %q\ngrace = %q\n", late, grace)
	ts.Check(err)
	ts.Check(f.Close())
	ts.Setenv("GPC_CONFIG", file)
	ts.Setenv("GPC_PROFILE", "sandbox")
}

// injectFault switches faults on, or all off: fault WHERE:WHAT …, fault none.
func injectFault(ts *testscript.TestScript, neg bool, args []string) {
	server := boxOf(ts).server
	if neg || len(args) == 0 || server == nil {
		ts.Fatalf("usage: fault FAULT … | none, after sandbox")
	}
	server.ClearFaults()
	for _, r := range server.Requests() {
		boxOf(ts).seen = r.Seq
	}
	for _, f := range args {
		if f != "none" {
			ts.Check(server.Inject(f))
		}
	}
}

// bookings asks how many appointments the sandbox has, of a status or of any, waiting for
// those that are committed late: bookings N [STATUS].
func bookings(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: bookings N [STATUS]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	count := func() (n int) {
		for _, a := range boxOf(ts).server.Appointments() {
			if len(args) == 1 || a.Status == args[1] {
				n++
			}
		}
		return n
	}
	deadline := time.Now().Add(30 * time.Second)
	for count() < want && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if got := count(); got != want {
		ts.Fatalf("appointments: got %d, want %d", got, want)
	}
}

// arrived waits until a practice of the sandbox has been asked for something since the
// faults were changed: arrived REGEXP.
func arrived(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: arrived REGEXP")
	}
	line := regexp.MustCompile(args[0])
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, r := range boxOf(ts).server.Requests() {
			if r.Seq > boxOf(ts).seen && r.Where == "provider" && line.MatchString(r.Line) {
				return
			}
		}
	}
	ts.Fatalf("no request %s", args[0])
}

// document takes scripts out of a page of docs: document PAGE NAME …. A script is the block
// behind a line <!-- script: NAME -->.
func document(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: document PAGE NAME …")
	}
	page, err := os.ReadFile(filepath.Join(docsFolder, args[0]))
	ts.Check(err)
	for _, name := range args[1:] {
		_, rest, ok := strings.Cut(string(page), "<!-- script: "+name+" -->\n```sh\n")
		script, _, ok2 := strings.Cut(rest, "\n```\n")
		if !ok || !ok2 {
			ts.Fatalf("%s has no script %s", args[0], name)
		}
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(script+"\n"), 0o600))
	}
}

// docsFolder is absolute because scripts run elsewhere.
var docsFolder = func() string {
	dir, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	if err != nil {
		panic(err)
	}
	return dir
}()

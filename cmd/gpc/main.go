// Command gpc looks GP practices up, calls them through the Spine Secure
// Proxy and prints what they answer. `gpc help` lists its commands.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // Europe/London is not on every machine

	"golang.org/x/term"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, configDir: os.UserConfigDir, now: time.Now,
		interruptible: func() { interruptedBy(cancel) },
	}
	if a.terminal = term.IsTerminal(int(os.Stdout.Fd())); a.terminal {
		a.columns, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	if a.progress = term.IsTerminal(int(os.Stderr.Fd())); a.progress {
		a.errColumns, _, _ = term.GetSize(int(os.Stderr.Fd()))
	}
	a.interactive = term.IsTerminal(int(os.Stdin.Fd()))
	code := run(ctx, a, os.Args[1:])
	cancel()
	os.Exit(code)
}

// interruptedBy makes the first ^C, or the end of the terminal, end the work by
// cancel; the second ends the process. Commands that are over at once do without: the first use of signals
// takes a twentieth of the time that starting takes. A pipe that is read no more
// is an error of writing from then on, so that journals are closed before the end.
func interruptedBy(cancel context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signal.Notify(came, syscall.SIGHUP)
	}
	go func() {
		<-came
		signal.Stop(came)
		cancel()
	}()
}

// app is a command's world.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	configDir      func() (string, error)
	now            func() time.Time
	terminal       bool   // stdout is one
	columns        int    // of the terminal; 0 where there is none
	progress       bool   // stderr is a terminal, too
	errColumns     int    // of that one; 0 where there is none
	interactive    bool   // and so is stdin
	interruptible  func() // from now on ^C ends the work

	flags globals
}

// run is the whole program but for the process around it; it returns the exit
// code.
func run(ctx context.Context, a *app, args []string) int {
	return a.finish(ctx, newRootCmd(a, args).ExecuteContext(ctx))
}

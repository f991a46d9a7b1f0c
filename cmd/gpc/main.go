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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, configDir: os.UserConfigDir, now: time.Now,
	}
	if a.terminal = term.IsTerminal(int(os.Stdout.Fd())); a.terminal {
		a.columns, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	a.progress = term.IsTerminal(int(os.Stderr.Fd()))
	code := run(ctx, a, os.Args[1:])
	stop()
	os.Exit(code)
}

// app is a command's world.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	configDir      func() (string, error)
	now            func() time.Time
	terminal       bool // stdout is one
	columns        int  // of the terminal; 0 where there is none
	progress       bool // stderr is a terminal, too

	flags globals
}

// run is the whole program but for the process around it; it returns the exit
// code.
func run(ctx context.Context, a *app, args []string) int {
	return a.finish(ctx, newRootCmd(a, args).ExecuteContext(ctx))
}

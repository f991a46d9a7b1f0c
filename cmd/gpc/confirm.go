package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// confirmation is the user's word before something is written. On a terminal it is asked
// for, unless --yes gives it beforehand; where there is a terminal but stdin is taken,
// --yes is needed. A script that has no terminal at all has decided when it was written.
type confirmation struct{ yes bool }

func (c *confirmation) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&c.yes, "yes", "y", false, "do not ask before writing; needed on a terminal where stdin is not one")
}

// check refuses, before anything is sent, what could not be asked for. taken says that
// stdin is read as data, dry that nothing will be written.
func (c *confirmation) check(a *app, taken, dry bool) error {
	somebody := a.interactive || a.terminal || a.progress
	if c.yes || dry || !somebody || c.asks(a) && !taken {
		return nil
	}
	return &usageError{"nobody can be asked whether to go on: stdin is not a terminal or is read as data", "give --yes"}
}

// asks says whether there is somebody to ask: who types and who sees the question.
func (c *confirmation) asks(a *app) bool { return !c.yes && a.interactive && a.progress }

// ask shows what is about to be written and waits for y. What it shows may name the
// patient: it is a terminal.
func (c *confirmation) ask(ctx context.Context, a *app, about [][2]string, question string) error {
	if !c.asks(a) {
		return nil
	}
	var b bytes.Buffer
	const begins = "gpc:   "
	lines(&b, max(a.errColumns-len(begins), 0), about)
	for line := range strings.Lines(b.String()) {
		fmt.Fprint(a.stderr, begins+line)
	}
	fmt.Fprintf(a.stderr, "gpc: %s [y/N] ", question)
	answered := make(chan string, 1)
	go func() { // a read from a terminal cannot be broken off
		line, _ := bufio.NewReader(a.stdin).ReadString('\n')
		answered <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.stderr)
		return ctx.Err()
	case line := <-answered:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return &usageError{"nothing was written, as you wished", ""}
	}
}

// patience tells who interrupts a write why it does not end at once. The caller ends it
// when the write is over.
func (a *app) patience(ctx context.Context) (end func() bool) {
	return context.AfterFunc(ctx, func() {
		a.words("interrupted; what has been sent is brought to an end, or looked for (^C again leaves it to `gpc appointment resume`)")
	})
}

package audit

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
)

// child is a process with the journal at path open: callers that begin and end
// calls, so many each or, for 0, without end. After each Begin it says so on
// stdout, unbuffered: a trace that was read there was promised.
func child(path string) int {
	callers, _ := strconv.Atoi(os.Getenv("GPC_AUDIT_CALLERS"))
	calls, _ := strconv.Atoi(os.Getenv("GPC_AUDIT_CALLS"))
	j, err := Open(Config{Path: path, Key: testKey})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var all sync.WaitGroup
	failed := make(chan error, callers)
	for caller := range callers {
		all.Go(func() {
			for call := 0; calls == 0 || call < calls; call++ {
				trace := fmt.Sprintf("p%d-%d-%d", os.Getpid(), caller, call)
				if err := j.Begin(bare(), attempt(trace)); err != nil {
					failed <- err
					return
				}
				fmt.Println(trace)
				j.End(bare(), attempt(trace))
			}
		})
	}
	all.Wait()
	if err := j.Close(); err != nil || len(failed) > 0 {
		fmt.Fprintln(os.Stderr, err, len(failed))
		return 1
	}
	return 0
}

// process is a child that runs.
type process struct {
	*exec.Cmd
	said *bufio.Scanner
}

func start(t *testing.T, path string, callers, calls int) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self)}
	p.Env = append(os.Environ(), "GPC_AUDIT_CHILD="+path, fmt.Sprint("GPC_AUDIT_CALLERS=", callers), fmt.Sprint("GPC_AUDIT_CALLS=", calls))
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.said = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// promised adds what the child says to traces, n lines or to its end. A last
// line without its newline is whole as well: one write brings it.
func (p *process) promised(traces map[string]bool, n int) {
	for n != 0 && p.said.Scan() {
		traces[p.said.Text()] = true
		n--
	}
}

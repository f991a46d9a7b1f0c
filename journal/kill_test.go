//go:build unix

package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/journal"
)

// writer is the environment variable that makes the test binary a process that
// writes into the journal it names until it is killed.
const writer = "GPC_TEST_JOURNAL_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writer); dir != "" {
		writeUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// writeUntilKilled begins and settles bookings, and says what is done when it is done.
func writeUntilKilled(dir string) {
	j, err := journal.Open(journal.Config{Dir: dir})
	for n := 0; err == nil; n++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), n)
		if err = j.Begin(context.Background(), booking(id, id)); err != nil {
			break
		}
		fmt.Println("begun", id)
		if n%3 == 0 {
			continue
		}
		if err = j.Settle(context.Background(), id, done(id)); err == nil {
			fmt.Println("settled", id)
		}
	}
	fmt.Println("failed", err)
	os.Exit(1)
}

// TestKilled: processes that share a journal are killed at any point, again and
// again; whatever they had said was done is there, and the journal goes on.
func TestKilled(t *testing.T) {
	dir := folder(t)
	said := map[string]map[string]bool{"begun": {}, "settled": {}, "failed": {}}
	for range 20 {
		for _, line := range twoUntilKilled(t, dir) {
			verb, id, _ := strings.Cut(line, " ")
			said[verb][id] = true
		}
	}
	for why := range said["failed"] {
		t.Error(why)
	}
	have := map[string]client.OutcomeState{}
	for _, s := range all(t, open(t, dir)) {
		have[s.Intent.ID] = s.Outcome.State
	}
	for id := range said["begun"] {
		if _, there := have[id]; !there {
			t.Errorf("%s was begun and is not there", id)
		}
	}
	for id := range said["settled"] {
		if have[id] != client.Done {
			t.Errorf("%s was settled: got %q, want done", id, have[id])
		}
	}
	t.Logf("%d begun, %d settled, by 40 processes that were killed", len(said["begun"]), len(said["settled"]))
	if len(said["settled"]) == 0 {
		t.Error("nothing was settled: the test tested nothing")
	}
}

// twoUntilKilled lets two processes write for a moment, and gives what they
// said before they were killed.
func twoUntilKilled(t *testing.T, dir string) []string {
	t.Helper()
	var outputs []*bufio.Scanner
	var children []*exec.Cmd
	for range 2 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), writer+"="+dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children, outputs = append(children, c), append(outputs, bufio.NewScanner(out))
	}
	var lines []string
	for _, out := range outputs { // both are at work
		out.Scan()
		lines = append(lines, out.Text())
	}
	time.Sleep(rand.N(10 * time.Millisecond)) // any moment is as good
	for _, c := range children {
		_ = c.Process.Kill()
	}
	for i, out := range outputs {
		for out.Scan() {
			lines = append(lines, out.Text())
		}
		_ = children[i].Wait()
	}
	return lines
}

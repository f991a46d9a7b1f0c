package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/sandbox"
)

// startings are how long each of many starts took, in order of length. That the sandbox is
// ready is seen by dialling it at once.
func startings(n int) ([]time.Duration, error) {
	var took []time.Duration
	for range n {
		began := time.Now()
		s, err := sandbox.Start(context.Background(), sandbox.Config{})
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		for _, url := range []string{s.LDAPURL(), s.ProxyURL(), s.APIURL()} {
			_, address, _ := strings.Cut(url, "://")
			c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) // whether it listens, not who it is
			if err != nil {
				s.Close()
				return nil, fmt.Errorf("it is not ready: %w", err)
			}
			c.Close()
		}
		s.Close()
	}
	slices.Sort(took)
	return took, nil
}

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

// A child is `gpc sandbox --plain` as a process of its own.
type child struct {
	process *os.Process
	wait    func() error
	dir     string // where its files are
	remove  string
	took    time.Duration // from the command to the line that says it is ready
}

func startChild() (*child, error) {
	work, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return nil, err
	}
	c := &child{dir: filepath.Join(work, "box"), remove: work}
	if err := c.start(filepath.Join(work, "gpc")); err != nil {
		os.RemoveAll(work)
		return nil, err
	}
	return c, nil
}

func (c *child) start(program string) error {
	if out, err := exec.Command("go", "build", "-o", program, "github.com/gpconnect-go/gpc/cmd/gpc").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	cmd := exec.Command(program, "sandbox", "--plain", "--dir", c.dir)
	if runtime.NumCPU() > 2 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	c.took, c.process, c.wait = time.Since(began), cmd.Process, cmd.Wait
	if err != nil || !strings.Contains(line, "GPC_CONFIG") {
		c.process.Kill()
		return fmt.Errorf("gpc sandbox did not start: %q, %v", line, c.wait())
	}
	return nil
}

func (c *child) end() {
	c.process.Signal(os.Interrupt)
	c.wait()
	os.RemoveAll(c.remove)
}

// resident is how much memory a process holds, in MiB.
func resident(pid int) (int, error) {
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
		_, rest, _ := strings.Cut(string(b), "VmRSS:")
		return kibibytes(rest)
	}
	b, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("reading the process's memory: %w", err)
	}
	return kibibytes(string(b))
}

// kibibytes reads the number that a text begins with.
func kibibytes(text string) (int, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0, fmt.Errorf("the process's memory is not told")
	}
	n, err := strconv.Atoi(fields[0])
	return n >> 10, err
}

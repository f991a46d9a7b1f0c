package sandbox

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain finds goroutines that outlive their server. In a process that hostile starts it is
// the client.
func TestMain(m *testing.M) {
	if files := os.Getenv(hostileFiles); files != "" {
		if err := meanIll(files); err != nil {
			fmt.Fprintln(os.Stderr, "hostile:", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// waitFor polls for what another goroutine is about to bring about.
func waitFor(t testing.TB, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); runtime.Gosched() {
		if ready() {
			return
		}
	}
	t.Fatal("waited in vain")
}

func TestCloseLeavesNothing(t *testing.T) {
	before := descriptors(t)
	s := run(t, Config{Faults: []string{"proxy:hang", "ldap:hang@3"}})
	a := recordOf(t, s, "A12345", "9000000009", everything)
	ended := make(chan error, 1)
	go func() {
		_, err := a.try(t, s)
		ended <- err
	}()
	waitFor(t, func() bool { return len(s.Requests()) == 3 })
	idle, err := net.Dial("tcp", strings.TrimPrefix(s.ProxyURL(), "https://")) // never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("the call that hung: got an answer, want an ended connection")
	}
	for _, url := range []string{s.LDAPURL(), s.ProxyURL(), s.APIURL()} {
		_, address, _ := strings.Cut(url, "://")
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			t.Errorf("%s still listens after Close", url)
		}
	}
	if got := len(s.Requests()); got != 3 {
		t.Errorf("history after Close: got %d, want 3", got)
	}
	idle.Close()
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
	if before >= 0 {
		waitFor(t, func() bool { return descriptors(t) <= before })
	}
}

// descriptors is how many this process has open, -1 where that cannot be known.
func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(open)
}

func TestEndOfContextCloses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Start(ctx, Config{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	waitFor(t, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.ProxyURL(), "https://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	s.Close()
}

func TestStartRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		cfg  Config
		want string
	}{
		{"unknown fault", context.Background(), Config{Faults: []string{"proxy:explode"}}, "proxy:hang"},
		{"unknown difference", context.Background(), Config{Off: []string{"gravity"}}, "shuffle"},
		{"less than nothing", context.Background(), Config{Throttle: -1}, "throttle"},
		{"no such folder", context.Background(), Config{Data: filepath.Join(t.TempDir(), "none")}, "data folder"},
		{"port taken", context.Background(), Config{ProxyPort: taken.Addr().(*net.TCPAddr).Port}, "proxy"},
		{"context ended", ended, Config{}, "canceled"},
	} {
		s, err := Start(test.ctx, test.cfg)
		if err == nil {
			s.Close()
			t.Errorf("%s: got a server, want an error", test.name)
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %q, want it to say %q", test.name, err, test.want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := run(t, Config{Plain: true})
			if r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s); r.status != 200 {
				t.Errorf("got status %d, want 200", r.status)
			}
		})
	}
	wg.Wait()
}

func TestWriteFiles(t *testing.T) {
	s := run(t, Config{})
	dir := filepath.Join(t.TempDir(), "sandbox")
	for range 2 { // a second time over the first
		if err := s.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	modes := map[string]fs.FileMode{".": 0o700, "ca.pem": 0o600, "client.pem": 0o600, "client.key": 0o600, "gpc.toml": 0o600}
	for name, want := range modes {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want && runtime.GOOS != "windows" {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
	config := string(s.Files()["gpc.toml"])
	for _, want := range []string{`default = "sandbox"`, "[profiles.sandbox]", s.LDAPURL(), s.ProxyURL(), "[profiles.sandbox.originators.A11111]",
		`"200000000359"`, "[profiles.sandbox.originators.B22222]", `allow_hosts = [".sandbox.example"]`, `cert       = "client.pem"`} {
		if !strings.Contains(config, want) {
			t.Errorf("gpc.toml does not say %s", want)
		}
	}
}

func TestSeed(t *testing.T) {
	if a, b := run(t, Config{}).Seed(), run(t, Config{}).Seed(); a == 0 || (a == b) != (seedOfRun != "") {
		t.Errorf("got seeds %d and %d, want two that differ, or twice the run's", a, b)
	}
	for text, want := range map[string]uint64{"42": 42, "18446744073709551615": 1<<64 - 1} {
		if got, err := seedOf(text); err != nil || got != want {
			t.Errorf("the run's seed %s: got %d and %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "x", "18446744073709551616"} {
		if _, err := seedOf(text); err == nil {
			t.Errorf("the run's seed %s: got it accepted, want an error", text)
		}
	}
	one, _ := lookup(t, run(t, Config{Seed: 42}), "A12345", structuredRecord)
	two, _ := lookup(t, run(t, Config{Seed: 42}), "A12345", structuredRecord)
	other, _ := lookup(t, run(t, Config{Seed: 43}), "A12345", structuredRecord)
	if one != two || one == other {
		t.Errorf("addresses of seeds 42, 42, 43: got %s, %s, %s; want the first two alike", one, two, other)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(context.Background(), Config{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

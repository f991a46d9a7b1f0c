package sandbox

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// crowd is how many connections a hostile client holds at once.
const crowd = 10_000

// TestTenThousandConnections: a client in a process of its own holds ten thousand connections
// to all listeners, silent or with random octets, endless headers, bodies that never end and
// LDAP garbage on them. Meanwhile everything is answered, memory stays within bounds, and
// afterwards nothing is left.
func TestTenThousandConnections(t *testing.T) {
	before := descriptors(t)
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder) // what the sandbox would leave lying about, it would leave here
	s := run(t, Config{Provider: "127.0.0.1:0"})
	files := filepath.Join(t.TempDir(), "box")
	if err := s.Write(files); err != nil {
		t.Fatal(err)
	}
	idle := memory()
	c := hostile(t, s, files)
	if got := c.held(); got < crowd {
		t.Errorf("the hostile client holds %d connections, want %d", got, crowd)
	}
	for range 3 {
		if r := recordOf(t, s, "A12345", "9000000009", everything).send(t, s); r.status != 200 {
			t.Errorf("a record meanwhile: got %d", r.status)
		}
	}
	if r := newApplication(t, s).logOn().read("9000000009"); r.status != 200 {
		t.Errorf("PDS meanwhile: got %d", r.status)
	}
	if r := directly(t, s, (&wire{t: t, s: s}).request(), s.ProviderURL(), nil); r.status != 200 {
		t.Errorf("the provider meanwhile: got %d", r.status)
	}
	grown := memory() - idle
	t.Logf("%d connections: %d MiB more than idle", c.held(), grown>>20)
	if grown > 512<<20 {
		t.Errorf("memory grew by %d MiB, want less than 512", grown>>20)
	}
	s.Close() // with all of them open
	c.end()
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
	if before >= 0 {
		waitFor(t, func() bool { return descriptors(t) <= before })
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("got %d files left behind, %v", len(left), err)
	}
}

// memory is what the process has from the system for heap and stacks, in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// A hostileClient is the process that means ill.
type hostileClient struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	said  string
}

const hostileFiles = "SANDBOX_HOSTILE_FILES"

// hostile starts it and returns when it holds its connections.
func hostile(t *testing.T, s *Server, files string) *hostileClient {
	t.Helper()
	c := &hostileClient{t: t, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), hostileFiles+"="+files)
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.stdin = in
	t.Cleanup(c.end)
	if c.said, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the hostile client ended early: %v", err)
	}
	return c
}

func (c *hostileClient) held() int {
	n, err := strconv.Atoi(strings.TrimSpace(c.said))
	if err != nil {
		c.t.Fatalf("the hostile client said %q", c.said)
	}
	return n
}

func (c *hostileClient) end() {
	c.stdin.Close()
	c.cmd.Wait()
}

// meanIll is the hostile client: it opens its connections, tells how many it holds, and holds
// them until its standard input ends.
func meanIll(files string) error {
	env, err := os.ReadFile(filepath.Join(files, ".env"))
	if err != nil {
		return err
	}
	address := map[string]string{}
	for line := range strings.Lines(string(env)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, rest, ok := strings.Cut(value, "://"); ok {
			address[name], _, _ = strings.Cut(rest, "/")
		}
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(files, "client.pem"), filepath.Join(files, "client.key"))
	if err != nil {
		return err
	}
	config := &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}
	var mu sync.Mutex
	var held []net.Conn
	var failed error
	var wg sync.WaitGroup
	for worker := range 20 {
		wg.Go(func() {
			for i := worker; i < crowd; i += 20 {
				c, err := misbehave(i, address, config)
				mu.Lock()
				if err != nil {
					failed = errors.Join(failed, err)
				} else {
					held = append(held, c)
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(len(held))
	if failed != nil {
		return failed
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// misbehave opens the i-th connection and does something bad with it. One in ten is over TLS,
// as handshakes take their time.
func misbehave(i int, address map[string]string, config *tls.Config) (net.Conn, error) {
	names := []string{"SANDBOX_LDAP_URL", "SANDBOX_PROXY_URL", "SANDBOX_API_URL", "SANDBOX_PROVIDER_URL"}
	to := address[names[i%4]]
	if i%10 != 0 || i%4 == 3 {
		c, err := net.DialTimeout("tcp", to, 30*time.Second)
		if err != nil {
			return nil, err
		}
		switch i % 3 {
		case 1:
			c.Write(randomOctets(i, 512))
		case 2:
			c.Write([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\nX-Long: " + strings.Repeat("x", 8000)))
		}
		return c, nil
	}
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 30 * time.Second}, "tcp", to, config)
	if err != nil {
		return nil, err
	}
	switch i % 3 {
	case 0: // half of something large that never goes on
		if i%4 == 0 {
			c.Write(append([]byte{0x30, 0x82, 0xf0, 0}, goodSearch(1)...))
		} else {
			c.Write(append([]byte("POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"), bytes.Repeat([]byte("x"), 100_000)...))
		}
	case 1:
		c.Write(randomOctets(i, 4096))
	case 2:
		c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 60_000)))
	}
	return c, nil
}

func randomOctets(seed, n int) []byte {
	dice := rand.New(rand.NewPCG(7, uint64(seed)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(dice.Uint32())
	}
	return b
}

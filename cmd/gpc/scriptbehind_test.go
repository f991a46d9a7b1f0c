package main

import (
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gpconnect-go/gpc/internal/relay"
	"github.com/gpconnect-go/gpc/mtls"
)

// behind puts a service that is not GP Connect behind the sandbox's proxy, by a
// relay in front of it that the configuration names from now on. Its answer is a
// file; without one it cuts the connection: behind PATH [FILE].
func behind(ts *testscript.TestScript, neg bool, args []string) {
	box := boxOf(ts)
	if neg || len(args) == 0 || len(args) > 2 || box.server == nil {
		ts.Fatalf("usage: behind PATH [FILE], after sandbox")
	}
	arrived := new(atomic.Int64)
	box.behind = arrived
	files := box.server.Files()
	config, err := mtls.Material{Chain: files["client.pem"], Key: files["client.key"], Roots: files["ca.pem"]}.Config(time.Now())
	ts.Check(err)
	r, err := relay.Start(box.server.ProxyURL(), config, func(r *http.Request, _ []byte, forward func() relay.Answer) (relay.Answer, bool) {
		if !strings.HasSuffix(r.RequestURI, args[0]) {
			return forward(), true
		}
		arrived.Add(1)
		if len(args) == 1 {
			return relay.Answer{}, false
		}
		return relay.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(ts.ReadFile(args[1]))}, true
	})
	ts.Check(err)
	ts.Defer(r.Close)
	ts.Check(box.replace(ts.MkAbs("box"), "proxy", strconv.Quote(r.URL())))
	roots := filepath.Join(ts.MkAbs("box"), "ca.pem")
	have, err := os.ReadFile(roots)
	ts.Check(err)
	ts.Check(os.WriteFile(roots, append(have, pem.EncodeToMemory(r.Block())...), 0o600))
}

// arrivedBehind asks how many requests the service has had: arrivedbehind N.
func arrivedBehind(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || boxOf(ts).behind == nil {
		ts.Fatalf("usage: arrivedbehind N, after behind")
	}
	if got := strconv.FormatInt(boxOf(ts).behind.Load(), 10); got != args[0] {
		ts.Fatalf("requests behind the proxy: got %s, want %s", got, args[0])
	}
}

// replace gives a key of the configuration another value.
func (b *scriptBox) replace(dir, key, value string) error {
	file := filepath.Join(dir, "gpc.toml")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if name, _, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == key {
			lines[i] = key + " = " + value
		}
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600)
}

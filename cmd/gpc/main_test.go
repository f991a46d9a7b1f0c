package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// With the race detector every process would sleep a second before it ends,
	// and a script is dozens of them.
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	testscript.Main(m, map[string]func(){"gpc": main})
}

// TestScripts runs testdata/script: each is a shell session with gpc, against
// the sandbox.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"mode":  mode,
			"pki":   pki,

			"sandbox":  startSandbox,
			"fault":    injectFault,
			"bookings": bookings,
			"arrived":  arrived,
			"document": document,
			"json":     jsonMember,
			"shape":    jsonShape,

			"behind":        behind,
			"arrivedbehind": arrivedBehind,
		},
		Setup: func(e *testscript.Env) error {
			// Neither the user's configuration nor a real home may be seen.
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("AppData", filepath.Join(e.WorkDir, "config"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("LocalAppData", filepath.Join(e.WorkDir, "state"))
			e.Setenv("HUNDRED_ONE", strings.Repeat("é", 101))
			e.Setenv("FIVE_HUNDRED_ONE", strings.Repeat("é", 501))
			e.Values[boxKey{}] = new(scriptBox)
			e.Setenv("GPC_CORPUS", os.Getenv("GPC_CORPUS"))
			return nil
		},
	})
}

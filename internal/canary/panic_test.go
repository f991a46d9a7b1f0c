package canary

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/record"
)

// panicking makes a call in whose midst a hook panics, and lets the panic end
// the process.
func panicking(dir string) {
	w := &world{dir: dir}
	w.build(context.Background(), func(x client.Exchange) { panic(x.Err) })
	if err := w.server.Inject(os.Getenv("GPC_CANARY_FAULT")); err != nil {
		panic(err)
	}
	_, _ = w.practice.StructuredRecord(context.Background(), w.patient, record.Full())
}

// TestPanic: the trace of a panic in the midst of a call names nobody.
func TestPanic(t *testing.T) {
	for _, fault := range []string{"provider:error:INVALID_NHS_NUMBER", "proxy:garble"} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GPC_CANARY_PANIC="+t.TempDir(), "GPC_CANARY_FAULT="+fault, "GOTRACEBACK=system")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "goroutine ") || !strings.Contains(string(out), "panic") {
			t.Fatalf("%s: the process did not panic: %v", fault, err)
		}
		w := begin(t)
		search(t, fault+": the panic", string(out), planted(w.server))
		w.end(t)
	}
}

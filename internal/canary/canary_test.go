// Package canary plants a patient, a user's token and the installation's secrets
// wherever a call could bring them along, makes everything go wrong, and looks
// for them in all that is left behind: errors in every form, logs, spans,
// measurements, the journals' folders, the sandbox's log, a panic's trace.
package canary

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
)

func TestMain(m *testing.M) {
	if at := os.Getenv("GPC_CANARY_PANIC"); at != "" {
		panicking(at)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// The patient of the sandbox who is planted.
const (
	digits = "9000000009"
	family = "Thackeray"
	given  = "Rosalind"
	born   = "1958-04-17"
)

// planted is what must not be found, by what to call it in a failure.
func planted(server *sandbox.Server) map[string]string {
	all := map[string]string{
		"the NHS number": digits, "the NHS number with spaces": "900 000 0009", "the NHS number with hyphens": "900-000-0009",
		"the NHS number in base64": base64.RawStdEncoding.EncodeToString([]byte(digits))[:12], "the NHS number in hex": hex.EncodeToString([]byte(digits)),
		"the NHS number in JSON's bytes": fmt.Sprint([]byte(digits))[1:30],
		"the family name":                family, "the given name": given, "the birth date": born, "the postcode": "ZZ99 1AA",
		"the token": "eyJ", "the token's scheme": "Bearer ", "the API key": "sandbox-api-key",
	}
	for name, file := range server.Files() {
		if !strings.HasSuffix(name, ".key") {
			continue
		}
		for i, line := range strings.Split(string(file), "\n") {
			if len(line) > 20 && !strings.HasPrefix(line, "-") {
				all[fmt.Sprintf("%s, line %d", name, i)] = line
			}
		}
	}
	return all
}

// search looks for what is planted.
func search(t *testing.T, where, text string, planted map[string]string) {
	t.Helper()
	for name, secret := range planted {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s: %s is there, after %q", where, name, text[max(0, i-60):i])
		}
	}
}

var faults = []string{
	"", "ldap:hang", "ldap:drop:before-commit", "ldap:garble", "ldap:truncate",
	"pds:status:503", "pds:error:INVALIDATED_RESOURCE", "pds:garble", "pds:html", "pds:wrong-patient", "pds:truncate", "token:status:401", "token:garble",
	"proxy:hang", "proxy:status:502", "proxy:status:429", "proxy:error:FOT_CHECK_FAILED", "proxy:error:ENDPOINT_VARIES", "proxy:drop:before-commit", "proxy:drop:after-commit",
	"proxy:truncate", "proxy:garble", "proxy:html", "proxy:redirect", "proxy:gzip-bomb", "proxy:slow:1s",
	"provider:hang", "provider:status:500", "provider:error:NO_PATIENT_CONSENT", "provider:error:INVALID_NHS_NUMBER", "provider:error:" + digits, "provider:error:" + family,
	"provider:wrong-patient", "provider:garble", "provider:truncate", "provider:drop:after-commit", "provider:html", "provider:redirect",
}

// TestCanary makes every kind of call under every fault.
func TestCanary(t *testing.T) {
	for _, fault := range faults {
		name := strings.NewReplacer(digits, "a-number", family, "a-name").Replace(fault)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			if fault != "" {
				if err := w.server.Inject(fault); err != nil {
					t.Fatal(err)
				}
			}
			secrets := planted(w.server)
			for _, call := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
				err := call.make(ctx, w)
				cancel()
				if fault == "" && !call.fails && err != nil {
					t.Errorf("%s: got %v, want no error where nothing is wrong", call.name, err)
				}
				search(t, call.name+": the error", forms(err), secrets)
				w.log.Error("call failed", "call", call.name, "error", err)
			}
			w.end(t)
			search(t, "the log", w.logged.String(), secrets)
			search(t, "the spans", w.traced(), secrets)
			search(t, "the measurements", w.measured(t), secrets)
			search(t, "the sandbox's log", strings.ReplaceAll(w.served.String(), strconv.Quote(fault), ""), secrets) // it names the fault that struck
			for file, content := range w.files(t) {
				if strings.HasSuffix(file, "audit.key") {
					continue
				}
				search(t, "the file "+file, content, secrets)
				search(t, "the name of the file "+file, file, secrets)
			}
			if !strings.Contains(w.logged.String(), "get the structured record") || len(w.files(t)) < 3 {
				t.Error("the search looked at nothing")
			}
		})
	}
}

// forms are an error in every way that a program may print it, and all that it
// wraps.
func forms(err error) string {
	var b strings.Builder
	var add func(error)
	add = func(err error) {
		if err == nil {
			return
		}
		data, _ := json.Marshal(err)
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%q\n%s\n", err, err, err, err, data)
		slog.New(slog.NewJSONHandler(&b, nil)).Error("x", "error", err)
		slog.New(slog.NewTextHandler(&b, nil)).Error("x", slog.Any("error", err))
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			add(e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				add(one)
			}
		}
	}
	add(err)
	return b.String()
}

// calls are operations about the planted patient.
var calls = [...]struct {
	name  string
	fails bool // also where nothing is wrong
	make  func(context.Context, *world) error
}{
	{"record", false, func(ctx context.Context, w *world) error {
		_, err := w.practice.StructuredRecord(ctx, w.patient, record.Full())
		return err
	}},
	{"metadata", false, func(ctx context.Context, w *world) error {
		_, err := w.practice.Metadata(ctx)
		return err
	}},
	{"find patient", false, func(ctx context.Context, w *world) error {
		_, err := w.practice.FindPatient(ctx, w.patient)
		return err
	}},
	{"register", true, func(ctx context.Context, w *world) error { // who is registered already
		_, err := w.practice.RegisterPatient(ctx, client.Registration{NHSNumber: w.patient, Family: family, Given: []string{given}, Gender: "female", BirthDate: fhir.Date(born)})
		return err
	}},
	{"a path with the number", true, func(ctx context.Context, w *world) error {
		_, err := w.practice.Do(ctx, client.Request{Interaction: client.FindPatient, Path: "/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|" + digits, Patient: w.patient})
		return err
	}},
	{"a path with the number, escaped", false, func(ctx context.Context, w *world) error {
		_, err := w.practice.Do(ctx, client.Request{Interaction: client.FindPatient, Path: "/Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C" + digits, Patient: w.patient})
		return err
	}},
	{"a body with the name", true, func(ctx context.Context, w *world) error {
		_, err := w.practice.Do(ctx, client.Request{
			Interaction: client.GetStructuredRecord, Path: "/Patient/$gpc.getstructuredrecord", Patient: w.patient,
			Body: []byte(`{"resourceType":"Parameters","parameter":[{"name":"` + family + `","valueString":"` + digits + `"}]}`),
		})
		return err
	}},
	{"the directory over FHIR", false, func(ctx context.Context, w *world) error {
		_, err := w.fhir.Endpoint(ctx, "A12345", client.ReadMetadata)
		return err
	}},
	{"a trace", false, func(ctx context.Context, w *world) error {
		_, err := w.pds.Patient(ctx, w.patient)
		return err
	}},
}

// files are the contents of the world's folder.
func (w *world) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, w.dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// traced is every span, with all that is in it.
func (w *world) traced() string {
	var b strings.Builder
	for _, s := range w.spans.Ended() {
		fmt.Fprintf(&b, "%s %v %v %+v %+v %v\n", s.Name(), s.SpanContext(), s.Attributes(), s.Status(), s.Events(), s.Links())
	}
	return b.String()
}

func (w *world) measured(t *testing.T) string {
	t.Helper()
	var got metricdata.ResourceMetrics
	if err := w.reader.Collect(context.Background(), &got); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", got)
}

// TestSearchFinds: the search of these tests finds what is there.
func TestSearchFinds(t *testing.T) {
	leak := errors.Join(errors.New("x"), fmt.Errorf("about %s: %w", digits, os.ErrNotExist))
	if !strings.Contains(forms(leak), digits) {
		t.Error("an NHS number in a joined error was not found")
	}
	var b bytes.Buffer
	b.WriteString(fmt.Sprint([]byte(digits)))
	if !strings.Contains(b.String(), fmt.Sprint([]byte(digits))[1:30]) {
		t.Error("an NHS number as bytes was not found")
	}
}

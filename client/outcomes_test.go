package client

import (
	"encoding/csv"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/internal/wire"
)

// classNames are what testdata/outcomes/index.csv calls the classes.
var classNames = map[string]error{
	"refused": ErrRefused, "not-found": ErrNotFound, "no-answer": ErrNoAnswer, "unreadable": ErrUnreadable, "invalid": ErrInvalid,
	"certificate": ErrCertificate, "client-certificate": ErrClientCertificate, "not-enabled": ErrNotEnabled, "duplicate": ErrDuplicate,
	"version-conflict": ErrVersionConflict, "sender-not-accredited": ErrSenderNotAccredited, "receiver-not-accredited": ErrReceiverNotAccredited,
	"no-sharing-agreement": ErrNoSharingAgreement, "endpoint-varies": ErrEndpointVaries, "provider-unreachable": ErrProviderUnreachable,
	"throttled": ErrThrottled, "vetoed": ErrVetoed,
}

// outcome is a line of testdata/outcomes/index.csv: an answer, and what it is.
type outcome struct {
	body, contentType, layer string
	status                   int
	codes, classes           []string
	temporary                bool
}

func outcomes(t *testing.T) (all []outcome) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "outcomes", "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		status, err := strconv.Atoi(l[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, outcome{
			body: l[0], status: status, contentType: l[2], layer: l[3],
			codes: strings.Fields(l[4]), classes: strings.Fields(l[5]), temporary: l[6] == "yes",
		})
	}
	return all
}

// bytes reads the body; those of the corpus are not there without it.
func (o outcome) bytes(t *testing.T) (body []byte, there bool) {
	t.Helper()
	if o.body == "" {
		return nil, true
	}
	path := filepath.Join("..", "testdata", "outcomes", o.body)
	if name, published := strings.CutPrefix(o.body, "corpus/"); published {
		if os.Getenv("GPC_CORPUS") == "" {
			return nil, false
		}
		path = filepath.Join(os.Getenv("GPC_CORPUS"), "outcomes", name)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body, true
}

// TestOutcomes judges every answer of the table: who failed, with which codes,
// of exactly which classes, and whether trying again can help.
func TestOutcomes(t *testing.T) {
	left := 0
	for _, o := range outcomes(t) {
		body, there := o.bytes(t)
		if !there {
			left++
			continue
		}
		k := &call{client: &Client{config: Config{Now: time.Now}}, op: "test", ods: "A12345"}
		e := k.judge(&wire.Answer{Status: o.status, Header: http.Header{"Content-Type": {o.contentType}}, Body: body})
		name := strings.TrimSpace(o.body + " " + strconv.Itoa(o.status))
		if o.status >= 200 && o.status < 300 && o.status != 206 {
			if e != nil {
				t.Errorf("%s: got %v, want what is read as an answer", name, e)
			}
			continue
		}
		if e == nil {
			t.Errorf("%s: got no error", name)
			continue
		}
		o.compare(t, name, e)
	}
	if left > 0 && os.Getenv("CI") == "true" {
		t.Errorf("GPC_CORPUS is not set: %d answers were left out", left)
	} else if left > 0 {
		t.Logf("GPC_CORPUS is not set: %d answers were left out", left)
	}
}

func (o outcome) compare(t *testing.T, name string, e *Error) {
	t.Helper()
	if string(e.Layer) != o.layer || e.StatusCode != o.status {
		t.Errorf("%s: got layer %s, status %d, want %s", name, e.Layer, e.StatusCode, o.layer)
	}
	var codes []string
	for _, c := range e.Codes {
		codes = append(codes, string(c))
		if !errors.Is(e, c) {
			t.Errorf("%s: is not its own code %s", name, c)
		}
	}
	if !slices.Equal(codes, o.codes) {
		t.Errorf("%s: got codes %q, want %q", name, codes, o.codes)
	}
	for class, err := range classNames {
		if got, want := errors.Is(e, err), slices.Contains(o.classes, class); got != want {
			t.Errorf("%s: is %s: got %v, want %v", name, class, got, want)
		}
	}
	if got := e.Temporary(); got != o.temporary {
		t.Errorf("%s: temporary: got %v, want %v", name, got, o.temporary)
	}
	for _, planted := range []string{"9000000009", "900 000 0009", "Doe"} {
		if strings.Contains(e.Error(), planted) {
			t.Errorf("%s: the error quotes the other side: %v", name, e)
		}
	}
}

// TestOutcomesAreAll: no published outcome is missing in the table, and no
// fixture lies about unused.
func TestOutcomesAreAll(t *testing.T) {
	var used []string
	for _, o := range outcomes(t) {
		used = append(used, o.body)
	}
	own, err := filepath.Glob(filepath.Join("..", "testdata", "outcomes", "*"))
	if err != nil || len(own) < 20 {
		t.Fatalf("got %d fixtures, %v", len(own), err)
	}
	var want []string
	for _, path := range own {
		want = append(want, filepath.Base(path))
	}
	if corpus := os.Getenv("GPC_CORPUS"); corpus != "" {
		published, err := filepath.Glob(filepath.Join(corpus, "outcomes", "*"))
		if err != nil || len(published) < 25 {
			t.Fatalf("got %d published outcomes, %v", len(published), err)
		}
		for _, path := range published {
			want = append(want, "corpus/"+filepath.Base(path))
		}
	}
	for _, name := range want {
		if name != "index.csv" && !slices.Contains(used, name) {
			t.Errorf("%s is not in the table", name)
		}
	}
}

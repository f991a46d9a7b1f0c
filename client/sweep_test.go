package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// fleet is a proxy with any number of practices behind it, each with one slot.
// It counts how many are asked at once, in all and by host.
type fleet struct {
	proxy  *httptest.Server
	config *tls.Config
	hosts  int // practices are spread over so many
	answer func(ods string, w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	now   map[string]int // by host; "" is all
	most  map[string]int
	asked map[string]int // by ODS code
}

func newFleet(t *testing.T, hosts int) *fleet {
	t.Helper()
	f := &fleet{hosts: hosts, now: map[string]int{}, most: map[string]int{}, asked: map[string]int{}}
	box, err := sandbox.Start(t.Context(), sandbox.Config{}) // for its keys alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	config, pair := tapKeys(t, box)
	f.config = config
	f.proxy = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	f.proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.proxy.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	f.proxy.StartTLS()
	t.Cleanup(f.proxy.Close)
	return f
}

// Endpoint is the fleet's directory: Z00013 is on host 13 modulo the number of hosts.
func (f *fleet) Endpoint(ctx context.Context, ods string, _ sdslookup.Interaction) (sdslookup.Endpoint, error) {
	var n int
	if _, err := fmt.Sscanf(ods, "Z%05d", &n); err != nil || n%97 == 96 {
		return sdslookup.Endpoint{}, fmt.Errorf("%s: %w", ods, sdslookup.ErrNotFound)
	}
	return sdslookup.Endpoint{
		Address: fmt.Sprintf("https://host-%d.example/%s/STU3/1/gpconnect", n%f.hosts, ods), ASID: fmt.Sprintf("%012d", n), PartyKey: ods,
	}, ctx.Err()
}

func (f *fleet) serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.RequestURI, "/https://"), "/")
	host, ods := parts[0], parts[1]
	f.count(ods, host, 1)
	defer f.count("", host, -1)
	if f.answer != nil && !f.answer(ods, w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	start := client.InUK(time.Now().Add(48 * time.Hour).Truncate(time.Minute))
	fmt.Fprintf(w, `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Slot","id":"%s-1","status":"free","start":"%s","end":"%s",`+
		`"schedule":{"reference":"Schedule/1"}}},{"resource":{"resourceType":"Schedule","id":"1","actor":[{"reference":"Location/1"}]}}]}`, ods, start, client.InUK(start.Add(10*time.Minute)))
}

func (f *fleet) count(ods, host string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range []string{"", host} {
		f.now[at] += by
		f.most[at] = max(f.most[at], f.now[at])
	}
	if ods != "" {
		f.asked[ods]++
	}
}

func (f *fleet) encounter(t *testing.T, change func(*client.Config)) *client.Encounter {
	t.Helper()
	config := client.Config{ProxyURL: f.proxy.URL, TLS: f.config, Directory: f, Retry: client.Retry{Attempts: 1}}
	if change != nil {
		change(&config)
	}
	e, err := newClient(t, config).Encounter(booker, user)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func codes(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("Z%05d", i)
	}
	return all
}

func nextWeek() client.SlotQuery {
	return client.SlotsBetween(time.Now().Add(24*time.Hour), time.Now().Add(8*24*time.Hour))
}

// TestSweep: every practice is accounted for, failures stay their own, and no more are asked
// at once than may be, by host and in all.
func TestSweep(t *testing.T) {
	f := newFleet(t, 5)
	f.answer = func(ods string, w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(ods, "7"):
			w.WriteHeader(500)
			return false
		case strings.HasSuffix(ods, "8"):
			_, _ = io.WriteString(w, `{"resourceType":"Bundle"}`)
			return false
		case ods == "Z00011": // hangs beyond its own time
			<-r.Context().Done()
			return false
		}
		time.Sleep(time.Millisecond)
		return true
	}
	asked := append(codes(300), "z00001", "Z00002 ", "no", "9000000009", "")
	got := map[string]error{}
	order := map[int]string{}
	for r, err := range f.encounter(t, nil).SearchSlots(t.Context(), slices.Values(asked), nextWeek(), client.Sweep{Concurrent: 12, PerHost: 3, Each: 2 * time.Second}) {
		if _, twice := got[r.ODS]; twice {
			t.Errorf("%q came twice", r.ODS)
		}
		got[r.ODS], order[r.Index] = err, r.ODS
		want := 1
		if err != nil || strings.HasSuffix(r.ODS, "8") {
			want = 0
		}
		if len(r.Slots) != want || want == 1 && r.Slots[0].ODS != r.ODS {
			t.Errorf("%s: got %d slots, %v", r.ODS, len(r.Slots), err)
		}
	}
	if len(got) != 303 {
		t.Errorf("%d practices are accounted for, want 300 and three codes that are none", len(got))
	}
	for i, ods := range codes(300) {
		want := error(nil)
		switch {
		case i%97 == 96:
			want = client.ErrNotFound
		case strings.HasSuffix(ods, "7"), ods == "Z00011":
			want = client.ErrNoAnswer
		}
		if err := got[ods]; !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: got %v, want %v", ods, err, want)
		}
		var failed *client.Error
		if errors.As(got[ods], &failed) && failed.ODS != ods {
			t.Errorf("%s: its error is of %s", ods, failed.ODS)
		}
		if order[i] != ods {
			t.Errorf("position %d: got %s, want %s", i, order[i], ods)
		}
	}
	for _, ods := range []string{"no", "9000000009", ""} {
		if !errors.Is(got[ods], client.ErrInvalid) {
			t.Errorf("%q: got %v, want ErrInvalid", ods, got[ods])
		}
	}
	f.mu.Lock() // the server may not have seen yet that nobody waits for the one that hangs
	defer f.mu.Unlock()
	if f.most[""] > 12 {
		t.Errorf("%d were asked at once, want at most 12", f.most[""])
	}
	for host, n := range f.most {
		if host != "" && n > 3 {
			t.Errorf("%s: %d were asked at once, want at most 3", host, n)
		}
	}
	for ods, n := range f.asked {
		if n != 1 {
			t.Errorf("%s was asked %d times", ods, n)
		}
	}
}

// TestSweepBrokenOff: who leaves the loop leaves nothing behind, and nobody is asked any more.
func TestSweepBrokenOff(t *testing.T) {
	f := newFleet(t, 3)
	f.answer = func(ods string, w http.ResponseWriter, r *http.Request) bool {
		if ods != "Z00000" {
			<-r.Context().Done()
		}
		return true
	}
	n := 0
	for range f.encounter(t, nil).SearchSlots(t.Context(), slices.Values(codes(200)), nextWeek(), client.Sweep{}) {
		n++
		break
	}
	if n != 1 {
		t.Fatalf("%d results", n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) > 16 {
		t.Errorf("%d practices were asked", len(f.asked))
	}
}

// TestSweepInterrupted: when ctx ends, every practice that has not answered says so.
func TestSweepInterrupted(t *testing.T) {
	f := newFleet(t, 3)
	f.answer = func(ods string, w http.ResponseWriter, r *http.Request) bool {
		if ods >= "Z00020" {
			<-r.Context().Done()
		}
		return true
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	answered, cut := 0, 0
	for r, err := range f.encounter(t, nil).SearchSlots(ctx, slices.Values(codes(90)), nextWeek(), client.Sweep{}) {
		switch {
		case err == nil:
			if answered++; answered == 20 {
				interrupt()
			}
		case errors.Is(err, context.Canceled):
			cut++
		default:
			t.Errorf("%s: %v", r.ODS, err)
		}
	}
	if answered != 20 || cut != 70 {
		t.Errorf("%d answered and %d were cut off, want 20 and 70", answered, cut)
	}
}

// TestSweepWrongQuery is one error, and nobody is asked.
func TestSweepWrongQuery(t *testing.T) {
	f := newFleet(t, 3)
	n := 0
	for r, err := range f.encounter(t, nil).SearchSlots(t.Context(), slices.Values(codes(9)), client.SlotQuery{From: "2026-02-29", To: "2026-03-01"}, client.Sweep{}) {
		n++
		if r.ODS != "" || !errors.Is(err, client.ErrInvalid) {
			t.Errorf("got %q, %v; want ErrInvalid", r.ODS, err)
		}
	}
	if n != 1 || len(f.asked) != 0 {
		t.Errorf("%d results, %d asked; want 1 and none", n, len(f.asked))
	}
}

// TestSweepIsLazy: the list of practices is read as they are asked, so that it may be long.
func TestSweepIsLazy(t *testing.T) {
	f := newFleet(t, 3)
	read := 0
	var endless iter.Seq[string] = func(yield func(string) bool) {
		for ; yield(fmt.Sprintf("Z%05d", read)); read++ {
		}
	}
	n := 0
	for range f.encounter(t, nil).SearchSlots(t.Context(), endless, nextWeek(), client.Sweep{Concurrent: 4}) {
		if n++; n == 50 {
			break
		}
	}
	// While both calls that one of the three hosts may have hang, the other two answer: three
	// codes are read for two results. The rest are on their way.
	if read > 50*3/2+8 {
		t.Errorf("%d codes were read for 50 results", read)
	}
}

// TestSweepPanic: a loop that panics is a loop that was broken off.
func TestSweepPanic(t *testing.T) {
	f := newFleet(t, 3)
	read := 0
	var long iter.Seq[string] = func(yield func(string) bool) {
		for ; read < 10_000 && yield(fmt.Sprintf("Z%05d", read)); read++ {
		}
	}
	e := f.encounter(t, nil)
	func() {
		defer func() { _ = recover() }()
		for range e.SearchSlots(t.Context(), long, nextWeek(), client.Sweep{Concurrent: 4}) {
			panic("in the loop")
		}
	}()
	if read > 1+16 {
		t.Errorf("%d codes were read for one result", read)
	}
}

// TestSweepSandbox: the practices of the sandbox, by the real protocols.
func TestSweepSandbox(t *testing.T) {
	d := newDesk(t, nil)
	e, err := d.client.Encounter(booker, user)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for r, err := range e.SearchSlots(t.Context(), slices.Values([]string{"A12345", "B82617", "C11204", "X99999"}), nextWeek(), client.Sweep{}) {
		if (err == nil) == (r.ODS == "X99999") {
			t.Errorf("%s: %v", r.ODS, err)
		}
		found[r.ODS] = len(r.Slots)
	}
	if found["A12345"] == 0 || found["B82617"] == 0 || found["C11204"] == 0 || len(found) != 4 {
		t.Errorf("got %v", found)
	}
	d.keptRules()
}

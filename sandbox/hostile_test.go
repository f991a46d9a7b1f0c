package sandbox

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// raw opens a TLS connection to a listener.
func raw(t testing.TB, s *Server, url string) *tls.Conn {
	t.Helper()
	_, address, _ := strings.Cut(url, "://")
	config := trust(t, s)
	config.ServerName = "localhost"
	c, err := tls.Dial("tcp", address, config)
	if err != nil {
		t.Fatalf("dialling: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

// goodSearch is a search for the first consumer's ASID.
func goodSearch(id int) []byte {
	integer := func(tag ber.Tag, n int) *ber.Packet {
		return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, n, "")
	}
	equal := tagged(ber.ClassContext, filterEquality, octets("uniqueIdentifier"), octets("200000000359"))
	q := tagged(ber.ClassApplication, opSearch, octets("ou=services,o=nhs"), integer(ber.TagEnumerated, 2), integer(ber.TagEnumerated, 0),
		integer(ber.TagInteger, 0), integer(ber.TagInteger, 0), ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""), equal, sequence())
	return message(id, q)
}

func TestHostileOctetsEndTheConnection(t *testing.T) {
	s := run(t, Config{})
	nested := func(depth int) []byte {
		inner := []byte{0x87, 1, 'o'}
		for range depth {
			inner = append([]byte{0xa2, 0x82, byte(len(inner) >> 8), byte(len(inner))}, inner...)
		}
		return append([]byte{0x30, 0x82, byte(len(inner) >> 8), byte(len(inner))}, inner...)
	}
	for name, octets := range map[string][]byte{
		"no sequence":                   []byte("GET / HTTP/1.1\r\n\r\n"),
		"a gigabyte announced":          {0x30, 0x84, 0x40, 0, 0, 0},
		"eight octets of length":        {0x30, 0x88, 0, 0, 0, 1, 0, 0, 0, 0},
		"a length of 127 octets":        append([]byte{0x30, 0xff}, bytes.Repeat([]byte{1}, 127)...),
		"indefinite length":             {0x30, 0x80, 2, 1, 1, 0, 0},
		"child longer than its parent":  {0x30, 5, 2, 0x82, 1, 0, 0},
		"message id of ten octets":      {0x30, 14, 2, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0x42, 0},
		"message id without octets":     {0x30, 4, 2, 0, 0x42, 0},
		"message id zero":               {0x30, 5, 2, 1, 0, 0x42, 0},
		"message id negative":           {0x30, 5, 2, 1, 0xff, 0x42, 0},
		"empty message":                 {0x30, 0},
		"a tag of many octets":          {0x30, 4, 0x1f, 0x81, 0x01, 0},
		"nested too deep":               nested(200),
		"a real":                        {0x30, 5, 9, 3, 0x80, 0, 1},
		"a time":                        {0x30, 15, 0x17, 13, '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', 'Z'},
		"an unknown operation":          {0x30, 6, 2, 1, 1, 0x7d, 1, 0},
		"an operation of another class": {0x30, 5, 2, 1, 1, 0x80, 0},
		"too many elements":             append([]byte{0x30, 0x82, 0x80, 0}, bytes.Repeat([]byte{5, 0}, 0x4000)...),
	} {
		c := raw(t, s, s.LDAPURL())
		if _, err := c.Write(octets); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rest, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: the connection goes on after %d octets: %v", name, len(rest), err)
		}
	}
	if got := len(find(t, dial(t, s), "(uniqueIdentifier=200000000359)")); got != 1 {
		t.Errorf("after all this: got %d entries, want 1", got)
	}
}

func TestBadSearchesAreProtocolErrors(t *testing.T) {
	s := run(t, Config{})
	for name, change := range map[string]func(q *ber.Packet){
		"scope nine":               func(q *ber.Packet) { q.Children[1].Data.Bytes()[0] = 9 },
		"a filter of another kind": func(q *ber.Packet) { q.Children[6] = tagged(ber.ClassContext, 12, octets("x")) },
		"not without an inner":     func(q *ber.Packet) { q.Children[6] = tagged(ber.ClassContext, filterNot) },
		"equality of one":          func(q *ber.Packet) { q.Children[6] = tagged(ber.ClassContext, filterEquality, octets("x")) },
	} {
		p, err := decode(goodSearch(1))
		if err != nil {
			t.Fatal(err)
		}
		change(p.Children[1])
		again := tagged(ber.ClassApplication, opSearch)
		for _, c := range p.Children[1].Children {
			again.AppendChild(c)
		}
		c := raw(t, s, s.LDAPURL())
		if _, err := c.Write(message(1, again)); err != nil {
			t.Fatal(err)
		}
		reply, err := readMessage(bufio.NewReader(c))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if code, _ := number(reply.Children[1].Children[0]); reply.Children[1].Tag != opSearchDone || code != ldapProtocolError {
			t.Errorf("%s: got operation %d, code %d; want the end of the search with protocol error", name, reply.Children[1].Tag, code)
		}
	}
}

func TestPipelinedSearchesAndReusedMessageID(t *testing.T) {
	s := run(t, Config{Faults: []string{"ldap:hang@1"}})
	c := raw(t, s, s.LDAPURL())
	c.Write(append(goodSearch(5), goodSearch(5)...))
	r := bufio.NewReader(c)
	p, err := readMessage(r)
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := number(p.Children[1].Children[0]); code != ldapProtocolError {
		t.Errorf("the same message id again: got code %d, want protocol error", code)
	}
	abandon := []byte{0x30, 6, 2, 1, 6, 0x50, 1, 5}
	c.Write(append(abandon, goodSearch(7)...))
	for {
		p, err := readMessage(r)
		if err != nil {
			t.Fatal(err)
		}
		if id, _ := number(p.Children[0]); id != 7 {
			t.Fatalf("got an answer to message %d, want none but to 7", id)
		}
		if p.Children[1].Tag == opSearchDone {
			break
		}
	}
}

func TestTooManySearchesAtOnce(t *testing.T) {
	s := run(t, Config{Faults: []string{"ldap:hang"}})
	c := raw(t, s, s.LDAPURL())
	var all []byte
	for id := 1; id <= maxAtOnce+1; id++ {
		all = append(all, goodSearch(id)...)
	}
	c.Write(all)
	p, err := readMessage(bufio.NewReader(c))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := number(p.Children[0])
	code, _ := number(p.Children[1].Children[0])
	if id != maxAtOnce+1 || code != ldapBusy {
		t.Errorf("got code %d for search %d, want busy for search %d", code, id, maxAtOnce+1)
	}
}

func TestRandomOctetsDoNotHurt(t *testing.T) {
	s := run(t, Config{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for i := range 60 {
		c := raw(t, s, []string{s.LDAPURL(), s.ProxyURL()}[i%2])
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(1, uint64(i)))
			b := make([]byte, 4096)
			for j := range b {
				b[j] = byte(dice.Uint32())
			}
			if i%4 == 0 {
				copy(b, goodSearch(1)) // sense, then nonsense
			}
			c.Write(b)
			c.CloseWrite()
			io.Copy(io.Discard, c)
			c.Close()
		})
	}
	wg.Wait()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the heap grew by %d octets", grown)
	}
	if r := metadata(t, s).send(t, s); r.status != 200 {
		t.Errorf("after all this: got %d, want 200", r.status)
	}
}

func TestSilentClientsDoNotHoldUpOthers(t *testing.T) {
	s := run(t, Config{})
	for i := range 100 {
		_, address, _ := strings.Cut([]string{s.LDAPURL(), s.ProxyURL(), s.APIURL()}[i%3], "://")
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if r := metadata(t, s).send(t, s); r.status != 200 {
		t.Errorf("got %d, want 200", r.status)
	}
}

func FuzzDirectory(f *testing.F) {
	f.Add(goodSearch(1))
	f.Add([]byte{0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0})
	f.Add([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff})
	f.Add(message(2, tagged(ber.ClassContext, filterAnd, tagged(ber.ClassContext, filterNot, octets("x")))))
	dir := newDirectory(nil, interactionTable(), differences{})
	f.Fuzz(func(t *testing.T, octets []byte) {
		r := bufio.NewReader(bytes.NewReader(octets))
		for {
			p, err := readMessage(r)
			if err != nil {
				return
			}
			for _, op := range p.Children {
				judgeBind(op)
				abandoned(op)
				critical([]*ber.Packet{op})
				if f, err := parseFilter(op); err == nil {
					_ = f.String()
				}
				q, err := parseSearch(op)
				if err != nil {
					continue
				}
				_ = q.line()
				found, code, _ := dir.find(q)
				if q.sizeLimit > 0 && len(found) > q.sizeLimit {
					t.Errorf("got %d entries for a limit of %d, code %d", len(found), q.sizeLimit, code)
				}
				for _, e := range found {
					if _, err := decode(message(1, dir.present(e, q))); err != nil {
						t.Errorf("an entry cannot be read back: %v", err)
					}
				}
			}
		}
	})
}

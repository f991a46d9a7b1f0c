package sdslookup

import (
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// peer is an LDAP server over TLS that answers from a table and misbehaves on request. What a search gets
// is decided by handle, which may be exchanged while the peer runs.
type peer struct {
	t        testing.TB
	listener net.Listener
	url      string
	handle   atomic.Pointer[func(*asked)]
	onAccept atomic.Pointer[func(net.Conn) bool] // false: no TLS, the function has the connection
	dials    atomic.Int64
	searches atomic.Int64

	mu        sync.Mutex
	conns     map[net.Conn]bool
	abandoned map[int64]bool // by message ID
	wg        sync.WaitGroup
}

// asked is one search.
type asked struct {
	peer         *peer
	conn         net.Conn
	write        *sync.Mutex
	id           int64
	base, filter string
	attributes   []string
}

// record is an entry; attribute names as the server spells them.
type record struct {
	dn    string
	attrs map[string][]string
}

func newPeer(t testing.TB, c *tls.Config, handle func(*asked)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, listener: l, url: "ldaps://" + l.Addr().String(), conns: make(map[net.Conn]bool), abandoned: make(map[int64]bool)}
	p.handle.Store(&handle)
	p.wg.Add(1)
	go p.accept(c)
	t.Cleanup(p.close)
	return p
}

func (p *peer) close() {
	p.listener.Close()
	p.cutAll()
	p.wg.Wait()
}

// cutAll ends every open connection.
func (p *peer) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *peer) open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns)
}

func (p *peer) behave(handle func(*asked)) { p.handle.Store(&handle) }

func (p *peer) accept(c *tls.Config) {
	defer p.wg.Done()
	for {
		raw, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.dials.Add(1)
		p.mu.Lock()
		p.conns[raw] = true
		p.mu.Unlock()
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			defer func() {
				raw.Close()
				p.mu.Lock()
				delete(p.conns, raw)
				p.mu.Unlock()
			}()
			if f := p.onAccept.Load(); f != nil && !(*f)(raw) {
				return
			}
			p.serve(tls.Server(raw, c))
		}()
	}
}

func (p *peer) serve(conn *tls.Conn) {
	if conn.Handshake() != nil {
		return
	}
	var write sync.Mutex
	var searches sync.WaitGroup
	defer searches.Wait()
	defer conn.Close()
	for {
		m, err := ber.ReadPacket(conn)
		if err != nil || len(m.Children) < 2 {
			return
		}
		a := &asked{peer: p, conn: conn, write: &write, id: m.Children[0].Value.(int64)}
		switch op := m.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			a.send(result(ldap.ApplicationBindResponse, 0))
		case ldap.ApplicationUnbindRequest:
			return
		case ldap.ApplicationAbandonRequest:
			p.abandon(op)
		case ldap.ApplicationSearchRequest:
			p.searches.Add(1)
			a.base = op.Children[0].Value.(string)
			if a.filter, err = ldap.DecompileFilter(op.Children[6]); err != nil {
				return
			}
			for _, name := range op.Children[7].Children {
				a.attributes = append(a.attributes, name.Value.(string))
			}
			handle := *p.handle.Load()
			searches.Go(func() { handle(a) })
		}
	}
}

func (p *peer) abandon(op *ber.Packet) {
	var id int64
	for _, b := range op.Data.Bytes() {
		id = id<<8 | int64(b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.abandoned[id] = true
}

func (p *peer) hasAbandoned(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.abandoned[id]
}

// answer sends the entries and the end of the search.
func (a *asked) answer(rs ...record) { a.entries(rs...); a.done(0) }

func (a *asked) done(code int) { a.send(result(ldap.ApplicationSearchResultDone, code)) }

func (a *asked) entries(rs ...record) {
	for _, r := range rs {
		e := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		e.AppendChild(text(r.dn))
		attrs := ber.NewSequence("")
		for name, values := range r.attrs {
			attr, set := ber.NewSequence(""), ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
			for _, v := range values {
				set.AppendChild(text(v))
			}
			attr.AppendChild(text(name))
			attr.AppendChild(set)
			attrs.AppendChild(attr)
		}
		e.AppendChild(attrs)
		a.send(e)
	}
}

func (a *asked) reference(url string) {
	r := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
	r.AppendChild(text(url))
	a.send(r)
}

func (a *asked) send(op *ber.Packet) {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, a.id, ""))
	m.AppendChild(op)
	a.raw(m.Bytes())
}

func (a *asked) raw(b []byte) {
	a.write.Lock()
	defer a.write.Unlock()
	a.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	a.conn.Write(b)
}

// cut ends the connection without another word.
func (a *asked) cut() { a.conn.(*tls.Conn).NetConn().Close() }

func text(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func result(op ber.Tag, code int) *ber.Packet {
	r := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op, nil, "")
	r.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(code), ""))
	r.AppendChild(text(""))
	r.AppendChild(text(""))
	return r
}

// practices answers for every ODS code that begins with A, as a directory does that knows them all.
func practices(a *asked) {
	ods := between(a.filter, "nhsIDCode=", ")")
	switch {
	case !strings.HasPrefix(ods, "A"):
		a.answer()
	case strings.Contains(a.filter, "(objectClass=nhsMhs)"):
		a.answer(mhsRecord(ods))
	case strings.Contains(a.filter, "(nhsMHSPartyKey="+ods+"-0000001)"):
		a.answer(asRecord(ods))
	default:
		a.answer()
	}
}

func mhsRecord(ods string) record {
	return record{"uniqueIdentifier=S" + ods + ",ou=services,o=nhs", map[string][]string{
		"nhsMHSEndPoint": {"https://gp.example.nhs.uk/" + ods + "/STU3/1/gpconnect"},
		"nhsMHSPartyKey": {ods + "-0000001"},
	}}
}

func asRecord(ods string) record {
	return record{"uniqueIdentifier=200000000001,ou=services,o=nhs", map[string][]string{"UNIQUEIDENTIFIER": {"200000000001"}}}
}

func at(address, asid, partyKey string) Endpoint {
	return Endpoint{Address: address, ASID: asid, PartyKey: partyKey}
}

func practiceEndpoint(ods string) Endpoint {
	return at("https://gp.example.nhs.uk/"+ods+"/STU3/1/gpconnect", "200000000001", ods+"-0000001")
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// directoryAt is an LDAP whose servers are the peers.
func directoryAt(t testing.TB, f *family, change func(*LDAPConfig), peers ...*peer) *LDAP {
	t.Helper()
	c := LDAPConfig{TLS: f.clientTLS()}
	for _, p := range peers {
		c.Servers = append(c.Servers, p.url)
	}
	if change != nil {
		change(&c)
	}
	d, err := NewLDAP(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

package sandbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// The operations of RFC 4511 by their tags.
const (
	opBind         ber.Tag = 0
	opBindDone     ber.Tag = 1
	opUnbind       ber.Tag = 2
	opSearch       ber.Tag = 3
	opSearchEntry  ber.Tag = 4
	opSearchDone   ber.Tag = 5
	opModify       ber.Tag = 6
	opAdd          ber.Tag = 8
	opDelete       ber.Tag = 10
	opModifyDN     ber.Tag = 12
	opCompare      ber.Tag = 14
	opAbandon      ber.Tag = 16
	opExtended     ber.Tag = 23
	opExtendedDone ber.Tag = 24
)

const (
	handshakeTime = 10 * time.Second
	writeTime     = 10 * time.Second // a client that stopped reading is let go
	maxAtOnce     = 64               // searches of one connection under way
)

// serveLDAP answers connections until the server closes.
func (s *Server) serveLDAP(l net.Listener) {
	config := s.keys.mutual()
	config.NextProtos = nil
	s.wg.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				if s.ctx.Err() != nil {
					return
				}
				time.Sleep(time.Millisecond) // out of descriptors: they come back
				continue
			}
			s.wg.Go(func() {
				c := &ldapConn{server: s, conn: tls.Server(raw, config), running: map[int]context.CancelFunc{}}
				c.serve()
			})
		}
	})
}

// An ldapConn is one client's connection. Searches run at once, each in its own goroutine;
// whole answers are written one after the other.
type ldapConn struct {
	server *Server
	conn   *tls.Conn
	write  sync.Mutex

	mu      sync.Mutex
	running map[int]context.CancelFunc // by message id
	wg      sync.WaitGroup
}

// serve reads messages until the client goes, the server closes, or something arrives that
// is not LDAP.
func (c *ldapConn) serve() {
	ctx, cancel := context.WithCancel(c.server.ctx)
	stop := context.AfterFunc(ctx, func() { c.conn.NetConn().Close() })
	defer func() {
		stop()
		cancel()
		c.conn.NetConn().Close()
		c.wg.Wait()
	}()
	hand, done := context.WithTimeout(ctx, handshakeTime)
	err := c.conn.HandshakeContext(hand)
	done()
	if err != nil {
		return
	}
	r := bufio.NewReaderSize(c.conn, 4096)
	for {
		p, err := readMessage(r)
		if err == errBER {
			c.disconnect()
			return
		}
		if err != nil || !c.handle(ctx, p) {
			return
		}
	}
}

// handle obeys one message, and says whether the connection goes on.
func (c *ldapConn) handle(ctx context.Context, p *ber.Packet) bool {
	if len(p.Children) < 2 || len(p.Children) > 3 {
		c.disconnect()
		return false
	}
	id, ok := number(p.Children[0])
	op := p.Children[1]
	if !ok || id < 1 || op.ClassType != ber.ClassApplication {
		c.disconnect()
		return false
	}
	switch op.Tag {
	case opUnbind:
		return false
	case opAbandon:
		c.abandon(abandoned(op))
		return true
	case opBind:
		code, why := judgeBind(op)
		return c.result(id, opBindDone, code, why)
	case opSearch:
		return c.search(ctx, id, op, p.Children[2:])
	case opModify, opAdd, opDelete, opModifyDN, opCompare:
		return c.result(id, op.Tag+1, ldapUnwillingToPerform, "this directory is read only")
	case opExtended:
		return c.result(id, opExtendedDone, ldapProtocolError, "unknown extended operation")
	}
	c.disconnect()
	return false
}

// judgeBind lets nobody in but the anonymous: who the client is, its certificate has said.
func judgeBind(op *ber.Packet) (code int, why string) {
	if len(op.Children) < 3 {
		return ldapProtocolError, "not a bind"
	}
	version, ok := number(op.Children[0])
	name, method := text(op.Children[1]), op.Children[2]
	switch {
	case !ok || version != 3:
		return ldapProtocolError, "LDAP version 3 only"
	case method.ClassType != ber.ClassContext || method.Tag != 0:
		return ldapAuthMethodUnknown, "simple binds only"
	case name != "" || text(method) != "":
		return ldapInvalidCredentials, "anonymous binds only"
	}
	return ldapSuccess, ""
}

// abandoned is the message id an AbandonRequest names, a primitive of its own tag.
func abandoned(op *ber.Packet) int {
	id := 0
	for _, b := range []byte(text(op)) {
		if id = id<<8 | int(b); id > 1<<31 {
			return 0
		}
	}
	return id
}

func (c *ldapConn) abandon(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := c.running[id]; cancel != nil {
		cancel()
	}
}

// result answers with an LDAPResult alone.
func (c *ldapConn) result(id int, tag ber.Tag, code int, why string) bool {
	return c.send(message(id, done(tag, code, why, "")))
}

// disconnect is the notice of disconnection, RFC 4511 section 4.4.1.
func (c *ldapConn) disconnect() {
	p := done(opExtendedDone, ldapProtocolError, "not understood", "")
	p.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 10, "1.3.6.1.4.1.1466.20036", ""))
	c.send(message(0, p))
}

func (c *ldapConn) send(b []byte) bool {
	c.write.Lock()
	defer c.write.Unlock()
	c.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err := c.conn.Write(b)
	if err != nil {
		c.conn.NetConn().Close()
	}
	return err == nil
}

func message(id int, op *ber.Packet) []byte {
	return sequence(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""), op).Bytes()
}

// done is an LDAPResult under a tag, with a referral if there is one.
func done(tag ber.Tag, code int, why, referral string) *ber.Packet {
	p := tagged(ber.ClassApplication, tag,
		ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""), octets(""), octets(why))
	if referral != "" {
		p.AppendChild(tagged(ber.ClassContext, 3, octets(referral)))
	}
	return p
}

package sandbox

import (
	"context"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// search starts a search and returns, so that others can be asked meanwhile.
func (c *ldapConn) search(ctx context.Context, id int, op *ber.Packet, controls []*ber.Packet) bool {
	q, err := parseSearch(op)
	if err != nil {
		return c.result(id, opSearchDone, ldapProtocolError, "not a search")
	}
	e := c.server.history.arrive(Request{Where: "ldap", Line: q.line()})
	ctx, cancel := context.WithCancel(ctx)
	if code, why := c.admit(id, cancel); code != ldapSuccess {
		cancel()
		e.settle(code, why)
		return c.result(id, opSearchDone, code, why)
	}
	fault := c.server.faults.strike("ldap")
	e.struck(fault)
	c.wg.Go(func() {
		defer c.forget(id, cancel)
		if !fault.wait(ctx) {
			e.settle(0, "")
			return
		}
		c.deliver(c.answer(id, q, critical(controls), fault, e), fault)
	})
	return true
}

// admit notes a search under way, unless its message id or the number of searches forbids.
func (c *ldapConn) admit(id int, cancel context.CancelFunc) (code int, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, twice := c.running[id]; twice {
		return ldapProtocolError, "the message id of a search under way is used again"
	}
	if len(c.running) >= maxAtOnce {
		return ldapBusy, "too many searches at once"
	}
	c.running[id] = cancel
	return ldapSuccess, ""
}

func (c *ldapConn) forget(id int, cancel context.CancelFunc) {
	c.mu.Lock()
	delete(c.running, id)
	c.mu.Unlock()
	cancel()
}

// critical says whether the client insists on a control; the directory knows none.
func critical(controls []*ber.Packet) bool {
	for _, list := range controls {
		for _, control := range list.Children {
			if len(control.Children) > 1 && control.Children[1].Value == true {
				return true
			}
		}
	}
	return false
}

// answer is the whole answer to a search, which it settles.
func (c *ldapConn) answer(id int, q search, critical bool, fault strike, e *record) []byte {
	dir := c.server.directory
	found, code, why := dir.find(q)
	referral, broken := "", ""
	switch {
	case critical:
		found, code, why = nil, ldapCriticalExtension, "unknown critical control"
		broken = why
	case fault.what == "status":
		found, code, why = nil, fault.number, "injected"
	case fault.what == "redirect":
		found, code, referral = nil, ldapReferral, "ldaps://elsewhere.sandbox.example/"+q.base
	case code == ldapNoSuchObject:
		broken = why
	}
	if len(found) > 0 && c.server.differences.on("attribute-case") {
		e.differed([]string{"attribute-case"})
	}
	e.settle(code, broken)
	var out []byte
	for _, x := range found {
		out = append(out, message(id, dir.present(x, q))...)
	}
	if fault.what == "move" {
		for _, x := range found {
			for _, address := range x.values["nhsmhsendpoint"] {
				c.server.moves.move(address)
			}
		}
	}
	return append(out, message(id, done(opSearchDone, code, why, referral))...)
}

// deliver writes an answer as a fault would have it.
func (c *ldapConn) deliver(out []byte, f strike) {
	switch f.what {
	case "drop":
		c.conn.NetConn().Close()
	case "truncate":
		c.send(out[:len(out)/2])
		c.conn.NetConn().Close()
	case "garble":
		for i := range out {
			out[i] ^= 0x55
		}
		c.send(out)
	case "slow":
		c.drip(out, f.late)
	default:
		c.send(out)
	}
}

// drip sends an answer in twenty pieces; no other answer comes in between.
func (c *ldapConn) drip(out []byte, pause time.Duration) {
	c.write.Lock()
	defer c.write.Unlock()
	piece := len(out)/20 + 1
	for len(out) > 0 && outlast(c.server.ctx, pause) {
		n := min(piece, len(out))
		c.conn.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := c.conn.Write(out[:n]); err != nil {
			return
		}
		out = out[n:]
	}
}

package sdslookup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// maxMessage bounds one LDAP message from the directory. The record of a large practice is some kilobytes.
const maxMessage = 256 << 10

// entry is a record as the directory sent it.
type entry struct {
	dn         string
	attributes []attribute
}

type attribute struct {
	name   string
	values []string
}

// values returns the values of an attribute whatever case the server writes its name in: servers answer
// with their schema's spelling, not with the one that was asked for.
func (e *entry) values(name string) []string {
	var out []string
	for _, a := range e.attributes {
		if strings.EqualFold(a.name, name) {
			out = append(out, a.values...)
		}
	}
	return out
}

func (e *entry) first(name string) string {
	if vs := e.values(name); len(vs) > 0 {
		return vs[0]
	}
	return ""
}

// resultError is a result code other than success (RFC 4511, section 4.1.9).
type resultError struct{ code uint16 }

func (r *resultError) Error() string {
	return fmt.Sprintf("it answered with result %d (%s)", r.code, ldap.LDAPResultCodeMap[r.code])
}

// message is one that a directory sends.
type message struct {
	id       int64
	entry    *entry // a search result entry, or
	referral bool   // a reference to another directory, or
	done     bool   // the end of an operation, with
	code     uint16 // its result
}

// readMessage reads the bytes of one message, whose length must be definite and within maxMessage
// (RFC 4511, section 5.1).
func readMessage(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0] != 0x30 {
		return nil, fmt.Errorf("what the directory sent is no LDAP message (it begins with byte %#x)", head[0])
	}
	size, length := 2, int(head[1])
	if octets := length & 0x7f; length >= 0x80 {
		if octets == 0 || octets > 4 {
			return nil, errors.New("what the directory sent is no LDAP message (its length is without bound)")
		}
		size += octets
		if head, err = r.Peek(size); err != nil {
			return nil, err
		}
		length = 0
		for _, b := range head[2:] {
			length = length<<8 | int(b)
		}
	}
	if length > maxMessage {
		return nil, fmt.Errorf("the directory announced a message of %d bytes; %d is the limit", length, maxMessage)
	}
	raw := make([]byte, size+length)
	_, err = io.ReadFull(r, raw)
	return raw, err
}

var errMalformed = errors.New("the directory sent a malformed message")

// decodeMessage reads what a directory may send to a client that binds and searches. Other responses come
// back with nothing in them.
func decodeMessage(raw []byte) (message, error) {
	p, err := ber.DecodePacketErr(raw)
	if err != nil || len(p.Children) < 2 {
		return message{}, errMalformed
	}
	id, ok := p.Children[0].Value.(int64)
	op := p.Children[1]
	if !ok || op.ClassType != ber.ClassApplication {
		return message{}, errMalformed
	}
	m := message{id: id}
	switch op.Tag {
	case ldap.ApplicationSearchResultEntry:
		m.entry, err = decodeEntry(op)
	case ldap.ApplicationSearchResultReference:
		m.referral = true
	case ldap.ApplicationSearchResultDone, ldap.ApplicationBindResponse:
		m.done = true
		m.code, err = decodeResult(op)
	case ldap.ApplicationExtendedResponse: // unasked-for: the notice of disconnection (section 4.4.1)
		if m.code, err = decodeResult(op); err == nil {
			err = fmt.Errorf("the directory took its leave: %w", &resultError{m.code})
		}
	}
	return m, err
}

func decodeResult(op *ber.Packet) (uint16, error) {
	if len(op.Children) < 3 {
		return 0, errMalformed
	}
	code, ok := op.Children[0].Value.(int64)
	if !ok || code < 0 || code > 0xffff {
		return 0, errMalformed
	}
	return uint16(code), nil
}

func decodeEntry(op *ber.Packet) (*entry, error) {
	if len(op.Children) < 2 {
		return nil, errMalformed
	}
	dn, ok := op.Children[0].Value.(string)
	if !ok {
		return nil, errMalformed
	}
	e := &entry{dn: dn}
	for _, a := range op.Children[1].Children {
		if len(a.Children) != 2 {
			return nil, errMalformed
		}
		name, ok := a.Children[0].Value.(string)
		if !ok {
			return nil, errMalformed
		}
		set := a.Children[1].Children
		values := make([]string, len(set))
		for i, v := range set {
			if values[i], ok = v.Value.(string); !ok {
				return nil, errMalformed
			}
		}
		e.attributes = append(e.attributes, attribute{name, values})
	}
	return e, nil
}

// envelope wraps an operation into a message (RFC 4511, section 4.1.1).
func envelope(id int64, op *ber.Packet) []byte {
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(number(ber.TagInteger, id))
	m.AppendChild(op)
	return m.Bytes()
}

// bindRequest is an anonymous simple bind (ldapsearch -x).
func bindRequest() *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationBindRequest, nil, "")
	op.AppendChild(number(ber.TagInteger, 3))
	op.AppendChild(octets(""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "", ""))
	return op
}

func unbindRequest() *ber.Packet {
	return ber.Encode(ber.ClassApplication, ber.TypePrimitive, ldap.ApplicationUnbindRequest, nil, "")
}

func abandonRequest(id int64) *ber.Packet {
	return ber.NewInteger(ber.ClassApplication, ber.TypePrimitive, ldap.ApplicationAbandonRequest, id, "")
}

// searchRequest asks for the whole subtree, follows no alias, and limits what comes back in number and time.
func searchRequest(q query, seconds int64) (*ber.Packet, error) {
	filter, err := ldap.CompileFilter(q.filter)
	if err != nil {
		return nil, err
	}
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchRequest, nil, "")
	op.AppendChild(octets(q.base))
	op.AppendChild(number(ber.TagEnumerated, ldap.ScopeWholeSubtree))
	op.AppendChild(number(ber.TagEnumerated, ldap.NeverDerefAliases))
	op.AppendChild(number(ber.TagInteger, int64(q.limit)))
	op.AppendChild(number(ber.TagInteger, seconds))
	op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	op.AppendChild(filter)
	attributes := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for _, a := range q.attributes {
		attributes.AppendChild(octets(a))
	}
	op.AppendChild(attributes)
	return op, nil
}

func number(tag ber.Tag, n int64) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, n, "")
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

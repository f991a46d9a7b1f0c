package sandbox

import (
	"bufio"
	"errors"
	"io"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// What a message may cost before it is believed: no honest search comes near these.
const (
	maxMessage  = 64 << 10 // octets
	maxDepth    = 24       // nested elements
	maxElements = 4096
)

var errBER = errors.New("not an LDAP message")

// readMessage reads one LDAPMessage. Nothing is allocated on the word of a length that is
// not within bounds, and nothing is decoded whose structure was not walked first.
func readMessage(r *bufio.Reader) (*ber.Packet, error) {
	head := make([]byte, 0, 6)
	for {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		head = append(head, b)
		if head[0] != 0x30 {
			return nil, errBER
		}
		if len(head) < 2 || len(head) < 2+lengthOctets(head[1]) {
			continue
		}
		size, n, ok := berLength(head[1:])
		if !ok || size > maxMessage {
			return nil, errBER
		}
		message := make([]byte, 1+n+size)
		copy(message, head)
		if _, err := io.ReadFull(r, message[1+n:]); err != nil {
			return nil, err
		}
		return decode(message)
	}
}

// decode turns a whole message into a packet, having checked that it is well-formed.
func decode(message []byte) (*ber.Packet, error) {
	elements := 0
	if rest, ok := walk(message, 0, &elements); !ok || len(rest) > 0 {
		return nil, errBER
	}
	p, err := ber.DecodePacketErr(message)
	if err != nil {
		return nil, errBER
	}
	return p, nil
}

// walk checks the first element of b and all within it, and returns what follows it.
// Indefinite lengths and tags over 30 do not occur in LDAP.
func walk(b []byte, depth int, elements *int) (rest []byte, ok bool) {
	*elements++
	if len(b) < 2 || depth > maxDepth || *elements > maxElements || b[0]&0x1f == 0x1f {
		return nil, false
	}
	size, n, ok := berLength(b[1:])
	if !ok || size > len(b)-1-n {
		return nil, false
	}
	content := b[1+n : 1+n+size]
	if constructed := b[0]&0x20 != 0; constructed {
		for inner := content; len(inner) > 0; {
			if inner, ok = walk(inner, depth+1, elements); !ok {
				return nil, false
			}
		}
	} else if !plausible(b[0], content) {
		return nil, false
	}
	return b[1+n+size:], true
}

// plausible refuses primitive universal types that LDAP does not use, and numbers that do
// not fit, before the decoder interprets them.
func plausible(tag byte, content []byte) bool {
	switch tag {
	case 0x01: // BOOLEAN
		return len(content) == 1
	case 0x02, 0x0a: // INTEGER, ENUMERATED
		return len(content) >= 1 && len(content) <= 4
	case 0x04: // OCTET STRING
		return true
	case 0x05: // NULL
		return len(content) == 0
	}
	return tag&0xc0 != 0
}

// lengthOctets is how many octets follow the first one of a length.
func lengthOctets(first byte) int {
	if first&0x80 == 0 {
		return 0
	}
	return int(first & 0x7f)
}

// berLength reads a definite length of at most three octets after the first, and how many
// octets it took.
func berLength(b []byte) (size, n int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	more := lengthOctets(b[0])
	switch {
	case b[0]&0x80 == 0:
		return int(b[0]), 1, true
	case more == 0 || more > 4 || len(b) < 1+more:
		return 0, 0, false
	}
	for _, o := range b[1 : 1+more] {
		if size = size<<8 | int(o); size > maxMessage {
			return 0, 0, false
		}
	}
	return size, 1 + more, true
}

// text is the octets of a string, whatever its tag.
func text(p *ber.Packet) string {
	if p.Data == nil {
		return ""
	}
	return p.Data.String()
}

// number is the value of an INTEGER or ENUMERATED.
func number(p *ber.Packet) (int, bool) {
	n, ok := p.Value.(int64)
	return int(n), ok && (p.Tag == ber.TagInteger || p.Tag == ber.TagEnumerated)
}

// octets is an OCTET STRING.
func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// tagged is a constructed element of a class and tag of LDAP's own.
func tagged(class ber.Class, tag ber.Tag, inner ...*ber.Packet) *ber.Packet {
	p := ber.Encode(class, ber.TypeConstructed, tag, nil, "")
	for _, i := range inner {
		p.AppendChild(i)
	}
	return p
}

func sequence(inner ...*ber.Packet) *ber.Packet {
	return tagged(ber.ClassUniversal, ber.TagSequence, inner...)
}

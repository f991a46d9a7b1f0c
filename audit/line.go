package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// A line is, without its newline,
//
//	{"seq":N,"prev":"<64 hex>",<body>,"hash":"<64 hex>"}
//
// and its hash is that of everything before ,"hash". The body's first member
// is the kind, its second the trace. Lines are compared byte by byte: what a
// JSON reader would forgive, a changed space or the case of a letter, is a
// change.
const (
	seqMark  = `{"seq":`
	prevMark = `,"prev":"`
	hashMark = `,"hash":"`
	lineEnd  = `"}`
	hexSize  = 2 * sha256.Size
	tailSize = len(hashMark) + hexSize + len(lineEnd)

	// maxLine bounds a line with its newline, so that a reader need not hold
	// more than this of a file that is no journal.
	maxLine = 64 << 10
)

// noHash is the prev of the first line of all.
const noHash = "0000000000000000000000000000000000000000000000000000000000000000"

// line is one that is whole in itself: its hash fits its content.
type line struct {
	seq        uint64
	prev, hash string
	body       []byte // members between prev and hash
	bytes      []byte // all of it, without the newline
}

// position is the end of a line in the file.
type position struct {
	offset int64 // of the first byte after its newline
	seq    uint64
	hash   string
}

// seal appends to page the line that has body and follows the one at at. The
// body is a JSON object.
func seal(page []byte, at position, body []byte) ([]byte, position) {
	from := len(page)
	page = append(page, seqMark...)
	page = strconv.AppendUint(page, at.seq+1, 10)
	page = append(page, prevMark...)
	page = append(page, at.hash...)
	page = append(page, `",`...)
	page = append(page, body[1:len(body)-1]...)
	hash := sum(page[from:])
	page = append(page, hashMark...)
	page = append(page, hash...)
	page = append(page, lineEnd...)
	page = append(page, '\n')
	return page, position{offset: at.offset + int64(len(page)-from), seq: at.seq + 1, hash: hash}
}

// open takes a line apart; false when its hash does not fit its content.
func open(b []byte) (line, bool) {
	body, whole := bytes.CutPrefix(b, []byte(seqMark))
	if !whole || len(b) < tailSize {
		return line{}, false
	}
	content, tail := b[:len(b)-tailSize], b[len(b)-tailSize:]
	l := line{hash: string(tail[len(hashMark) : len(hashMark)+hexSize]), bytes: b}
	if string(tail) != hashMark+l.hash+lineEnd || l.hash != sum(content) {
		return line{}, false
	}
	body = body[:max(0, len(body)-tailSize)]
	digits, body, found := bytes.Cut(body, []byte(prevMark))
	if !found || len(body) < hexSize+2 || string(body[hexSize:hexSize+2]) != `",` {
		return line{}, false
	}
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return line{}, false
	}
	l.seq, l.prev, l.body = seq, string(body[:hexSize]), body[hexSize+2:]
	return l, true
}

// follows reports whether l is the line after the one at at.
func (l line) follows(at position) bool { return l.seq == at.seq+1 && l.prev == at.hash }

func (l line) is(k Kind) bool {
	return bytes.HasPrefix(l.body, fmt.Appendf(nil, `"kind":"%s"`, k))
}

// traced is the kind and the trace of a line, read without decoding it.
func (l line) traced() (kind Kind, trace string) {
	rest, _ := bytes.CutPrefix(l.body, []byte(`"kind":"`))
	k, rest, _ := bytes.Cut(rest, []byte(`"`))
	rest, found := bytes.CutPrefix(rest, []byte(`,"trace":"`))
	if found {
		id, _, _ := bytes.Cut(rest, []byte(`"`))
		trace = string(id)
	}
	return Kind(k), trace
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	var digits [hexSize]byte
	hex.Encode(digits[:], s[:])
	return string(digits[:])
}

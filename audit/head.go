package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Head names a line: enough to tell later that it was written.
type Head struct {
	Seq  uint64
	Hash string // 64 hex digits
}

// String is the number, a colon and the hash.
func (h Head) String() string { return strconv.FormatUint(h.Seq, 10) + ":" + h.Hash }

// ParseHead reads what String gives.
func ParseHead(text string) (Head, error) {
	number, hash, _ := strings.Cut(text, ":")
	seq, err := strconv.ParseUint(number, 10, 64)
	if raw, wrong := hex.DecodeString(hash); err != nil || seq == 0 || wrong != nil || len(raw) != sha256.Size || hash != strings.ToLower(hash) {
		return Head{}, errors.New("audit: not the head of a journal: a number, a colon and 64 hex digits")
	}
	return Head{seq, hash}, nil
}

// A head has a fixed width, so that a head written over another covers it:
// number, end of the line in the file, hash, and a check of the three.
const (
	headMark = "gpc-audit-head-1 "
	headSize = 16 + 1 + 20 + 1 + 20 + 1 + hexSize + 1 + 16 + 1
)

// write says that the journal is on disk as far as at. It is called after the
// journal's sync and is not synced itself: a head that lags behind costs the
// next Open a few lines more to read. So an error costs nothing else.
func (h *headFile) write(at position) {
	b := make([]byte, 0, headSize)
	b = appendPadded(append(b, headMark...), at.seq)
	b = appendPadded(append(b, ' '), uint64(at.offset))
	b = append(append(b, ' '), at.hash...)
	b = append(append(append(b, ' '), sum(b)[:16]...), '\n')
	_, _ = h.file.WriteAt(b, 0)
}

// appendPadded appends n with twenty digits.
func appendPadded(b []byte, n uint64) []byte {
	var digits [20]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = '0' + byte(n%10)
		n /= 10
	}
	return append(b, digits[:]...)
}

// read gives the head; false when there is none that can be trusted, as in a
// file just made.
func (h *headFile) read() (position, bool) { return readHead(h.file) }

func readHead(r io.ReaderAt) (position, bool) {
	b := make([]byte, headSize)
	if _, err := r.ReadAt(b, 0); err != nil {
		return position{}, false
	}
	text := string(b[:headSize-18])
	if string(b[headSize-18:]) != " "+sum([]byte(text))[:16]+"\n" {
		return position{}, false
	}
	fields := strings.Fields(text)
	if len(fields) != 4 {
		return position{}, false
	}
	seq, err := strconv.ParseUint(fields[1], 10, 64)
	offset, err2 := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || err2 != nil || seq == 0 {
		return position{}, false
	}
	return position{offset: offset, seq: seq, hash: fields[3]}, true
}

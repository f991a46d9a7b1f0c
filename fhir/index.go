package fhir

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A span is where a value lies in the document, not counting its byte order mark.
type span struct{ at, end uint32 }

// An indexer walks one document. Values are read whole (jsontext checks them and allocates
// nothing); only the members that the index is about are looked into.
type indexer struct {
	dec   *jsontext.Decoder
	data  []byte // without byte order mark
	mark  int64  // length of the byte order mark
	limit Limits
	met   int // objects and lists
}

func newIndexer(data []byte, lim Limits) (*indexer, error) {
	lim = lim.withDefaults()
	if int64(len(data)) > lim.Bytes {
		return nil, refuseBeyond(lim.Bytes, ErrTooLarge, lim.Bytes, "bytes")
	}
	rest := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	x := &indexer{data: rest, mark: int64(len(data) - len(rest)), limit: lim}
	switch start := bytes.TrimLeft(rest, " \t\r\n"); {
	case len(start) == 0:
		return nil, refuse(0, ErrEmpty)
	case start[0] == '<':
		return nil, refuse(x.mark+int64(len(rest)-len(start)), ErrMarkup)
	}
	// The decoder reads a bytes.Buffer in place; it would copy any other reader.
	x.dec = jsontext.NewDecoder(bytes.NewBuffer(rest))
	return x, nil
}

// document reads the outermost object and sees to it that nothing follows.
func (x *indexer) document(member func(name []byte) error) (span, error) {
	if x.dec.PeekKind() != '{' {
		_, s, err := x.value()
		if err != nil {
			return s, err
		}
		return s, refuse(x.mark+int64(s.at), ErrNotAnObject)
	}
	s, err := x.object(member)
	if err != nil {
		return s, err
	}
	return s, x.nothingAfter(s)
}

// nothingAfter refuses what follows the value at s, if it is more than white space.
func (x *indexer) nothingAfter(s span) error {
	if rest := bytes.TrimLeft(x.data[s.end:], " \t\r\n"); len(rest) > 0 {
		return refuse(x.mark+int64(len(x.data)-len(rest)), ErrTrailingData)
	}
	return nil
}

// object reads an object and calls member after each name, to read the value.
func (x *indexer) object(member func(name []byte) error) (s span, err error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return s, x.refusal(err)
	}
	s.at = uint32(x.dec.InputOffset() - 1)
	if err := x.opened(s); err != nil {
		return s, err
	}
	for x.dec.PeekKind() != '}' {
		name, err := x.dec.ReadValue()
		if err != nil {
			return s, x.refusal(err)
		}
		if err := member(text(name)); err != nil {
			return s, err
		}
	}
	_, err = x.dec.ReadToken()
	s.end = uint32(x.dec.InputOffset())
	return s, x.refusal(err)
}

// opened holds an object or list that begins at s to the limits.
func (x *indexer) opened(s span) error {
	if x.dec.StackDepth() > x.limit.Depth {
		return x.tooDeep(int64(s.at))
	}
	return x.count(1, int64(s.at))
}

// count counts objects and lists: what a document costs to read goes by them, as they may
// be two bytes each and stand for hundreds.
func (x *indexer) count(n int, at int64) error {
	if x.met += n; x.met > x.limit.Values {
		return refuseBeyond(x.mark+at, ErrTooManyValues, int64(x.limit.Values), "objects and lists")
	}
	return nil
}

// list reads a list and calls item before each element, to read it.
func (x *indexer) list(item func() error) (s span, err error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return s, x.refusal(err)
	}
	s.at = uint32(x.dec.InputOffset() - 1)
	if err := x.opened(s); err != nil {
		return s, err
	}
	for x.dec.PeekKind() != ']' {
		if err := item(); err != nil {
			return s, err
		}
	}
	_, err = x.dec.ReadToken()
	s.end = uint32(x.dec.InputOffset())
	return s, x.refusal(err)
}

// value reads whatever comes next and says what kind it is and where.
func (x *indexer) value() (jsontext.Kind, span, error) {
	v, err := x.dec.ReadValue()
	if err != nil {
		return 0, span{}, x.refusal(err)
	}
	end := x.dec.InputOffset()
	at := end - int64(len(v))
	n := openings(v)
	if i := tooDeep(v, n, x.limit.Depth-x.dec.StackDepth()); i >= 0 {
		return 0, span{}, x.tooDeep(at + int64(i))
	}
	if err := x.count(n, at); err != nil {
		return 0, span{}, err
	}
	return v.Kind(), span{uint32(at), uint32(end)}, nil
}

// scalar is value for a member that ought to be of the kind want; of any other kind it is
// left out of the index, and stays in the bytes.
func (x *indexer) scalar(want ...jsontext.Kind) (span, error) {
	k, s, err := x.value()
	for _, w := range want {
		if k == w {
			return s, err
		}
	}
	return span{}, err
}

func (x *indexer) tooDeep(at int64) error {
	return refuseBeyond(x.mark+at, ErrTooDeep, int64(x.limit.Depth), "levels")
}

// refusal turns the decoder's error, which may quote the document, into one that does not.
func (x *indexer) refusal(err error) error {
	if err == nil {
		return nil
	}
	at := x.dec.InputOffset()
	if s := new(jsontext.SyntacticError); errors.As(err, &s) {
		at = s.ByteOffset
	}
	at = min(at, int64(len(x.data)))
	if i := tooDeep(x.data[:at], openings(x.data[:at]), x.limit.Depth); i >= 0 {
		return x.tooDeep(int64(i))
	}
	reason := ErrSyntax
	switch r, size := utf8.DecodeRune(x.data[at:]); {
	case errors.Is(err, jsontext.ErrDuplicateName):
		reason = ErrDuplicateName
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		reason = ErrTruncated
	case r == utf8.RuneError && size == 1:
		reason = ErrInvalidUTF8
	}
	return refuse(x.mark+at, reason)
}

// text is a JSON string without its quotes; a copy only where it has escapes. What is no
// string (an id that came as a number) is itself.
func text(v []byte) []byte {
	if len(v) < 2 || v[0] != '"' {
		return v
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	s, _ := jsontext.AppendUnquote(nil, v) // the decoder has seen that it is sound
	return s
}

// quote is text as a JSON string. Of text that is not UTF-8 there is none.
func quote(text string) ([]byte, error) {
	v, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return nil, ErrInvalidUTF8
	}
	return v, nil
}

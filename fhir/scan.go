package fhir

import "strings"

// A scanner reads JSON that has been checked when its document was indexed, and so need not
// be checked again: no name is there twice, every string and number is sound. Its methods
// are not ok where something else stands than they expect; whoever uses it begins again
// then, in another way. Whatever the bytes are, it stays within them.
type scanner struct {
	text  string
	at    int
	depth int
}

// deepest is how deep values may lie. What has been indexed lies less deep by far.
const deepest = 10_000

// next is the first byte of the next value or other token, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// take goes past the byte c, if it is next.
func (s *scanner) take(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

// open goes into an object or a list, which begins with c.
func (s *scanner) open(c byte) bool {
	s.depth++
	return s.depth < deepest && s.take(c)
}

// more is before each element or member, but the first: there is one, or the end, c.
// Neither is not ok.
func (s *scanner) more(first bool, c byte) (more, ok bool) {
	switch got := s.next(); {
	case got == c:
		s.at++
		s.depth--
		return false, true
	case first:
		return true, true
	default:
		s.at++
		return true, got == ','
	}
}

// name reads a member's name and the colon after it.
func (s *scanner) name() (string, bool) {
	name, ok := s.string()
	return name, ok && s.take(':')
}

// string reads a string.
func (s *scanner) string() (string, bool) {
	raw, ok := s.quoted()
	if !ok {
		return "", false
	}
	return s.kept(unquoted(raw)), true
}

// mostPinned is how long a text may be that is kept for the sake of any part of it.
const mostPinned = 64 << 10

// kept is part of the text as a view keeps it: as it is, unless the text is so long that
// it would be too much to keep for the part.
func (s *scanner) kept(part string) string {
	if len(s.text) > mostPinned {
		return strings.Clone(part)
	}
	return part
}

// unquoted is a string without its quotes: part of it, unless it has escapes.
func unquoted(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	return string(text([]byte(raw)))
}

// quoted reads a string as it is written, with its quotes.
func (s *scanner) quoted() (string, bool) {
	if s.next() != '"' {
		return "", false
	}
	end := s.at + 1
	for {
		i := strings.IndexByte(s.text[end:], '"')
		if i < 0 {
			return "", false
		}
		end += i + 1
		if s.text[end-2] != '\\' || !isEscaped(s.text[s.at+1:end-1]) {
			break
		}
	}
	raw := s.text[s.at:end]
	s.at = end
	return raw, true
}

// isEscaped says whether what comes after the text is escaped: it ends with an odd number
// of backslashes.
func isEscaped(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}

// raw reads whatever comes next, as it is written.
func (s *scanner) raw() (string, bool) {
	switch s.next() {
	case '"':
		return s.quoted()
	case '{', '[':
		return s.nested()
	}
	at := s.at
	for s.at < len(s.text) && !isDelimiter(s.text[s.at]) {
		s.at++
	}
	return s.text[at:s.at], s.at > at
}

func isDelimiter(c byte) bool { return c <= ' ' || c == ',' || c == ']' || c == '}' || c == ':' }

// nested reads an object or a list to its end.
func (s *scanner) nested() (string, bool) {
	at, within := s.at, 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			if _, ok := s.quoted(); !ok {
				return "", false
			}
			continue
		case '{', '[':
			within++
		case '}', ']':
			if within--; within == 0 {
				s.at++
				return s.text[at:s.at], true
			}
		}
		s.at++
	}
	return "", false
}

// null goes past null, if it is next.
func (s *scanner) null() bool {
	if s.next() != 'n' || !strings.HasPrefix(s.text[s.at:], "null") {
		return false
	}
	s.at += len("null")
	return true
}

package fhir

import (
	"bytes"
	"slices"
	"strconv"
)

// A container is the object or list that an edit cuts into, taken apart.
type container struct {
	span
	data  []byte // the resource
	list  bool
	parts []part
}

// A part is a member of an object or an element of a list.
type part struct {
	name    string // of an element its index
	at      uint32 // where it begins, a member with its name
	nameEnd uint32 // of a member
	value   span
}

// open takes apart what is at path in raw. The container is nil when nothing is there, or
// when it is neither an object nor a list.
func open(raw []byte, path []string) (c *container, found bool, err error) {
	x, err := newIndexer(raw, unlimited(raw))
	if err != nil {
		return nil, false, err
	}
	return x.open(path)
}

func (x *indexer) open(path []string) (c *container, found bool, err error) {
	if k := x.dec.PeekKind(); k != '{' && k != '[' {
		_, _, err := x.value()
		return nil, len(path) == 0, err
	}
	if len(path) == 0 {
		c, err := x.takeApart()
		return c, true, err
	}
	_, err = x.each(func(name string) error {
		if name != path[0] {
			_, _, err := x.value()
			return err
		}
		var err error
		c, found, err = x.open(path[1:])
		return err
	})
	return c, found, err
}

func (x *indexer) takeApart() (*container, error) {
	c := &container{data: x.data, list: x.dec.PeekKind() == '['}
	var err error
	c.span, err = x.each(func(name string) error {
		p := part{name: name, nameEnd: uint32(x.dec.InputOffset())}
		_, s, err := x.value()
		p.value = s
		c.parts = append(c.parts, p)
		return err
	})
	for i := range c.parts {
		before := c.before(i)
		c.parts[i].at = before + uint32(blank(c.data[before:]))
	}
	return c, err
}

// each reads an object or a list and calls part with each name or index, to read the value.
func (x *indexer) each(part func(name string) error) (span, error) {
	if x.dec.PeekKind() == '{' {
		return x.object(func(name []byte) error { return part(string(name)) })
	}
	i := -1
	return x.list(func() error { i++; return part(strconv.Itoa(i)) })
}

// blank is the length of the white space and commas that data begins with.
func blank(data []byte) int { return len(data) - len(bytes.TrimLeft(data, " \t\r\n,")) }

// before is the end of what comes before the i-th part: another, or the opening bracket.
func (c *container) before(i int) uint32 {
	if i == 0 {
		return c.at + 1
	}
	return c.parts[i-1].value.end
}

func (c *container) find(name string) int {
	return slices.IndexFunc(c.parts, func(p part) bool { return p.name == name })
}

// whole is the i-th part with its comma and the white space that would be left over.
func (c *container) whole(i int) span {
	if i == 0 && len(c.parts) > 1 {
		return span{c.parts[0].at, c.parts[1].at}
	}
	return span{c.before(i), c.parts[i].value.end}
}

// add puts a part after the last one, with the white space that the last one has. The name
// is quoted; an element has none.
func (c *container) add(name, value []byte) []byte {
	colon := []byte(":")
	if c.list {
		colon = nil
	}
	if len(c.parts) == 0 {
		return c.splice(span{c.at + 1, c.at + 1}, slices.Concat(name, colon, value))
	}
	i := len(c.parts) - 1
	last := c.parts[i]
	gap := c.data[c.before(i):last.at] // has a comma, but for the first part
	if i == 0 {
		gap = slices.Concat([]byte(","), gap)
	}
	if !c.list {
		colon = c.data[last.nameEnd:last.value.at]
	}
	return c.splice(span{last.value.end, last.value.end}, slices.Concat(gap, name, colon, value))
}

// splice is a copy of the resource with other bytes in place of s.
func (c *container) splice(s span, with []byte) []byte {
	return slices.Concat(c.data[:s.at], with, c.data[s.end:])
}

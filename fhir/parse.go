package fhir

import (
	"strconv"
)

// An entry is what the index keeps of one Bundle.entry: 32 bytes, however large it is.
type entry struct {
	resource span   // the value of "resource"
	id       span   // as written, quotes included; a number in some records
	fullURL  span   // as written, quotes included
	kind     uint32 // into Bundle.kinds
	has      marks
}

// Marks say which of a few members a resource has, so that nobody need look for them.
type marks uint8

const (
	indexed marks = 1 << iota // the others mean something
	hasContained
	hasSubject
	hasPatient
)

// ParseBundle indexes a Bundle in one pass that also checks all of it. The Bundle keeps
// data and hands out slices of it, so the caller must not change data afterwards.
//
// The error is a [*ParseError] when data is refused and a [*NotBundleError] when it is
// another resource.
func ParseBundle(data []byte, lim Limits) (*Bundle, error) {
	x, err := newIndexer(data, lim)
	if err != nil {
		return nil, err
	}
	b := &Bundle{bytes: data, body: x.data, mark: x.mark, kinds: []string{""}, kind: map[string]uint32{"": 0}}
	p := bundleParser{indexer: x, b: b}
	if _, err := x.document(p.member); err != nil {
		return nil, err
	}
	if p.resourceType != "Bundle" {
		return nil, &NotBundleError{Type: p.resourceType, Raw: data}
	}
	return b, nil
}

// ParseResource checks a document that is one resource (a Patient, an Appointment, a
// CapabilityStatement) and reads its type and id. The Resource keeps data, so the caller
// must not change data afterwards. The error is a [*ParseError]; a resource without a
// resourceType is none.
func ParseResource(data []byte, lim Limits) (Resource, error) {
	x, err := newIndexer(data, lim)
	if err != nil {
		return Resource{}, err
	}
	var e entry
	var typ span
	s, err := x.document(func(name []byte) error { return x.resourceMember(&e, &typ, name) })
	if err != nil {
		return Resource{}, err
	}
	r := Resource{
		Type: x.text(typ), ID: x.text(e.id), Raw: x.data[s.at:s.end:s.end],
		Index: -1, Offset: x.mark + int64(s.at), has: e.has | indexed,
	}
	if e.has&hasContained != 0 {
		r.inner = &contained{raw: r.Raw, offset: r.Offset, index: -1}
	}
	return r, nil
}

// A bundleParser fills a Bundle while an indexer walks the document.
type bundleParser struct {
	*indexer
	b            *Bundle
	resourceType string
}

func (p *bundleParser) member(name []byte) error {
	var s span
	var err error
	switch string(name) {
	case "resourceType":
		s, err = p.scalar('"')
		p.resourceType = p.text(s)
	case "id":
		s, err = p.scalar('"', '0')
		p.b.ID = p.text(s)
	case "type":
		s, err = p.scalar('"')
		p.b.Type = p.text(s)
	case "total":
		s, err = p.scalar('0', '"')
		p.b.total, p.b.hasTotal = parseTotal(p.text(s))
	case "entry":
		err = p.entries()
	default:
		_, _, err = p.value()
	}
	return err
}

func parseTotal(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0
}

// entries takes a list and, leniently, one entry without its list.
func (p *bundleParser) entries() error {
	switch p.dec.PeekKind() {
	case '[':
		_, err := p.list(p.entry)
		return err
	case '{':
		return p.entry()
	}
	k, s, err := p.value()
	if err == nil && k != 'n' {
		err = refuse(p.mark+int64(s.at), ErrEntryNotAList)
	}
	return err
}

// entry reads one entry. Some providers leave out the level "resource" and put the
// resource itself there: it is taken as such, or it would be lost.
func (p *bundleParser) entry() error {
	if len(p.b.entries) == p.limit.Entries {
		return refuseBeyond(p.mark+p.dec.InputOffset(), ErrTooManyEntries, int64(p.limit.Entries), "entries")
	}
	if p.dec.PeekKind() != '{' {
		_, s, err := p.value()
		p.b.entries = append(p.b.entries, entry{resource: s})
		return err
	}
	var e, bare entry
	var typ, bareType, fullURL span
	whole, err := p.object(func(name []byte) (err error) {
		switch string(name) {
		case "fullUrl":
			fullURL, err = p.scalar('"')
		case "resource":
			e, typ, err = p.resource()
		default:
			err = p.resourceMember(&bare, &bareType, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	if e.resource == (span{}) && bareType != (span{}) {
		e, typ = bare, bareType
		e.resource = whole
	}
	e.fullURL = fullURL
	e.kind = p.b.intern(text(p.data[typ.at:typ.end]))
	p.b.entries = append(p.b.entries, e)
	return nil
}

// resource reads a resource's outermost members. What is no object comes back as its span alone.
func (x *indexer) resource() (e entry, typ span, err error) {
	if x.dec.PeekKind() != '{' {
		_, e.resource, err = x.value()
		return e, typ, err
	}
	e.resource, err = x.object(func(name []byte) error { return x.resourceMember(&e, &typ, name) })
	return e, typ, err
}

func (x *indexer) resourceMember(e *entry, typ *span, name []byte) (err error) {
	switch string(name) {
	case "resourceType":
		*typ, err = x.scalar('"')
	case "id":
		e.id, err = x.scalar('"', '0')
	case "contained":
		e.has |= hasContained
		_, _, err = x.value()
	case "subject":
		e.has |= hasSubject
		_, _, err = x.value()
	case "patient":
		e.has |= hasPatient
		_, _, err = x.value()
	default:
		_, _, err = x.value()
	}
	return err
}

func (x *indexer) text(s span) string { return string(text(x.data[s.at:s.end])) }

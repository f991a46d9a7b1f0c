package fhir

import (
	"fmt"
	"log/slog"
	"sync"
)

// A Resource is one resource as the provider sent it. [As] reads it through a view.
type Resource struct {
	Type    string // resourceType; "" where there is none
	ID      string // logical id; "" where there is none, as in most Lists
	FullURL string // the entry's fullUrl as sent; nothing is resolved by it
	Raw     []byte // exactly the provider's bytes, a slice of the document; not to be changed, nor replaced: see [ParseResource]
	Index   int    // position among the Bundle's entries; -1 outside a Bundle
	Offset  int64  // where Raw begins in the document
	inner   *contained
	has     marks
}

// Key is "Type/id", as references to the resource are written, or "" without an id.
func (r Resource) Key() string {
	if r.Type == "" || r.ID == "" {
		return ""
	}
	return r.Type + "/" + bareID(r.Type, r.ID)
}

// Contained resolves "#id" within r. Within a contained resource it finds its siblings,
// as FHIR has it: contained resources do not contain others.
func (r Resource) Contained(ref string) (Resource, bool) {
	if len(ref) < 2 || ref[0] != '#' {
		return Resource{}, false
	}
	for _, c := range r.ContainedResources() {
		if c.ID == ref[1:] || c.ID == ref { // an id written with its # is seen, too
			return c, true
		}
	}
	return Resource{}, false
}

// ContainedResources are those in r's member "contained", in their order.
func (r Resource) ContainedResources() []Resource {
	if r.inner == nil {
		return nil
	}
	return r.inner.resources()
}

// Member is the value of an outermost member as it was sent. It is not ok when the resource
// has no member of that name; of "subject" and "patient" that is known without a look.
func (r Resource) Member(name string) (value []byte, ok bool) {
	if mark := markOf(name); r.has&indexed != 0 && mark != 0 && r.has&mark == 0 {
		return nil, false
	}
	x, err := newIndexer(r.Raw, unlimited(r.Raw))
	if err != nil || x.dec.PeekKind() != '{' {
		return nil, false
	}
	// The bytes were checked when the document was: there is no error to come.
	_, _ = x.object(func(n []byte) error {
		found := string(n) == name
		_, s, err := x.value()
		if found {
			value, ok = r.Raw[s.at:s.end:s.end], true
		}
		return err
	})
	return value, ok
}

func markOf(name string) marks {
	switch name {
	case "contained":
		return hasContained
	case "subject":
		return hasSubject
	case "patient":
		return hasPatient
	}
	return 0
}

// contained finds a resource's contained resources when they are first asked for.
type contained struct {
	raw    []byte
	offset int64 // of raw in the document
	index  int
	once   sync.Once
	found  []Resource
}

func (c *contained) resources() []Resource {
	c.once.Do(func() {
		x, err := newIndexer(c.raw, unlimited(c.raw))
		if err != nil {
			return
		}
		// The bytes were checked when the document was: there is no error to come.
		_, _ = x.object(func(name []byte) error {
			if string(name) != "contained" {
				_, _, err := x.value()
				return err
			}
			return c.read(x)
		})
	})
	return c.found
}

func (c *contained) read(x *indexer) error {
	one := func() error {
		e, typ, err := x.resource()
		s := e.resource
		c.found = append(c.found, Resource{
			Type: x.text(typ), ID: x.text(e.id), Raw: c.raw[s.at:s.end:s.end],
			Index: c.index, Offset: c.offset + int64(s.at), inner: c, has: e.has | indexed,
		})
		return err
	}
	if x.dec.PeekKind() != '[' {
		return one()
	}
	_, err := x.list(one)
	return err
}

// Format writes the type and the size, whatever the verb: a resource in a message must not
// put a patient there. Views inherit it.
func (r Resource) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s (%d bytes)", describeType(r.Type), len(r.Raw))
}

// LogValue is the type and the size, as in Format.
func (r Resource) LogValue() slog.Value {
	return slog.GroupValue(slog.String("type", describeType(r.Type)), slog.Int("bytes", len(r.Raw)))
}

package fhir

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// A Bundle is an indexed Bundle. It may be read from several goroutines.
type Bundle struct {
	ID   string
	Type string // searchset, collection, ...

	total    int
	hasTotal bool
	bytes    []byte // as it came
	body     []byte // bytes without byte order mark; spans count from here
	mark     int64
	entries  []entry
	kinds    []string // resource types in the order met; kinds[0] is ""
	kind     map[string]uint32

	once sync.Once
	keys keys
}

// Bytes is the document exactly as it came. It is not to be changed.
func (b *Bundle) Bytes() []byte { return b.bytes }

// Total is Bundle.total, and whether there was one.
func (b *Bundle) Total() (int, bool) { return b.total, b.hasTotal }

// Len is the number of entries, those without a resource included.
func (b *Bundle) Len() int { return len(b.entries) }

// At is the resource of the i-th entry. Of an entry without one Raw is nil; of an entry
// with something else than a resource Raw is that and Type is "".
func (b *Bundle) At(i int) Resource {
	e := &b.entries[i]
	r := Resource{
		Type: b.kinds[e.kind], ID: string(b.text(e.id)), FullURL: string(b.text(e.fullURL)),
		Index: i, Offset: b.mark + int64(e.resource.at), has: e.has | indexed,
	}
	if e.resource.end > 0 {
		r.Raw = b.raw(e)
	}
	if e.has&hasContained != 0 {
		r.inner = &contained{raw: r.Raw, offset: r.Offset, index: i}
	}
	return r
}

// All are the resources in the order of the document, which means nothing in GP Connect.
func (b *Bundle) All() iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		for i := range b.entries {
			if !yield(b.At(i)) {
				return
			}
		}
	}
}

// OfType are the resources of one type. A record's area is never all resources of a type:
// it is what its primary List names.
func (b *Bundle) OfType(t string) iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		kind, ok := b.kind[t]
		if !ok {
			return
		}
		for i := range b.entries {
			if b.entries[i].kind == kind && !yield(b.At(i)) {
				return
			}
		}
	}
}

// Format writes the number of entries and nothing of what is in them.
func (b *Bundle) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "Bundle (%d entries, %d bytes)", len(b.entries), len(b.bytes))
}

// Resolve finds the entry that "Type/id" means; a version after it ("Type/id/_history/3")
// is ignored. Absolute URLs, "#id" and urn: references are never found here. A reference
// that finds nothing is ordinary: providers leave out what was not asked for. Of entries
// with the same Type/id it is the first; see [Bundle.Duplicates].
func (b *Bundle) Resolve(ref string) (Resource, bool) {
	typ, id, ok := SplitReference(ref)
	if !ok {
		return Resource{}, false
	}
	kind, ok := b.kind[typ]
	if !ok {
		return Resource{}, false
	}
	i, ok := b.index().first[key{kind, id}]
	if !ok {
		return Resource{}, false
	}
	return b.At(int(i)), true
}

// Duplicates are the Type/id that more than one entry has with different bytes, in the
// order of the document. Which of them a reference means cannot be known.
func (b *Bundle) Duplicates() []string { return slices.Clone(b.index().ambiguous) }

// SplitReference splits "Type/id" or "Type/id/_history/version". Anything else is not ok.
// The type may be there twice, as some ids were given with their type before them.
func SplitReference(ref string) (typ, id string, ok bool) {
	typ, id, ok = strings.Cut(ref, "/")
	id, _, _ = strings.Cut(bareID(typ, id), "/_history/")
	if !ok || typ == "" || id == "" || strings.ContainsAny(typ, ":#") || strings.Contains(id, "/") {
		return "", "", false
	}
	return typ, id, true
}

// bareID is the id without its type, for ids that were given as "Type/id".
func bareID(typ, id string) string {
	if bare, ok := strings.CutPrefix(id, typ); ok && strings.HasPrefix(bare, "/") {
		return bare[1:]
	}
	return id
}

func (b *Bundle) text(s span) []byte { return text(b.body[s.at:s.end]) }

func (b *Bundle) raw(e *entry) []byte {
	return b.body[e.resource.at:e.resource.end:e.resource.end]
}

func (b *Bundle) intern(typ []byte) uint32 {
	if k, ok := b.kind[string(typ)]; ok {
		return k
	}
	k := uint32(len(b.kinds))
	b.kinds = append(b.kinds, string(typ))
	b.kind[string(typ)] = k
	return k
}

// keys finds entries by type and id. It is made when a reference is first resolved.
type keys struct {
	first     map[key]int32
	ambiguous []string
}

type key struct {
	kind uint32
	id   string
}

func (b *Bundle) index() *keys {
	b.once.Do(func() {
		b.keys.first = make(map[key]int32, len(b.entries))
		told := map[key]bool{}
		for i := range b.entries {
			e := &b.entries[i]
			if e.kind == 0 || e.id == (span{}) {
				continue
			}
			k := key{e.kind, bareID(b.kinds[e.kind], string(b.text(e.id)))}
			first, again := b.keys.first[k]
			if !again {
				b.keys.first[k] = int32(i)
				continue
			}
			if !told[k] && !bytes.Equal(b.raw(&b.entries[first]), b.raw(e)) {
				told[k] = true
				b.keys.ambiguous = append(b.keys.ambiguous, b.kinds[e.kind]+"/"+k.id)
			}
		}
	})
	return &b.keys
}

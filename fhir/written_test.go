package fhir

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// A written document knows where each of its values lies, because it put them there.
type written struct {
	bytes.Buffer
	at map[string]span // of each value, by its path
}

// spellings are names of members, as a path has them and as they are written.
var spellings = map[string][]string{
	"id": {`"id"`, `"\u0069d"`}, "status": {`"status"`, `"s\u0074atus"`}, "a~1b": {`"a/b"`, `"a\/b"`}, "~0": {`"~"`},
	"é": {`"é"`, `"\u00e9"`}, `"`: {`"\""`, `"\u0022"`}, "0": {`"0"`}, "_x y": {`"_x y"`}, "extension": {`"extension"`},
}

var scalars = []string{`"x"`, `""`, `"[{\\\"]},"`, `1`, `-0.50`, `1e400`, `true`, `null`, `"é\u00e9"`}

func drawDocument(t *rapid.T) *written {
	doc := &written{at: map[string]span{}}
	doc.object(t, "", 0)
	return doc
}

func (w *written) value(t *rapid.T, path string, depth int) {
	from := uint32(w.Len())
	switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
	case depth < 4 && kind < 2:
		w.object(t, path, depth)
	case depth < 4 && kind < 4:
		w.list(t, path, depth)
	default:
		w.WriteString(rapid.SampledFrom(scalars).Draw(t, "scalar"))
	}
	w.at[path] = span{from, uint32(w.Len())}
}

func (w *written) object(t *rapid.T, path string, depth int) {
	from := uint32(w.Len())
	known := slices.Sorted(maps.Keys(spellings))
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(known), 0, 4, rapid.ID[string]).Draw(t, "names")
	w.WriteByte('{')
	for i, name := range names {
		w.comma(t, i)
		w.WriteString(rapid.SampledFrom(spellings[name]).Draw(t, "spelling"))
		w.space(t)
		w.WriteByte(':')
		w.space(t)
		w.value(t, path+"/"+name, depth+1)
	}
	w.space(t)
	w.WriteByte('}')
	w.at[path] = span{from, uint32(w.Len())}
}

func (w *written) list(t *rapid.T, path string, depth int) {
	w.WriteByte('[')
	for i := range rapid.IntRange(0, 3).Draw(t, "length") {
		w.comma(t, i)
		w.value(t, fmt.Sprint(path, "/", i), depth+1)
	}
	w.space(t)
	w.WriteByte(']')
}

func (w *written) comma(t *rapid.T, i int) {
	if i > 0 {
		w.space(t)
		w.WriteByte(',')
	}
	w.space(t)
}

func (w *written) space(t *rapid.T) {
	w.WriteString(rapid.SampledFrom([]string{"", "", " ", "\n\t", "\r\n  "}).Draw(t, "space"))
}

func (w *written) drawPath(t *rapid.T) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(w.at))).Draw(t, "path")
}

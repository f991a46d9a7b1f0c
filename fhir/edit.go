package fhir

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reasons why an edit was not made; the Err of an [EditError], which may also be the
// [*ParseError] of the value or of the resource.
var (
	ErrPath      = errors.New(`not a path like "/meta/versionId"`)
	ErrNotThere  = errors.New("there is nothing at this path")
	ErrNotAList  = errors.New("not a list, so nothing can be added to it")
	ErrNoElement = errors.New("no FHIR element has such a name")
)

// EditError says why an edit was not made. It quotes neither the resource nor the value.
type EditError struct {
	Path string // as the caller gave it
	Err  error
}

func (e *EditError) Error() string { return fmt.Sprintf("edit %s: %v", e.Path, e.Err) }

func (e *EditError) Unwrap() error { return e.Err }

// Set is r with the value at path replaced by a JSON value. It is a splice: every other
// byte stays as the provider sent it, so that what is sent back differs in nothing else.
// r itself stays as it is.
//
// The path is a JSON pointer (RFC 6901): "/comment", "/participant/0/status". A member that
// is absent comes last in its object, spaced like the one before it; the object itself must
// be there. "-" in place of a list's index adds to the end of the list, and makes the list
// where its member is absent:
//
//	a, err = a.Set("/extension/-", []byte(`{"url":"…","valueString":"…"}`))
//
// The error is an [*EditError]. The result was parsed again, and is no longer part of a
// document: its Index is -1 and its Offset 0.
func (r Resource) Set(path string, value []byte) (Resource, error) {
	return r.edit(path, func(names []string) ([]byte, error) {
		value, err := oneValue(value)
		if err != nil {
			return nil, err
		}
		return set(r.Raw, names, value)
	})
}

// SetText is Set with a string.
func (r Resource) SetText(path, text string) (Resource, error) {
	return r.edit(path, func(names []string) ([]byte, error) {
		value, err := quote(text)
		if err != nil {
			return nil, err
		}
		return set(r.Raw, names, value)
	})
}

// Remove is r without the member or the element of a list at path, and otherwise like
// [Resource.Set]. Where there is nothing the error is [ErrNotThere]. A list that becomes
// empty stays, though FHIR knows no empty ones: remove the list then.
func (r Resource) Remove(path string) (Resource, error) {
	return r.edit(path, func(names []string) ([]byte, error) { return remove(r.Raw, names) })
}

func (r Resource) edit(path string, splice func(names []string) ([]byte, error)) (Resource, error) {
	names, err := splitPath(path)
	var raw []byte
	if err == nil {
		raw, err = splice(names)
	}
	var edited Resource
	if err == nil {
		edited, err = ParseResource(raw, unlimited(raw))
	}
	if err != nil {
		return Resource{}, &EditError{Path: path, Err: err}
	}
	return edited, nil
}

// unlimited are the limits for bytes that were within the caller's before.
func unlimited(raw []byte) Limits {
	return Limits{Bytes: int64(len(raw)), Depth: len(raw), Values: len(raw)}
}

func splitPath(path string) ([]string, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, ErrPath
	}
	names := strings.Split(path[1:], "/")
	for i, name := range names {
		name = strings.ReplaceAll(name, "~1", "/")
		if strings.Contains(strings.ReplaceAll(name, "~0", ""), "~") {
			return nil, ErrPath
		}
		names[i] = strings.ReplaceAll(name, "~0", "~")
	}
	return names, nil
}

// oneValue sees to it that value is one JSON value, and gives it without the white space
// around it: `1,"status":"x"` must not come in as two members.
func oneValue(value []byte) ([]byte, error) {
	x, err := newIndexer(value, Limits{})
	if err != nil {
		return nil, err
	}
	_, s, err := x.value()
	if err != nil {
		return nil, err
	}
	return x.data[s.at:s.end], x.nothingAfter(s)
}

func set(raw []byte, path []string, value []byte) ([]byte, error) {
	within, name := path[:len(path)-1], path[len(path)-1]
	c, found, err := open(raw, within)
	switch {
	case err != nil:
		return nil, err
	case name == "-":
		return addToList(raw, within, c, found, value)
	case c == nil:
		return nil, ErrNotThere
	}
	if i := c.find(name); i >= 0 {
		return c.splice(c.parts[i].value, value), nil
	}
	if c.list {
		return nil, ErrNotThere
	}
	if !isElementName(name) {
		return nil, ErrNoElement
	}
	return c.add([]byte(`"`+name+`"`), value), nil
}

// addToList adds to the list c at path, or makes it when nothing was found there.
func addToList(raw []byte, path []string, c *container, found bool, value []byte) ([]byte, error) {
	if !found && !slices.Contains(path, "-") {
		return set(raw, path, slices.Concat([]byte("["), value, []byte("]")))
	}
	if !found {
		return nil, ErrNotThere
	}
	if c == nil || !c.list {
		return nil, ErrNotAList
	}
	return c.add(nil, value), nil
}

func remove(raw []byte, path []string) ([]byte, error) {
	c, _, err := open(raw, path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, ErrNotThere
	}
	i := c.find(path[len(path)-1])
	if i < 0 {
		return nil, ErrNotThere
	}
	return c.splice(c.whole(i), nil), nil
}

// isElementName goes by how FHIR names elements: status, value2; _status holds the
// extensions of status.
func isElementName(name string) bool {
	name = strings.TrimPrefix(name, "_")
	if name == "" || name[0] <= '9' {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

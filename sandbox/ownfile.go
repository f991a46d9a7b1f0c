package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// A FileError is what is wrong with Config.Practices or Config.Patients, and where. It says
// nothing of what a patient's line has in it.
type FileError struct {
	Path string
	Line int // 1 is the first; 0 is the whole file
	Err  error
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("sandbox: %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("sandbox: %s:%d: %v", e.Path, e.Line, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// An ownFile is a file of one's own: a list of objects, each on a line.
type ownFile struct {
	path    string
	content []byte
	rows    []json.RawMessage
	starts  []int // of the rows, in octets
}

// readOwn reads such a file.
func readOwn(path string) (*ownFile, error) {
	f := &ownFile{path: path}
	var err error
	if f.content, err = os.ReadFile(path); err != nil {
		var about *os.PathError
		if errors.As(err, &about) { // the path is told anyway
			err = about.Err
		}
		return nil, &FileError{Path: path, Err: err}
	}
	f.content = bytes.TrimPrefix(f.content, utf8Mark)
	if err := json.Unmarshal(f.content, &f.rows); err != nil {
		return nil, f.wrongAt(0, err)
	}
	d := json.NewDecoder(bytes.NewReader(f.content))
	d.Token() // the bracket: it is a list, and null is one without rows
	for _, row := range f.rows {
		d.Decode(new(json.RawMessage))
		f.starts = append(f.starts, int(d.InputOffset())-len(row))
	}
	return f, nil
}

// decode reads a row into each of some structs. A name that none of them has is an error: it
// would be one that is spelled wrongly.
func (f *ownFile) decode(i int, into ...any) error {
	var names map[string]json.RawMessage
	if err := json.Unmarshal(f.rows[i], &names); err != nil || names == nil {
		return f.wrong(i, errors.New("it is not an object"))
	}
	for name := range names {
		if !slices.ContainsFunc(into, func(v any) bool { return slices.Contains(memberNames(v), name) }) {
			return f.wrong(i, fmt.Errorf("the name %q is not known", mask(name)))
		}
	}
	for _, v := range into {
		if err := json.Unmarshal(f.rows[i], v); err != nil {
			return f.wrongAt(f.starts[i], err)
		}
	}
	return nil
}

// memberNames are the JSON names of what a pointer to a struct points to.
func memberNames(v any) (names []string) {
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("json"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// wrong is an error of a row.
func (f *ownFile) wrong(i int, err error) error {
	return &FileError{f.path, f.line(f.starts[i]), err}
}

// wrongAt is an error of encoding/json about what begins at an octet: its own words tell of the
// content.
func (f *ownFile) wrongAt(from int, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return &FileError{f.path, f.line(len(f.content)), errors.New("the list ends too early")}
	case errors.As(err, &syntax):
		return &FileError{f.path, f.line(from + int(syntax.Offset) - 1), errors.New("it is not JSON")}
	case errors.As(err, &kind) && kind.Field != "":
		return &FileError{f.path, f.line(from + int(kind.Offset) - 1), fmt.Errorf("%s is of another type than expected", kind.Field)}
	}
	return &FileError{f.path, 1, errors.New("a list of objects was expected")}
}

// line is the line that an octet is on.
func (f *ownFile) line(at int) int { return lineAt(f.content, at) }

// lineAt is the line that an octet is on, 1 the first.
func lineAt(b []byte, at int) int { return 1 + bytes.Count(b[:min(max(at, 0), len(b))], []byte("\n")) }

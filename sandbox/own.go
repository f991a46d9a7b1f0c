package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// addPractices adds those of a file of one's own, in the form of practices.json: one that is
// there already is replaced. An empty path adds none.
func addPractices(all []practice, path string) ([]practice, error) {
	if path == "" {
		return all, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sandbox: reading the practices: %w", err)
	}
	own, err := decodePractices(b)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	for i, p := range own {
		if slices.ContainsFunc(own[:i], func(o practice) bool { return o.ODS == p.ODS }) {
			return nil, fmt.Errorf("sandbox: practice %s is there twice (in %s)", p.ODS, path)
		}
		if at := slices.IndexFunc(all, func(o practice) bool { return o.ODS == p.ODS }); at >= 0 {
			all[at] = p
		} else {
			all = append(all, p)
		}
	}
	taken := map[string]string{}
	for _, c := range consumers() {
		taken[c.asid] = c.ods
	}
	for _, a := range awkwardSystems() {
		taken[a.asid] = a.ods
	}
	for _, p := range all {
		if other, ok := taken[p.ASID]; ok {
			return nil, fmt.Errorf("sandbox: practice %s has the ASID of %s (in %s)", p.ODS, other, path)
		}
		taken[p.ASID] = p.ODS
	}
	return all, nil
}

// addFile adds the people of a file of one's own, in the form of people.json and pds.json:
// who is there already is replaced. The bundles it names lie beside it. What comes back are
// their demographics. An empty path adds nobody.
func (ps *people) addFile(path string) ([]demographics, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sandbox: reading the patients: %w", err)
	}
	var rows []*person
	var all []demographics
	for _, into := range []any{&rows, &all} {
		if err := json.Unmarshal(b, into); err != nil {
			return nil, fmt.Errorf("sandbox: reading the patients (in %s): %w", path, err)
		}
	}
	seen := map[string]bool{}
	for i, p := range rows {
		if p == nil {
			return nil, fmt.Errorf("sandbox: patient %d is null (in %s)", i+1, path)
		}
		all[i].own = true
		if p.State == "" {
			p.State, all[i].State = "ordinary", "ordinary"
		}
		if wrong := p.judge(seen); wrong != "" {
			return nil, fmt.Errorf("sandbox: patient %d: %s (in %s)", i+1, wrong, path)
		}
		if p.Bundle != "" {
			folder := os.DirFS(filepath.Dir(path))
			if _, err := fs.Stat(folder, p.Bundle); err != nil {
				return nil, fmt.Errorf("sandbox: patient %d: the bundle %q is not in the same folder, or cannot be opened (in %s)", i+1, mask(p.Bundle), path)
			}
			p.load = sync.OnceValues(func() (*chart, error) { return p.record(folder) })
		}
		ps.put(p)
	}
	return all, nil
}

// judge says what is wrong with a line, without the person's data.
func (p *person) judge(seen map[string]bool) string {
	states := []string{"ordinary", "no-consent", "sensitive", "deceased", "inactive", "superseded", "not-registered", "invalidated"}
	switch {
	case !validNHSNumber(p.NHS):
		return "the NHS number is not valid"
	case seen[p.NHS]:
		return "the NHS number is there twice"
	case !slices.Contains(states, p.State):
		return fmt.Sprintf("the state is none of %q", states)
	}
	seen[p.NHS] = true
	return ""
}

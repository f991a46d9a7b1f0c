package sandbox

import (
	"cmp"
	"errors"
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
	f, err := readOwn(path)
	if err != nil {
		return nil, err
	}
	own := make([]practice, len(f.rows))
	for i := range own {
		own[i].Enabled = true
		if err := f.decode(i, &own[i]); err != nil {
			return nil, err
		}
		p := own[i]
		twice := slices.ContainsFunc(own[:i], func(o practice) bool { return o.ODS == p.ODS })
		if wrong := p.judge(); wrong != "" {
			return nil, f.wrong(i, errors.New(wrong))
		} else if twice {
			return nil, f.wrong(i, fmt.Errorf("practice %s is there twice", p.ODS))
		}
		p.settle()
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
			i := slices.IndexFunc(own, func(o practice) bool { return o.ODS == p.ODS || o.ODS == other })
			return nil, f.wrong(i, fmt.Errorf("practice %s has the ASID of %s", p.ODS, other))
		}
		taken[p.ASID] = p.ODS
	}
	return all, nil
}

// settle fills in what a file of one's own need not say.
func (p *practice) settle() {
	p.Name, p.Phone = cmp.Or(p.Name, "Practice "+p.ODS), cmp.Or(p.Phone, "01632 960999")
	p.City, p.Postcode, p.Opened = cmp.Or(p.City, "Marrowby"), cmp.Or(p.Postcode, "ZZ99 9ZZ"), cmp.Or(p.Opened, "20200101")
	p.Manufacturer, p.Product = cmp.Or(p.Manufacturer, "YGOWN"), cmp.Or(p.Product, "Own 1")
	if len(p.Address) == 0 {
		p.Address = []string{"1 Sandbox Street"}
	}
}

// addFile adds the people of a file of one's own, in the form of people.json and pds.json:
// who is there already is replaced. The bundles it names lie beside it. What comes back are
// their demographics. An empty path adds nobody.
func (ps *people) addFile(path string) (all []demographics, err error) {
	if path == "" {
		return nil, nil
	}
	f, err := readOwn(path)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	folder := os.DirFS(filepath.Dir(path))
	for i := range f.rows {
		p, d := &person{}, demographics{own: true}
		if err := f.decode(i, p, &d); err != nil {
			return nil, err
		}
		if p.State == "" {
			p.State, d.State = "ordinary", "ordinary"
		}
		if wrong := cmp.Or(p.judge(seen), d.judge()); wrong != "" {
			return nil, f.wrong(i, fmt.Errorf("patient %d: %s", i+1, wrong))
		}
		if p.Bundle != "" {
			raw, err := fs.ReadFile(folder, p.Bundle)
			if err != nil {
				return nil, f.wrong(i, fmt.Errorf("patient %d: the bundle %q is not in the same folder, or cannot be opened", i+1, mask(p.Bundle)))
			}
			if _, why := onlyPatient(raw); why != "" {
				return nil, f.wrong(i, fmt.Errorf("patient %d: the bundle %q is not served: %s", i+1, mask(p.Bundle), why))
			}
			p.load = sync.OnceValues(func() (*chart, error) { return p.record(folder) })
		}
		ps.put(p)
		all = append(all, d)
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

// judge says what is wrong with demographics, without the person's data.
func (d demographics) judge() string {
	for name, day := range map[string]string{"born": d.Born, "deceased": d.Deceased, "since": d.Since, "until": d.Until, "removed_on": d.RemovedOn} {
		if day != "" && !wholeDay(day) {
			return name + " is not a day as YYYY-MM-DD"
		}
	}
	for name, ods := range map[string]string{"practice": d.Practice, "moved": d.Moved} {
		if ods != "" && !isODS(ods) {
			return name + " is not an ODS code"
		}
	}
	switch {
	case !slices.Contains([]string{"", "male", "female", "other", "unknown"}, d.Gender):
		return "gender is none of male, female, other, unknown"
	case !slices.Contains([]string{"", "U", "R", "V"}, d.Confidentiality):
		return "confidentiality is none of U, R, V"
	case d.SupersededBy != "" && !validNHSNumber(d.SupersededBy):
		return "superseded_by is not a valid NHS number"
	}
	return ""
}

package sandbox

import "os"

// chartOf is somebody's record, read from a file of one's own if it is one.
func (s *Server) chartOf(p *person) (*chart, error) {
	if p.file != "" {
		raw, err := os.ReadFile(p.file)
		if err != nil {
			return nil, err
		}
		return readChart(raw)
	}
	if p.load == nil {
		return newChart(), nil
	}
	return p.load()
}

// ofKind are the resources of a type.
func (c *chart) ofKind(kind string) (all []resource) {
	for _, r := range c.resources {
		if r.kind == kind {
			all = append(all, r)
		}
	}
	return all
}

// administrativeOf notes who and what a resource names, and the roles of who is named.
func (c *chart) administrativeOf(r resource, found map[int]bool) {
	for _, l := range r.links {
		at, ok := c.at[l.target]
		if !ok || found[at] || !administrative(c.resources[at].kind) {
			continue
		}
		found[at] = true
		for _, back := range c.back[l.target] {
			if c.resources[back.from].kind == "PractitionerRole" && back.via == "practitioner" {
				found[back.from] = true
			}
		}
	}
}

package profile

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// Intents is where writes are kept from before they are sent until their outcome is
// known: one folder for the whole file, with one in it for each environment.
type Intents struct {
	Dir string `toml:"dir,omitempty"`
}

// Settling says how the outcome of a write is looked for when its answer was lost; what
// is left out is client.Settling's default.
type Settling struct {
	Pauses []string `toml:"pauses,omitempty"` // between the looks
	Late   string   `toml:"late,omitempty"`   // how long after sending a practice may still carry it out
	Grace  string   `toml:"grace,omitempty"`  // for what has been begun when the user interrupts
}

// IntentsDir is the folder of the profile's environment: in the one that the file names,
// or else in the user's folder for state. An environment is known by its proxy: all
// profiles that reach the same practices share a journal, and no write is ever looked for
// at the practices of another environment, where it is bound not to be found.
func (p *Profile) IntentsDir(state string) string {
	dir := filepath.Join(state, "gpc", "journal")
	if p.file.Journal.Dir != "" {
		dir = p.Path(p.file.Journal.Dir)
	}
	return filepath.Join(dir, environment(p.Proxy))
}

// environment is a proxy's host and port as the name of a folder; the port of https goes
// without saying, however the address is written.
func environment(proxy string) string {
	u, err := url.Parse(proxy)
	if err != nil || strings.Trim(u.Host, ".") == "" {
		return "unknown"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, strings.TrimSuffix(strings.ToLower(u.Host), ":443"))
}

// ClientSettling is [settling] as the SDK takes it. timeout is that of one operation: a
// write that may still be under way cannot be decided upon.
func (p *Profile) ClientSettling(timeout time.Duration) (s client.Settling, err error) {
	for _, pause := range p.file.Settling.Pauses {
		d, err := p.duration("settling.pauses", pause)
		if err != nil {
			return s, err
		}
		s.Pauses = append(s.Pauses, d)
	}
	if s.Late, err = p.duration("settling.late", p.file.Settling.Late); err != nil {
		return s, err
	}
	if s.Grace, err = p.duration("settling.grace", p.file.Settling.Grace); err != nil {
		return s, err
	}
	grace := s.Grace
	if grace == 0 {
		grace = 10 * time.Second
	}
	if s.Late != 0 && s.Late <= timeout+grace {
		return s, p.problem(fmt.Sprintf("settling.late = %q is within the time of the write itself, which may take %v and a grace of %v", p.file.Settling.Late, timeout, grace),
			"make it longer, or --timeout shorter")
	}
	return s, nil
}

func (p *Profile) duration(key, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, p.problem(fmt.Sprintf("%s = %q is no length of time", key, text), `write it as "5s" or "10m"`)
	}
	return d, nil
}

package profile

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestIntentsDir(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"default":          {two, "state/gpc/journal/proxy.example"},
		"named, relative":  {"[journal]\ndir = \"kept\"\n" + two, "kept/proxy.example"},
		"named, absolute":  {"[journal]\ndir = \"/var/kept\"\n" + two, "/var/kept/proxy.example"},
		"a port":           {"[profiles.int]\nproxy = \"https://127.0.0.1:8443\"\n", "state/gpc/journal/127.0.0.1_8443"},
		"the usual port":   {"[profiles.int]\nproxy = \"https://Proxy.example:443\"\n", "state/gpc/journal/proxy.example"},
		"nothing to climb": {"[profiles.int]\nproxy = \"https://../\"\n", "state/gpc/journal/unknown"},
		"no proxy":         {"[profiles.int]\n", "state/gpc/journal/unknown"},
	} {
		p, err := parse(t, test.data).Select("int")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.IntentsDir("state"), filepath.FromSlash(test.want); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestSettling(t *testing.T) {
	p, err := parse(t, "[settling]\npauses = [\"1s\", \"3s\"]\nlate = \"6m\"\ngrace = \"4s\"\n"+two).Select("int")
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.ClientSettling(time.Minute)
	if err != nil || !slices.Equal(s.Pauses, []time.Duration{time.Second, 3 * time.Second}) || s.Late != 6*time.Minute || s.Grace != 4*time.Second {
		t.Errorf("got %+v, %v", s, err)
	}
	p, _ = parse(t, two).Select("int")
	if s, err := p.ClientSettling(time.Minute); err != nil || s.Pauses != nil || s.Late != 0 || s.Grace != 0 {
		t.Errorf("without the section: got %+v, %v, want nothing", s, err)
	}
	p, _ = parse(t, "[settling]\nlate = \"65s\"\n"+two).Select("int")
	_, err = p.ClientSettling(time.Minute)
	problem(t, "late too early", err, "within the time of the write", "--timeout shorter")
	for _, wrong := range []string{"late = \"soon\"", "grace = \"-1s\"", "pauses = [\"1\"]"} {
		p, _ = parse(t, "[settling]\n"+wrong+"\n"+two).Select("int")
		_, err := p.ClientSettling(time.Minute)
		problem(t, wrong, err, "no length of time", "5s")
	}
}

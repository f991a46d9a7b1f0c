package sandbox

import (
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"
)

func TestSlotsAreForWhoAsks(t *testing.T) {
	s := run(t, Config{Plain: true, Now: func() time.Time { return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC) }}) // a Friday
	c := from(t, s, "B82617")
	sessionsOf := func(filters ...string) []string {
		q := slotSearch("2026-11-23", "2026-11-23") // a Monday
		if q["searchFilter"] = filters; filters == nil {
			delete(q, "searchFilter")
		}
		names := map[string]bool{}
		for _, sc := range c.slots(q).of("Schedule") {
			names[sc["serviceCategory"].(map[string]any)["text"].(string)] = true
		}
		return slices.Sorted(maps.Keys(names))
	}
	anyone := []string{"Afternoon surgery", "Morning surgery", "Telephone triage", "Urgent appointments"}
	with := func(more ...string) []string { return slices.Sorted(slices.Values(append(more, anyone...))) }
	const urgent, practice = organisationTypes + "|urgent-care", organisationTypes + "|gp-practice"
	for _, test := range []struct {
		name    string
		filters []string
		want    []string
	}{
		{"no filter", nil, anyone},
		{"type", []string{urgent}, with("Video clinic")},
		{"another type", []string{practice}, with("Nurse clinic")},
		{"a type nobody knows", []string{organisationTypes + "|oncology"}, anyone},
		{"code", []string{odsSystem + "|A20047"}, with("Kept for urgent care providers")},
		{"another code", []string{odsSystem + "|RNR01"}, anyone},
		{"both", []string{urgent, odsSystem + "|A11111"}, with("Kept for urgent care providers", "Video clinic")},
		{"both of another", []string{practice, odsSystem + "|B22222"}, with("Health checks", "Nurse clinic")},
		{"systems nobody knows", []string{"TypeCategory|Other", "nonsense"}, anyone},
	} {
		if got := sessionsOf(test.filters...); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSlotsBringWhatWasAskedFor(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "B82617")
	for _, test := range []struct {
		recurse                                     []string
		practitioners, locations, services, refused bool
	}{
		{nil, false, false, false, false},
		{[]string{"Schedule:actor:Practitioner"}, true, false, false, false},
		{[]string{"Schedule:actor:Location"}, false, true, false, false},
		{[]string{"Schedule:actor:HealthcareService", "Location:managingOrganization"}, false, false, true, false},
	} {
		q := slotSearch(days(s, 1), days(s, 3))
		q["_include:recurse"] = test.recurse
		f := c.slots(q)
		for kind, want := range map[string]bool{"Slot": true, "Schedule": true, "Organization": true,
			"Practitioner": test.practitioners, "Location": test.locations, "HealthcareService": test.services} {
			if got := len(f.of(kind)) > 0; got != want {
				t.Errorf("%v: %s there: got %v, want %v", test.recurse, kind, got, want)
			}
		}
		seen := map[string]bool{}
		for _, r := range f {
			id := r["resourceType"].(string) + "/" + r["id"].(string)
			if seen[id] {
				t.Errorf("%v: %s is there twice", test.recurse, id)
			}
			seen[id] = true
		}
	}
	f := c.slots(slotSearch(days(s, 1), days(s, 1)))
	for _, slot := range f.of("Slot") {
		schedule := f.with(slot["schedule"].(map[string]any)["reference"].(string))
		for _, a := range schedule["actor"].([]any) {
			if to := a.(map[string]any)["reference"].(string); f.with(to) == nil && to[:7] != "Healthc" {
				t.Fatalf("%s is not there", to)
			}
		}
	}
}

func TestSlotSearchRefused(t *testing.T) {
	now := time.Date(2026, 6, 10, 11, 0, 0, 0, time.UTC) // British summer time
	s := run(t, Config{Now: func() time.Time { return now }})
	c := from(t, s, "A12345")
	for _, test := range []struct {
		name, parameter string
		values          []string
		status          int
		code            string
	}{
		{"as it should be", "status", []string{"free"}, 200, ""},
		{"no status", "status", nil, 400, "BAD_REQUEST"},
		{"another status", "status", []string{"busy"}, 422, "INVALID_PARAMETER"},
		{"no start", "start", nil, 400, "BAD_REQUEST"},
		{"two starts", "start", []string{"ge2026-06-11", "ge2026-06-12"}, 422, "INVALID_PARAMETER"},
		{"no end", "end", nil, 400, "BAD_REQUEST"},
		{"empty start", "start", []string{""}, 422, "INVALID_PARAMETER"},
		{"another prefix", "start", []string{"gt2026-06-11"}, 422, "INVALID_PARAMETER"},
		{"no prefix", "start", []string{"2026-06-11"}, 422, "INVALID_PARAMETER"},
		{"a month", "start", []string{"ge2026-06"}, 422, "INVALID_PARAMETER"},
		{"a day there is not", "start", []string{"ge2026-06-31"}, 422, "INVALID_PARAMETER"},
		{"time with offset", "start", []string{"ge2026-06-11T00:00:00+01:00"}, 200, ""},
		{"time without offset", "start", []string{"ge2026-06-11T00:00:00"}, 422, "INVALID_PARAMETER"},
		{"time with Z", "start", []string{"ge2026-06-11T00:00:00Z"}, 422, "INVALID_PARAMETER"},
		{"winter's offset in summer", "start", []string{"ge2026-06-11T00:00:00+00:00"}, 422, "INVALID_PARAMETER"},
		{"two weeks", "end", []string{"le2026-06-25"}, 200, ""},
		{"more than two weeks", "end", []string{"le2026-06-26"}, 422, "INVALID_PARAMETER"},
		{"end before start", "end", []string{"le2026-06-10"}, 422, "INVALID_PARAMETER"},
		{"the same day", "end", []string{"le2026-06-11"}, 200, ""},
		{"no include", "_include", nil, 400, "BAD_REQUEST"},
		{"a service of nobody", "service.identifier", []string{dosSystem + "|123"}, 404, "NO_RECORD_FOUND"},
	} {
		q := slotSearch("2026-06-11", "2026-06-20")
		if q[test.parameter] = test.values; test.values == nil {
			delete(q, test.parameter)
		}
		c.do("fhir:rest:search:slot-1", "/Slot?"+q.Encode(), nil).refused(t, test.name, test.status, test.code)
	}
}

func TestSlotsByService(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := from(t, s, "B82617")
	q := slotSearch(days(s, 1), days(s, 2))
	q.Set("service.identifier", dosSystem+"|2000082618")
	r := c.do("fhir:rest:search:slot-1", "/Slot?"+q.Encode(), nil)
	if names := found(r.resources(t)).of("Schedule"); len(names) == 0 || names[0]["serviceCategory"].(map[string]any)["text"] != "Urgent appointments" {
		t.Errorf("got %d schedules, want those of the service", len(names))
	}
	meta := r.fields(t)["meta"].(map[string]any)
	if ext, _ := meta["extension"].([]any); len(ext) != 1 || ext[0].(map[string]any)["valueCode"] != "enabled" {
		t.Errorf("got %v, want that service filtering is enabled", meta["extension"])
	}
}

// TestSlotsAcrossClockChanges: the offset is that of the day, and a day has the same slots by
// the clock on the wall.
func TestSlotsAcrossClockChanges(t *testing.T) {
	for _, test := range []struct {
		now           time.Time
		before, after string // days of which the first is on the old time
		offsets       [2]string
	}{
		{time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC), "2026-10-24", "2026-10-25", [2]string{"+01:00", "+00:00"}},
		{time.Date(2027, 3, 20, 8, 0, 0, 0, time.UTC), "2027-03-27", "2027-03-28", [2]string{"+00:00", "+01:00"}},
	} {
		s := run(t, Config{Plain: true, Now: func() time.Time { return test.now }})
		c := from(t, s, "A12345")
		var starts [2][]string
		for i, day := range []string{test.before, test.after} {
			for _, slot := range c.slots(slotSearch(day, day)).of("Slot") {
				start := slot["start"].(string)
				if start[:10] != day || start[19:] != test.offsets[i] {
					t.Fatalf("%s: got a slot at %s, want the offset %s", day, start, test.offsets[i])
				}
				starts[i] = append(starts[i], start[10:19])
			}
			slices.Sort(starts[i])
		}
		if len(starts[0]) == 0 || !slices.Equal(starts[0], starts[1]) {
			t.Errorf("%s and %s: got %d and %d slots, want the same ones", test.before, test.after, len(starts[0]), len(starts[1]))
		}
	}
}

func TestSlotsOfTodayThatAreOver(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 5, 0, 0, time.UTC)
	s := run(t, Config{Plain: true, Now: func() time.Time { return now }})
	f := from(t, s, "A12345").slots(slotSearch("2026-11-20", "2026-11-20")).of("Slot")
	if len(f) == 0 {
		t.Fatal("got no slots today, want some")
	}
	for _, slot := range f {
		if start, err := time.Parse(time.RFC3339, slot["start"].(string)); err != nil || !start.After(now) {
			t.Errorf("got a slot at %v, want none that has begun", slot["start"])
		}
	}
}

func TestSlotsWithinTimes(t *testing.T) {
	s := run(t, Config{Plain: true, Now: func() time.Time { return time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC) }})
	q := slotSearch("2026-11-23T08:35:00+00:00", "2026-11-23T09:05:00+00:00")
	var got []string
	for _, slot := range from(t, s, "A12345").slots(q).of("Slot") {
		got = append(got, slot["start"].(string)[11:16])
	}
	if want := []string{"08:40", "08:50"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: slots lie whole within the time", got, want)
	}
}

func TestBusySlotsComeFromTheSeed(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC) }
	free := func(cfg Config) string {
		cfg.Now = now
		var ids []string
		for _, slot := range from(t, run(t, cfg), "A12345").slots(slotSearch("2026-11-21", "2026-11-30")).of("Slot") {
			ids = append(ids, slot["id"].(string))
		}
		slices.Sort(ids)
		return url.Values{"": ids}.Encode()
	}
	one, two, other, plain := free(Config{Seed: 5}), free(Config{Seed: 5}), free(Config{Seed: 6}), free(Config{Plain: true})
	if one != two || one == other {
		t.Error("got other slots from the same seed, or the same from another")
	}
	if len(plain) <= len(one) || plain != free(Config{Off: []string{"busy-slots"}}) {
		t.Error("with the difference off some slots are busy, want none")
	}
}

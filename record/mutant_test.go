package record

import (
	"flag"
	"math/rand/v2"
	"slices"
	"sort"
)

// A mutation spoils a list of resources in one way.
type mutation struct {
	name  string
	apply func(*rand.Rand, []object) []object
}

var mutations = []mutation{
	{"delete an entry", func(r *rand.Rand, all []object) []object {
		i := r.IntN(len(all))
		return slices.Delete(all, i, i+1)
	}},
	{"double an entry", func(r *rand.Rand, all []object) []object {
		return append(all, cloned(all[r.IntN(len(all))]).(object))
	}},
	{"retype an entry", func(r *rand.Rand, all []object) []object {
		all[r.IntN(len(all))]["resourceType"] = word(all[r.IntN(len(all))], "resourceType")
		return all
	}},
	{"swap ids", func(r *rand.Rand, all []object) []object {
		a, b := all[r.IntN(len(all))], all[r.IntN(len(all))]
		a["id"], b["id"] = b["id"], a["id"]
		return all
	}},
	{"delete a list", func(r *rand.Rand, all []object) []object {
		return slices.DeleteFunc(all, func(o object) bool { return word(o, "resourceType") == "List" && r.IntN(3) == 0 })
	}},
	{"delete a member", func(r *rand.Rand, all []object) []object {
		o, name := somewhere(r, all)
		delete(o, name)
		return all
	}},
	{"spoil a member", func(r *rand.Rand, all []object) []object {
		o, name := somewhere(r, all)
		o[name] = []any{7.0, true, "x", object{}, nil}[r.IntN(5)]
		return all
	}},
	{"name another patient", func(r *rand.Rand, all []object) []object {
		o := all[r.IntN(len(all))]
		for _, name := range []string{"subject", "patient"} {
			if o[name] != nil {
				o[name] = object{"reference": "Patient/another"}
			}
		}
		return all
	}},
	{"give another number", func(r *rand.Rand, all []object) []object {
		for _, o := range all {
			for _, id := range members(o, "identifier") {
				if word(o, "resourceType") == "Patient" && id != nil {
					id["value"] = []any{"9000000017", "9000000025", "", nil, 9000000017.0}[r.IntN(5)]
				}
			}
		}
		return all
	}},
	{"point elsewhere", func(r *rand.Rand, all []object) []object {
		for range 20 {
			if o, name := somewhere(r, all); name == "reference" {
				to := all[r.IntN(len(all))]
				o[name] = word(to, "resourceType") + "/" + word(to, "id")
				break
			}
		}
		return all
	}},
}

// somewhere is a member of an object anywhere within.
func somewhere(r *rand.Rand, all []object) (object, string) {
	o := all[r.IntN(len(all))]
	for {
		names := make([]string, 0, len(o))
		for name := range o {
			names = append(names, name)
		}
		if len(names) == 0 {
			return o, "nothing"
		}
		sort.Strings(names)
		name := names[r.IntN(len(names))]
		next := members(o, name)
		if len(next) == 0 || r.IntN(4) == 0 {
			return o, name
		}
		if o = next[r.IntN(len(next))]; o == nil {
			return object{}, name
		}
	}
}

// mutant is a copy of an answer that up to most mutations were done to, and their names.
func mutant(r *rand.Rand, answer []object, most int) (all []object, done []string) {
	for _, o := range answer {
		all = append(all, cloned(o).(object))
	}
	for range 1 + r.IntN(most) {
		m := mutations[r.IntN(len(mutations))]
		if all = m.apply(r, all); len(all) == 0 {
			break
		}
		done = append(done, m.name)
	}
	return all, done
}

// cloned shares nothing with v.
func cloned(v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for name, member := range v {
			c[name] = cloned(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = cloned(e)
		}
		return c
	}
	return v
}

// go test ./record -run Mutant -mutants 50
var times = flag.Int("mutants", 1, "times as many mutants as usual")

// mutantsOf is how many mutants of a small or a large answer are to be made.
func mutantsOf(data []byte, small, large int) int {
	n := small
	if len(data) > 50_000 {
		n = large
	}
	return fewer(n) * *times
}

// fewer is a third of n with the race detector, which multiplies what a test takes, else n.
func fewer(n int) int {
	if raced {
		return n / 3
	}
	return n
}

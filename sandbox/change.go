package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// amendAppointment changes description and comment, and nothing else.
func amendAppointment(c *call) answer {
	return c.change(func(now, sent map[string]any) (map[string]any, *broken) {
		if now["status"] != "booked" {
			return nil, unfit("the appointment is cancelled")
		}
		if wrong := judgeTexts(sent); wrong != nil {
			return nil, wrong
		}
		if name := differs(now, sent, "description", "comment"); name != "" {
			return nil, unfit("%s is changed, and only description and comment may be", name)
		}
		return sent, nil
	})
}

// cancelAppointment changes the status and adds the reason, and nothing else.
func cancelAppointment(c *call) answer {
	return c.change(func(now, sent map[string]any) (map[string]any, *broken) {
		reasons := extensionsNamed(sent, cancellationReason)
		list, _ := sent["extension"].([]any)
		others := slices.DeleteFunc(slices.Clone(list), func(e any) bool {
			ext, _ := e.(map[string]any)
			return ext["url"] == profile(cancellationReason)
		})
		rest := clone(sent)
		rest["extension"] = others
		before := clone(now)
		if had := extensionsNamed(before, cancellationReason); len(had) > 0 { // cancelled already
			before["extension"] = slices.DeleteFunc(before["extension"].([]any), func(e any) bool { return e.(map[string]any)["url"] == profile(cancellationReason) })
			if len(reasons) == 1 && had[0]["valueString"] != reasons[0]["valueString"] {
				return nil, unfit("the appointment is cancelled already, for another reason")
			}
		}
		if name := differs(before, rest, "status"); name != "" {
			return nil, unfit("%s is changed, and only the status and the reason may be", name)
		}
		switch reason := reasonOf(reasons); {
		case sent["status"] != "cancelled":
			return nil, unfit("status is not cancelled")
		case len(reasons) > 1:
			return nil, unfit("there is more than one reason for the cancellation")
		case strings.TrimSpace(reason) == "":
			return nil, &broken{"INVALID_PARAMETER", "the reason for the cancellation is missing or blank"}
		}
		return sent, nil
	})
}

func reasonOf(reasons []map[string]any) string {
	if len(reasons) == 0 {
		return ""
	}
	s, _ := reasons[0]["valueString"].(string)
	return s
}

// change judges a PUT: the appointment is there, the body is one, the version is the one that
// was read, the appointment lies ahead, and the rest is the interaction's. What changed makes
// a new version.
func (c *call) change(judge func(now, sent map[string]any) (map[string]any, *broken)) answer {
	sent, refused := c.resourceSent("Appointment")
	st := c.server.state
	st.mu.Lock()
	defer st.mu.Unlock()
	b := c.appointment(c.id())
	switch {
	case b == nil:
		return noAppointment()
	case refused != nil:
		return *refused
	}
	ok, rule := c.matches(b.Version)
	if !ok {
		return conflict()
	}
	if !b.Start.After(c.server.cfg.Now()) {
		return refuse("INVALID_RESOURCE", "the appointment lies in the past")
	}
	changed, wrong := judge(b.fields, sent)
	if wrong != nil {
		return refuse(wrong.code, wrong.text)
	}
	if differs(b.fields, changed) != "" {
		b.take(clone(changed))
	}
	a := c.written(http.StatusOK, clone(b.fields))
	a.rule = rule
	return a
}

// take makes what was sent the appointment's next version; a cancelled one gives its slots
// back.
func (b *booking) take(fields map[string]any) {
	b.fields = fields
	b.fields["id"] = b.ID
	b.version(b.Version + 1)
	if b.Status = fields["status"].(string); b.Status == "cancelled" {
		for _, s := range b.slots {
			s.taken = false
		}
	}
}

// differs names a member in which two resources differ, "" if they are the same: meta and
// those that are named do not count, and extensions may come in any order.
func differs(a, b map[string]any, but ...string) string {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	for name := range names {
		if name == "meta" || slices.Contains(but, name) {
			continue
		}
		if canonical(name, a[name]) != canonical(name, b[name]) {
			return name
		}
	}
	return ""
}

// canonical is a value as text that is the same for the same value.
func canonical(name string, value any) string {
	if list, ok := value.([]any); ok && name == "extension" {
		var parts []string
		for _, x := range list {
			parts = append(parts, canonical("", x))
		}
		slices.Sort(parts)
		return strings.Join(parts, ",")
	}
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}

package sdslookup

import (
	"errors"
	"fmt"
	"strings"
)

// parseQuestion checks what an Endpoint method is asked, and returns the ODS code as the directory spells it.
func parseQuestion(ods string, id Interaction) (string, error) {
	code, err := ParseODS(ods)
	if err != nil {
		return "", err
	}
	_, err = ParseInteraction(string(id))
	return code, err
}

func parseOwn(q OwnQuery) (OwnQuery, error) {
	var err error
	if q.ODS, err = parseQuestion(q.ODS, q.Interaction); err != nil {
		return q, err
	}
	if q.Manufacturer != "" {
		q.Manufacturer, err = ParseODS(q.Manufacturer)
	}
	return q, err
}

// parsePins reads pinned party keys by ODS code.
func parsePins(keys map[string]string) (map[string]string, []error) {
	pins := make(map[string]string, len(keys))
	var errs []error
	for ods, key := range keys {
		code, err := ParseODS(ods)
		if err == nil && strings.TrimSpace(key) == "" {
			err = fmt.Errorf("the pinned party key of %s is empty", code)
		}
		if err != nil {
			errs = append(errs, err)
		}
		pins[code] = key
	}
	return pins, errs
}

// about fills in what the failing part did not know.
func about(err error, step Step, ods string, id Interaction) *Error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Step: step, ODS: ods, Interaction: id, Err: err}
	}
	out := *e
	out.Step, out.ODS, out.Interaction = step, ods, id
	return &out
}

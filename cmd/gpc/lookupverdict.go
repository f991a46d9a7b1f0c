package main

import (
	"errors"
	"fmt"

	"github.com/gpconnect-go/gpc/sdslookup"
)

// verdict is the exit's error: none where everything was found, or where practices that
// were asked for every capability lack some of them; else the gravest.
func (o *lookupOptions) verdict(asked []*found) error {
	offers := map[string]bool{}
	for _, f := range asked {
		offers[f.ODS] = offers[f.ODS] || f.err == nil
	}
	every := o.capability == "" && o.interaction == ""
	var gravest error
	for _, f := range asked {
		if f.err == nil || every && offers[f.ODS] && errors.Is(f.err, sdslookup.ErrNotFound) {
			continue
		}
		if gravest == nil || gravity(f.err) > gravity(gravest) {
			gravest = f.err
		}
	}
	switch {
	case gravest == nil:
		return nil
	case alone(asked):
		return gravest
	}
	return &someError{of: len(asked), gravest: gravest}
}

// alone is one question, or several about one practice with nothing found: its
// error is the answer.
func alone(asked []*found) bool {
	for _, f := range asked {
		if f.err == nil || f.ODS != asked[0].ODS {
			return len(asked) == 1
		}
	}
	return true
}

// gravity orders failures: one that may pass is the first to be known of.
func gravity(err error) int {
	return map[int]int{exitNotThere: 1, exitRefused: 2, exitUnreliable: 3, exitNoAnswer: 4}[exitCode(err)]
}

// someError is that some of many questions failed; what came is on stdout.
type someError struct {
	of      int
	gravest error
}

func (e *someError) Error() string {
	return fmt.Sprintf("not all of %d were found; the first of the gravest: %v", e.of, e.gravest)
}
func (e *someError) Unwrap() error { return e.gravest }

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/internal/profile"
	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/record"
)

// cures says what to do about an error that no code of the catalogue tells
// about, the most particular first. They are chosen by what the error is,
// never by its words.
var cures = [...]struct {
	of   error
	cure string
}{
	{record.ErrWrongPatient, "do not use this answer; report the trace id to the practice's supplier as a clinical safety incident"},
	{fhir.ErrNHSNumber, "check the number against its source; it is ten digits of which the last is a check digit"},
	{client.ErrCertificate, "check the profile's cert, key and ca: the certificate must be issued by Spine for this environment, with its sub CA in the same file"},
	{client.ErrVetoed, "the journal of calls must be writable; nothing is sent without it"},
	{client.ErrUnreadable, "report the trace id to the practice's supplier; `gpc call -o` saves an answer's bytes as they came"},
	{client.ErrNotFound, "check what was asked for; -v shows the other side's own words"},
	{client.ErrRefused, "-v shows the other side's own words; with the trace id, its service desk can say more"},
	{client.ErrInvalid, "correct what is named; nothing was sent"},
	{client.ErrNoAnswer, "try again later; if it stays, report the trace id to the service desk of the layer that is named"},
}

// cureFor is what to do about an error; "" where nothing is to be said.
func cureFor(err error) string {
	if cure, own := ownCure(err); own {
		return cure
	}
	for _, cureOf := range [...]func(error) string{pdsCure, writeCure, cataloguedCure, redirectCure, directoryCure} {
		if cure := cureOf(err); cure != "" {
			return cure
		}
	}
	for _, c := range cures {
		if errors.Is(err, c.of) {
			return c.cure
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "allow more time with --timeout, or try again later"
	}
	return ""
}

// ownCure is of the errors that this command, profiles and certificates make; own says
// that it is one of them, also where nothing is to be said.
func ownCure(err error) (cure string, own bool) {
	var usage *usageError
	var none *noConfig
	var configuration *profile.Problem
	var certificate *mtls.Problem
	var found *foundError
	var hop *hopError
	var unreadable *unreadableError
	var mismatch *mismatchError
	var query *record.QueryError
	var journal *brokenJournal
	var some *someSlots
	var gone *goneError
	switch {
	case isUnknown(err), errors.As(err, &some):
		return "", true // it has been said, with what is particular about it
	case errors.As(err, &gone):
		return gone.cure, true
	case errors.As(err, &journal):
		return "keep the file as evidence, move it away, and find out who or what changed it", true
	case errors.As(err, &query):
		return "the specification does not allow it; ask twice, and keep the answers apart", true
	case errors.As(err, &unreadable) && errors.Is(err, record.ErrWrongPatient):
		return "do not use this answer: nobody can know whose record it is", true
	case errors.As(err, &unreadable):
		return "a structured record is a FHIR Bundle, as `gpc record -f fhir` saves it", true
	case errors.As(err, &mismatch):
		return "make sure who the patient is; --allow-mismatch goes on all the same", true
	case errors.As(err, &found):
		return "", true // the doctor has said it where it stands
	case errors.As(err, &hop):
		return hop.cure, true
	case errors.As(err, &usage):
		return usage.cure, true
	case errors.As(err, &none):
		return "`gpc config init` writes a configuration; without one, `gpc --profile sandbox …` asks a practice of synthetic people", true
	case errors.As(err, &configuration):
		return configuration.Cure, true
	case errors.As(err, &certificate):
		return certificate.Cure, true
	}
	return "", false
}

// catalogued is what the catalogue has of the first code that it knows, or of the
// status.
func catalogued(err error) (client.Entry, bool) {
	var e *client.Error
	if !errors.As(err, &e) || (e.StatusCode >= 200 && e.StatusCode < 300) {
		return client.Entry{}, false
	}
	for _, code := range append(e.Codes, client.Code(fmt.Sprintf("HTTP_%d", e.StatusCode))) {
		if entry, ok := client.Explain(string(code)); ok {
			return entry, true
		}
	}
	return client.Entry{}, false
}

// meaningOf says what a code or a status stands for, to somebody who has not got
// them by heart.
func meaningOf(err error) string {
	entry, ok := catalogued(err)
	if !ok {
		return ""
	}
	return entry.Meaning + " (likely: " + entry.Cause + ")"
}

func cataloguedCure(err error) string {
	entry, _ := catalogued(err)
	return entry.Do
}

// redirectCure is for where the other side sent us elsewhere.
func redirectCure(err error) string {
	var e *client.Error
	if errors.As(err, &e) && e.StatusCode >= 300 && e.StatusCode < 400 {
		return "gpc follows nobody elsewhere; check the profile's proxy, and what stands between here and there"
	}
	return ""
}

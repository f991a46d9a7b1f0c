package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gpconnect-go/gpc/internal/show"
	"github.com/gpconnect-go/gpc/record"
)

// recordFormats are those of `record` and `view`.
var recordFormats = []string{"text", "json", "fhir", "ndjson", "html"}

// render puts a record into the format asked for.
func (o *output) render(a *app, rec *record.Record) ([]byte, error) {
	var b bytes.Buffer
	switch o.format {
	case "json":
		data, err := json.MarshalIndent(rec, "", "  ")
		return append(data, '\n'), err
	case "fhir":
		return rec.Bundle().Bytes(), nil
	case "ndjson":
		for r := range rec.Bundle().All() {
			if err := json.Compact(&b, r.Raw); err != nil {
				return nil, fmt.Errorf("entry %d: %w", r.Index, err)
			}
			b.WriteByte('\n')
		}
		return b.Bytes(), nil
	case "html":
		err := show.HTML(&b, rec, show.Options{Now: a.now()})
		return b.Bytes(), err
	}
	err := show.Record(&b, rec, show.Options{Width: a.width(o.file), Colour: a.colour(o.file), Now: a.now()})
	return b.Bytes(), err
}

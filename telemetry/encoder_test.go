package telemetry

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// encoder writes the values of attributes, those of the interaction left out.
type encoder struct{}

var encoderID = attribute.NewEncoderID()

func (encoder) Encode(i attribute.Iterator) string {
	byKey := map[attribute.Key]string{}
	for i.Next() {
		byKey[i.Attribute().Key] = i.Attribute().Value.String()
	}
	var all []string
	for _, key := range []attribute.Key{"http.response.status_code", "error.type", "gpconnect.layer", "gpconnect.hop"} {
		if v := byKey[key]; v != "" {
			all = append(all, v)
		}
	}
	return strings.Join(all, " ")
}

func (encoder) ID() attribute.EncoderID { return encoderID }

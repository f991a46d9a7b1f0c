package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"

	"github.com/gpconnect-go/gpc/client"
)

// dimensions are the attributes of measurements: few values each, so that a
// practice or a code does not make a series of its own.
func dimensions(x client.Exchange) []attribute.KeyValue {
	all := []attribute.KeyValue{
		attribute.String("gpconnect.interaction", string(x.Interaction)),
	}
	if x.Status != 0 {
		all = append(all, attribute.Int("http.response.status_code", x.Status))
	}
	if x.Err != nil {
		all = append(all, attribute.String("error.type", class(x.Err)), attribute.String("gpconnect.layer", string(x.Layer)))
	}
	return all
}

// attributes are those of a call's span.
func attributes(x client.Exchange) []attribute.KeyValue {
	all := append(dimensions(x),
		attribute.String("gpconnect.trace_id", x.TraceID),
		attribute.String("gpconnect.practice", x.ODS),
		attribute.String("gpconnect.organisation", x.Organisation),
		attribute.String("gpconnect.from", x.From),
		attribute.String("gpconnect.to", x.To),
		attribute.Int("gpconnect.attempt", x.Attempt),
		attribute.Bool("gpconnect.connection.reused", x.Reused),
	)
	if x.Status != 0 {
		all = append(all, attribute.Int("http.response.body.size", x.Bytes))
	}
	if len(x.Codes) > 0 {
		said := make([]string, len(x.Codes))
		for i, c := range x.Codes {
			said[i] = string(c)
		}
		all = append(all, attribute.StringSlice("gpconnect.codes", said))
	}
	return all
}

// classes names the classes of error, the most telling first. The text of an
// error stays out.
var classes = [...]struct {
	of   error
	name string
}{
	{context.Canceled, "cancelled"},
	{context.DeadlineExceeded, "deadline"},
	{client.ErrThrottled, "throttled"},
	{client.ErrClientCertificate, "client-certificate"},
	{client.ErrCertificate, "certificate"},
	{client.ErrProviderUnreachable, "provider-unreachable"},
	{client.ErrEndpointVaries, "endpoint-varies"},
	{client.ErrSenderNotAccredited, "sender-not-accredited"},
	{client.ErrReceiverNotAccredited, "receiver-not-accredited"},
	{client.ErrNoSharingAgreement, "no-sharing-agreement"},
	{client.ErrNotEnabled, "not-enabled"},
	{client.ErrVersionConflict, "version-conflict"},
	{client.ErrDuplicate, "duplicate"},
	{client.ErrNotFound, "not-found"},
	{client.ErrUnreadable, "unreadable"},
	{client.ErrNoAnswer, "no-answer"},
	{client.ErrRefused, "refused"},
}

func class(err error) string {
	for _, c := range classes {
		if errors.Is(err, c.of) {
			return c.name
		}
	}
	return "_OTHER" // OpenTelemetry's word for it
}

// Package telemetry turns what package client tells of its exchanges into
// OpenTelemetry spans and histograms.
//
//	t, err := telemetry.New(telemetry.Config{})
//	c, err := client.New(client.Config{OnExchange: t.Exchange, …})
//
// Each attempt is a trace of its own, whose id is its Ssp-TraceID: what a
// service desk is told is what the tracing system is asked for. In it is a
// client span for the call and below that one for each hop, the gate and the
// directory included. Where the caller of the operation is traced, the call's
// span has a link to the caller's.
//
// Nothing of the patient is in a span or a measurement, nor of the user: there
// are named fields of the exchange alone. See docs/telemetry.md for all of them.
package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/google/uuid"

	"github.com/gpconnect-go/gpc/client"
)

const scope = "github.com/gpconnect-go/gpc/telemetry"

// Config says where spans and measurements go; nil is the global provider of
// each.
type Config struct {
	Tracers trace.TracerProvider
	Meters  metric.MeterProvider
}

// Telemetry is an adapter; it is safe for concurrent use.
type Telemetry struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	hop      metric.Float64Histogram
	size     metric.Int64Histogram
}

// New makes the adapter. Its error is the meter's.
func New(config Config) (*Telemetry, error) {
	if config.Tracers == nil {
		config.Tracers = otel.GetTracerProvider()
	}
	if config.Meters == nil {
		config.Meters = otel.GetMeterProvider()
	}
	t := &Telemetry{tracer: config.Tracers.Tracer(scope)}
	meter := config.Meters.Meter(scope)
	var wrong [3]error
	t.duration, wrong[0] = meter.Float64Histogram("gpconnect.client.duration",
		metric.WithUnit("s"), metric.WithDescription("Time of an attempt, from the connection to the whole answer."), metric.WithExplicitBucketBoundaries(seconds...))
	t.hop, wrong[1] = meter.Float64Histogram("gpconnect.client.hop.duration",
		metric.WithUnit("s"), metric.WithDescription("Time of a part of the way."), metric.WithExplicitBucketBoundaries(seconds...))
	t.size, wrong[2] = meter.Int64Histogram("gpconnect.client.response.size",
		metric.WithUnit("By"), metric.WithDescription("Size of an answer, decompressed."), metric.WithExplicitBucketBoundaries(bytes...))
	return t, errors.Join(wrong[:]...)
}

// The buckets go from a connection that is kept to the time allowed, and from
// an outcome to the largest records.
var (
	seconds = []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
	bytes   = []float64{1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26}
)

// Exchange tells of one attempt. It is a client.Config's OnExchange.
func (t *Telemetry) Exchange(x client.Exchange) {
	t.trace(x)
	t.measure(x)
}

func (t *Telemetry) trace(x client.Exchange) {
	began, ended := span(x)
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(began), trace.WithAttributes(attributes(x)...),
	}
	if caller := trace.SpanContextFromContext(x.Context()); caller.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: caller}))
	}
	ctx, call := t.tracer.Start(identified(x.TraceID), x.Op, options...)
	for _, h := range x.Hops {
		_, s := t.tracer.Start(ctx, h.Name, trace.WithTimestamp(h.Started))
		s.End(trace.WithTimestamp(h.Started.Add(h.Took)))
	}
	if x.Err != nil {
		call.SetStatus(codes.Error, class(x.Err))
	}
	call.End(trace.WithTimestamp(ended))
}

// identified is a context whose next span begins the trace of that Ssp-TraceID:
// a trace without a span, so that it has no parent. Both ids have 16 bytes.
func identified(traceID string) context.Context {
	id, err := uuid.Parse(traceID)
	if err != nil {
		return context.Background() // the SDK finds an id of its own
	}
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID(id)}))
}

// span is from the first hop's beginning to the last one's end.
func span(x client.Exchange) (began, ended time.Time) {
	if len(x.Hops) == 0 {
		return x.Started, x.Started.Add(x.Duration)
	}
	last := x.Hops[len(x.Hops)-1]
	return x.Hops[0].Started, last.Started.Add(last.Took)
}

func (t *Telemetry) measure(x client.Exchange) {
	ctx := x.Context()
	common := metric.WithAttributeSet(attribute.NewSet(dimensions(x)...))
	t.duration.Record(ctx, x.Duration.Seconds(), common)
	if x.Status != 0 {
		t.size.Record(ctx, int64(x.Bytes), common)
	}
	for _, h := range x.Hops {
		t.hop.Record(ctx, h.Took.Seconds(), metric.WithAttributes(attribute.String("gpconnect.hop", h.Name)))
	}
}

// Package tracing makes spans by OpenTelemetry, so that a person sees where the time of an edit went: one for each reconcile, one for each
// batch or reading that several of them wait for, and one for each request to GoTo. It is off unless the standard environment names a
// collector. Spans hold names of Kubernetes objects, reasons of conditions, methods, paths and status codes; nothing personal and nothing
// secret, so neither the messages of errors nor the query of a request.
//
// It knows nothing of accounts and kinds, and may import nothing of the project.
package tracing

import (
	"context"
	"fmt"
	"os"
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"k8s.io/apimachinery/pkg/types"
)

const scope = "github.com/goto-operator/goto-operator/internal/tracing"

// Wanted tells whether the environment names a collector: OTEL_EXPORTER_OTLP_ENDPOINT or
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and OTEL_SDK_DISABLED does not say otherwise.
func Wanted() bool {
	named := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	return named && os.Getenv("OTEL_SDK_DISABLED") != "true"
}

// Start sends the spans of the process to the collector that the environment names, by OTLP over gRPC, and returns what
// sends those that are left when the process ends. Where none is wanted it does nothing. A collector that does not answer
// is no error: its spans are lost, and nothing waits for them.
func Start(ctx context.Context, version string) (stop func(context.Context) error, err error) {
	if !Wanted() {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "goto-operator"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil
}

// Reconcile begins the span of a reconcile by the controller of that name. What is done with the context that it returns is
// below it.
func Reconcile(ctx context.Context, controller string, object types.NamespacedName) (context.Context, Span) {
	return begin(ctx, "reconcile "+controller, trace.SpanKindInternal,
		attribute.String("k8s.namespace.name", object.Namespace), attribute.String("goto_operator.object", object.Name))
}

// Shared begins the span of what is done for several callers at once. It is below the first of theirs that is sampled, so that no sampler
// takes a caller and leaves out what it waits for. All of theirs and it link to each other.
func Shared(ctx context.Context, name string, callers []context.Context) (context.Context, Span) {
	below, items := trace.ContextWithSpan(ctx, first(callers)), attribute.Int("goto_operator.items", len(callers))
	ctx, shared := begin(below, name, trace.SpanKindInternal, items)
	for _, caller := range callers {
		Joined(ctx, caller)
	}
	return ctx, shared
}

// Under is ctx with the span of a caller whom it outlives.
func Under(ctx, caller context.Context) context.Context {
	return trace.ContextWithSpan(ctx, trace.SpanFromContext(caller))
}

// Joined links the span of what is done for several callers, whose context shared is, and that of one of them.
func Joined(shared, caller context.Context) {
	of, by := trace.SpanFromContext(shared), trace.SpanFromContext(caller)
	link(of, by)
	link(by, of)
}

// first is the span of the first caller that is sampled, or else of the first one, if there is any.
func first(callers []context.Context) trace.Span {
	sampled := func(c context.Context) bool { return trace.SpanContextFromContext(c).IsSampled() }
	if len(callers) == 0 {
		return trace.SpanFromContext(context.Background())
	}
	return trace.SpanFromContext(callers[max(0, slices.IndexFunc(callers, sampled))])
}

// link has a span say that it has to do with another one.
func link(from, to trace.Span) {
	if at := to.SpanContext(); at.IsValid() {
		from.AddLink(trace.Link{SpanContext: at})
	}
}

// Span is one piece of work.
type Span struct{ span trace.Span }

func begin(ctx context.Context, name string, kind trace.SpanKind, more ...attribute.KeyValue) (context.Context, Span) {
	ctx, span := otel.Tracer(scope).Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(more...))
	return ctx, Span{span}
}

// Reason says how a reconcile ended: the reason of the condition Ready.
func (s Span) Reason(reason string) {
	s.span.SetAttributes(attribute.String("goto_operator.reason", reason))
}

// End ends the span. Of an error it notes the type, for the message may name a person.
func (s Span) End(err error) {
	if err != nil {
		s.span.SetStatus(codes.Error, "")
		s.span.SetAttributes(attribute.String("error.type", fmt.Sprintf("%T", err)))
	}
	s.span.End()
}

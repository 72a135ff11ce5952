package reading_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

func links(from, to sdktrace.ReadOnlySpan) bool {
	for _, l := range from.Links() {
		if l.SpanContext.SpanID() == to.SpanContext().SpanID() {
			return true
		}
	}
	return false
}

// A reading is below the one for whom it was begun, and it and all who wait for it link to each other: also who joins it under way.
func TestAReadingIsInTheTraceOfWhoWaitsForIt(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	otel.SetTracerProvider(provider)
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		var wg sync.WaitGroup
		for i, name := range []string{"first", "late"} {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				ctx, span := provider.Tracer("test").Start(t.Context(), name)
				defer span.End()
				if err := l.After(ctx, l.start.Add(-time.Second)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
	spans := map[string]sdktrace.ReadOnlySpan{}
	for _, s := range recorder.Ended() {
		spans[s.Name()] = s
	}
	read := spans["reading"]
	if read == nil || read.Parent().SpanID() != spans["first"].SpanContext().SpanID() {
		t.Fatalf("the reading is not below who began it: %v", read)
	}
	for _, caller := range []string{"first", "late"} {
		if !links(read, spans[caller]) || !links(spans[caller], read) {
			t.Errorf("no links between the reading and %s", caller)
		}
	}
	if kind := read.SpanKind(); kind != trace.SpanKindInternal || len(recorder.Ended()) != 3 {
		t.Errorf("%d spans, and a reading is %s", len(recorder.Ended()), kind)
	}
}

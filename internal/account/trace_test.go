package account_test

import (
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// tracesOf is a sampler of traces that begin with a span of one name.
type tracesOf string

func (name tracesOf) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.Name == string(name) {
		return sdktrace.AlwaysSample().ShouldSample(p)
	}
	return sdktrace.NeverSample().ShouldSample(p)
}

func (name tracesOf) Description() string { return string(name) }

// sampledBy are the spans that a sampler of traces keeps of one batch of changes: two callers' and its own.
func sampledBy(t *testing.T, sampler sdktrace.Sampler) map[string]sdktrace.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.ParentBased(sampler)))
	otel.SetTracerProvider(provider)
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 2)
		w.refresh(t)
		name := "Changed"
		w.clean(t, each(2, func(i int) error {
			ctx, span := provider.Tracer("test").Start(t.Context(), []string{"one", "other"}[i])
			defer span.End()
			return w.acct.Users().Update(ctx, w.user(t, i).Key, gotoclient.UserPatch{LastName: &name})
		}))
	})
	kept := map[string]sdktrace.ReadOnlySpan{}
	for _, span := range recorder.Ended() {
		kept[span.Name()] = span
	}
	return kept
}

func linksTo(from, to sdktrace.ReadOnlySpan) bool {
	for _, l := range from.Links() {
		if l.SpanContext.SpanID() == to.SpanContext().SpanID() {
			return true
		}
	}
	return false
}

// A batch has a span of its own, and it and those of the callers who wait for it link to each other.
func TestABatchAndThoseWhoWaitForItLinkToEachOther(t *testing.T) {
	spans := sampledBy(t, sdktrace.AlwaysSample())
	changes := spans["batch changes"]
	if changes == nil {
		t.Fatal("no span of the batch")
	}
	for _, caller := range []string{"one", "other"} {
		if !linksTo(changes, spans[caller]) || !linksTo(spans[caller], changes) {
			t.Errorf("no links between %s and the batch", caller)
		}
	}
}

// Whoever of the callers is sampled, what it waits for is so too; where nobody is, nothing is.
func TestABatchIsSampledWithACaller(t *testing.T) {
	for _, caller := range []tracesOf{"one", "other"} {
		spans := sampledBy(t, caller)
		changes := spans["batch changes"]
		if changes == nil || changes.Parent().SpanID() != spans[string(caller)].SpanContext().SpanID() {
			t.Errorf("the batch is not below %s: %v", caller, changes)
		}
	}
	if spans := sampledBy(t, tracesOf("batch changes")); len(spans) > 0 {
		t.Errorf("a batch of callers that are not sampled: %v", spans)
	}
}

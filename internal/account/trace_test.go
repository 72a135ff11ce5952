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

// A batch has a span of its own, which links to those of the callers who wait for it.
func TestABatchLinksToThoseWhoWaitForIt(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	otel.SetTracerProvider(provider)
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 3)
		w.refresh(t)
		name := "Changed"
		w.clean(t, each(3, func(i int) error {
			ctx, span := provider.Tracer("test").Start(t.Context(), "caller")
			defer span.End()
			return w.acct.Users().Update(ctx, w.user(t, i).Key, gotoclient.UserPatch{LastName: &name})
		}))
	})
	for _, span := range recorder.Ended() {
		if span.Name() == "batch changes" {
			if len(span.Links()) != 3 {
				t.Errorf("%d links", len(span.Links()))
			}
			return
		}
	}
	t.Error("no span of the batch")
}

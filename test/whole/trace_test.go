package whole

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// tracesOf records the spans of what is done.
func tracesOf(t *testing.T) *tracetest.InMemoryExporter {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)))
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	return exporter
}

// tree is each reconcile that sent something to GoTo, with its outcome, and the requests below it, in the order of their ends.
func tree(spans tracetest.SpanStubs) []string {
	var out []string
	for _, root := range spans {
		var below []string
		for _, s := range spans {
			if s.Parent.SpanID() == root.SpanContext.SpanID() {
				below = append(below, s.Name+" "+value(s, "http.response.status_code"))
			}
		}
		if len(below) > 0 {
			out = append(out, root.Name+" "+value(root, "goto_operator.object")+" "+value(root, "goto_operator.reason")+": "+strings.Join(below, ", "))
		}
	}
	return out
}

func value(s tracetest.SpanStub, key attribute.Key) string {
	i := slices.IndexFunc(s.Attributes, func(a attribute.KeyValue) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return s.Attributes[i].Value.String()
}

// An edit is one trace: the reconcile, and below it each request that it took.
func TestAnEditIsATrace(t *testing.T) {
	spans := tracesOf(t)
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.create(newAccount())
		group := newGroup("sales")
		w.create(group)
		w.Start()
		defer w.Stop()
		w.settled()
		spans.Reset()
		w.there(group)
		group.Spec.Name = "sales-and-service"
		w.must(w.Kube.Update(w.Context(), group))
		w.settled()
	})
	path := "/admin/rest/v1/accounts/{key}/groups/{key}"
	want := []string{"reconcile gotogroup sales " + v1alpha1.ReasonSynced + ": PUT " + path + " 204, GET " + path + " 200"}
	if diff := cmp.Diff(want, tree(spans.GetSpans())); diff != "" {
		t.Error(diff)
	}
	for _, s := range spans.GetSpans() {
		for _, a := range s.Attributes {
			if strings.Contains(a.Value.String(), "@") || a.Value.String() == acct {
				t.Errorf("the span %q says %s=%s", s.Name, a.Key, a.Value.String())
			}
		}
	}
}

//go:build linux

package cluster

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
)

// traces is a collector of OpenTelemetry.
type traces struct {
	collector.UnimplementedTraceServiceServer

	mu    sync.Mutex
	spans []*trace.Span
}

// Export takes in spans.
func (c *traces) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

const collectorAddress = "collector.monitoring:4317"

// collects starts one that Pods find where docs/operations.md has it.
func (c *cluster) collects(t *testing.T) *traces {
	t.Helper()
	l, all, server := listen(t), &traces{}, grpc.NewServer()
	collector.RegisterTraceServiceServer(server, all)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	name, port, _ := net.SplitHostPort(collectorAddress)
	c.services = append(c.services, service{names: []string{name}, port: port, dial: onHost, target: l.Addr().String()})
	return all
}

func attribute(s *trace.Span, key string) string {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// batchesOf are the names of the requests in the batches that reconciles of an object waited for.
func (c *traces) batchesOf(object string) (requests []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, batch := range c.spans {
		waited := slices.ContainsFunc(batch.GetLinks(), func(l *trace.Span_Link) bool {
			return slices.ContainsFunc(c.spans, func(s *trace.Span) bool {
				return string(s.GetSpanId()) == string(l.GetSpanId()) && s.GetName() == "reconcile gotouser" && attribute(s, "goto_operator.object") == object
			})
		})
		for _, s := range c.spans {
			if waited && strings.HasPrefix(batch.GetName(), "batch ") && string(s.GetParentSpanId()) == string(batch.GetSpanId()) {
				requests = append(requests, s.GetName())
			}
		}
	}
	return requests
}

// An edit of a user shows in the traces that the running operator sends: its reconcile, the batch that it waited for, and the request of that.
func (c *cluster) traced(t *testing.T, all *traces) {
	t.Helper()
	found := strings.Fields(c.kubectl(t, "get", "gtuser", "-A", "-o",
		`jsonpath={range .items[?(@.spec.email=="`+fay+`")]}{.metadata.namespace} {.metadata.name}{"\n"}{end}`))
	if len(found) != 2 {
		t.Fatalf("%s is of %v", fay, found)
	}
	c.kubectl(t, "-n", found[0], "patch", "gtuser", found[1], "--type=merge", "-p", `{"spec":{"lastName":"Traced"}}`)
	until(t, "the batch of the edit is in a trace", func() bool {
		return slices.ContainsFunc(all.batchesOf(found[1]), func(request string) bool { return strings.HasPrefix(request, "PUT ") })
	})
	for _, s := range all.spans {
		for _, a := range s.GetAttributes() {
			if strings.Contains(a.GetValue().GetStringValue(), "@") {
				t.Errorf("the span %q says %s=%s", s.GetName(), a.GetKey(), a.GetValue().GetStringValue())
			}
		}
	}
}

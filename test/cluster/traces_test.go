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

// waysOf are the ways to the requests in the traces of an object's reconciles.
func (c *traces) waysOf(object string) (ways []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if way, root := c.up(s); s.GetKind() == trace.Span_SPAN_KIND_CLIENT && attribute(root, "goto_operator.object") == object {
			ways = append(ways, way)
		}
	}
	return ways
}

// up is the way to a span from the one that it is in the end below, within the trace of both.
func (c *traces) up(s *trace.Span) (way string, root *trace.Span) {
	i := slices.IndexFunc(c.spans, func(above *trace.Span) bool {
		return string(above.GetSpanId()) == string(s.GetParentSpanId()) && string(above.GetTraceId()) == string(s.GetTraceId())
	})
	if i < 0 {
		return s.GetName(), s
	}
	way, root = c.up(c.spans[i])
	return way + ": " + s.GetName(), root
}

const editedBy = "reconcile gotouser: batch changes: PUT /admin/rest/v1/accounts/{key}/users/{key}"

// An edit of a user is one trace of those that the running operator sends: its reconcile, the batch that it waited for, and the request of that.
func (c *cluster) traced(t *testing.T, all *traces) {
	t.Helper()
	found := strings.Fields(c.kubectl(t, "get", "gtuser", "-A", "-o",
		`jsonpath={range .items[?(@.spec.email=="`+fay+`")]}{.metadata.namespace} {.metadata.name}{"\n"}{end}`))
	if len(found) != 2 {
		t.Fatalf("%s is of %v", fay, found)
	}
	c.kubectl(t, "-n", found[0], "patch", "gtuser", found[1], "--type=merge", "-p", `{"spec":{"lastName":"Traced"}}`)
	until(t, "the edit is a trace", func() bool { return slices.Contains(all.waysOf(found[1]), editedBy) })
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, s := range all.spans {
		for _, a := range s.GetAttributes() {
			if strings.Contains(a.GetValue().GetStringValue(), "@") {
				t.Errorf("the span %q says %s=%s", s.GetName(), a.GetKey(), a.GetValue().GetStringValue())
			}
		}
	}
}

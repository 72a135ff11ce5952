package tracing

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/types"
)

// received is a collector that notes the names of spans.
type received struct {
	collector.UnimplementedTraceServiceServer

	names chan string
}

func (r received) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				r.names <- span.GetName()
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// collecting starts a collector, and returns its address.
func collecting(t *testing.T) (address string, names chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, names := grpc.NewServer(), make(chan string, 10)
	collector.RegisterTraceServiceServer(server, received{names: names})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return "http://" + listener.Addr().String(), names
}

func work(t *testing.T) {
	t.Helper()
	_, span := Reconcile(t.Context(), "gotouser", types.NamespacedName{Namespace: "team", Name: "fay"})
	span.Reason("Synced")
	span.End(nil)
}

func TestSpansReachTheCollectorOfTheEnvironment(t *testing.T) {
	address, names := collecting(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	stop, err := Start(t.Context(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	work(t)
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-names; got != "reconcile gotouser" {
		t.Errorf("received %q", got)
	}
}

func TestOffUnlessAskedFor(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"nothing named": {}, "switched off": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, key := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED"} {
				t.Setenv(key, env[key])
			}
			before := otel.GetTracerProvider()
			stop, err := Start(t.Context(), "v1")
			if err != nil || otel.GetTracerProvider() != before || stop(t.Context()) != nil {
				t.Errorf("tracing was started: %v", err)
			}
		})
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no way to fay@example.test")
}

func TestAFailedRequestNamesNobody(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)))
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, `https://goto.test/users?filter=email+eq+"fay@example.test"`, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := Transport(refusing{}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("the error is lost")
	}
	span := exporter.GetSpans()[0]
	said := []string{span.Name, span.Status.Description}
	for _, a := range span.Attributes {
		said = append(said, a.Value.String())
	}
	if all := strings.Join(said, " "); strings.Contains(all, "fay") || len(span.Events) > 0 || span.Status.Code.String() != "Error" {
		t.Errorf("%s: %s, %v", span.Status.Code, all, span.Events)
	}
}

func TestTemplate(t *testing.T) {
	for path, want := range map[string]string{
		"/admin/rest/v1/me":                          "/admin/rest/v1/me",
		"/admin/rest/v1/accounts/720/users/71,72":    "/admin/rest/v1/accounts/{key}/users/{key}",
		"/G2M/rest/organizers/fay@example.test":      "/G2M/rest/organizers/{key}",
		"/G2M/rest/organizers/fay%40example.test/up": "/G2M/rest/organizers/{key}/up",
		"/oauth/token":                               "/oauth/token",
	} {
		if diff := cmp.Diff(want, template(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

package tracing

import (
	"net/http"
	"regexp"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Transport makes a span of each request that next sends, http.DefaultTransport when nil. No header is added: GoTo is told
// nothing of the trace.
func Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return transport{next}
}

type transport struct{ next http.RoundTripper }

// RoundTrip sends a request. The span ends with the head of the answer.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	path := template(req.URL.Path)
	ctx, span := begin(req.Context(), req.Method+" "+path, trace.SpanKindClient,
		attribute.String("http.request.method", req.Method), attribute.String("url.template", path),
		attribute.String("server.address", req.URL.Hostname()))
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err == nil {
		span.answered(resp.StatusCode)
	}
	span.End(err)
	return resp, err
}

func (s Span) answered(status int) {
	s.span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= http.StatusBadRequest {
		s.span.SetStatus(codes.Error, "")
	}
}

// keys are a key of GoTo's, or several, and an organizer's address: each a segment of a path.
var keys = regexp.MustCompile(`/([0-9][0-9,]*|[^/]*(@|%40)[^/]*)`)

// template is a path without what it is about: requests to one operation have one name.
func template(path string) string { return keys.ReplaceAllString(path, "/{key}") }

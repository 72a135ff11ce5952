package gotoclient

import (
	"bytes"
	"context"
	"net/http"
	"time"
)

// newChain builds the transport. The order is explained in the package comment.
func newChain(cfg *Config) http.RoundTripper {
	var next http.RoundTripper = &baseTransport{
		next: cfg.Base, timeout: cfg.Timeout, maxBytes: maxResponseBytes, userAgent: cfg.UserAgent,
	}
	next = &observeTransport{next: next, observe: cfg.Observe}
	tokens := newTokenSource(cfg, next)
	if cfg.BeforeSend != nil {
		next = &leaveTransport{next: next, ask: cfg.BeforeSend}
	}
	next = &authTransport{next: next, tokens: tokens}
	if cfg.Limiter != nil {
		next = &limitTransport{next: next, limiter: cfg.Limiter}
	}
	return &retryTransport{next: next, maxAttempts: cfg.MaxAttempts, backoff: cfg.Backoff, deadline: cfg.Deadline}
}

// exchange is what the layers of the chain know of the request that they carry.
// It travels in the request's context and belongs to one goroutine.
type exchange struct {
	operation string
	to        route // where the operation is; of a token request the zero route
	attempt   int
	maxBytes  int64         // of the answer; 0 for the transport's own bound
	timeout   time.Duration // of an attempt; likewise
	into      *bytes.Buffer // where the body is read to, by each attempt; nil for memory of its own
	renewable bool          // another access token is to be had than the one that was refused
	doubt     bool          // an attempt of a write ended such that it may have taken effect
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf returns what withExchange has put into the context; never nil.
func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// OperationOf names the operation that a request is part of, one of the Op constants, by the context that a [Limiter] or Config.Base
// sees; "" of any other.
func OperationOf(ctx context.Context) string { return exchangeOf(ctx).operation }

// memoryBody is a body that was read completely. Every answer that leaves the
// base layer has one, so that the layers above can look at it and pass it on.
type memoryBody struct {
	*bytes.Reader
	data []byte
}

func newMemoryBody(data []byte) *memoryBody { return &memoryBody{bytes.NewReader(data), data} }

// Close has nothing to release.
func (*memoryBody) Close() error { return nil }

// peek returns the body of an answer without using it up.
func peek(resp *http.Response) []byte {
	if b, ok := resp.Body.(*memoryBody); ok {
		return b.data
	}
	return nil
}

// closeBody closes a request's body, as a RoundTripper must even if it sends
// nothing.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// rewound returns a copy of the request with its body at the start, so that
// each attempt sends all of it.
func rewound(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	if req.GetBody == nil {
		return out, nil
	}
	var err error
	out.Body, err = req.GetBody()
	return out, err
}

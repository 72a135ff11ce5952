package gotoclient

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxResponseBytes caps a body. A page of 1000 users with their settings is a
// few megabytes.
const maxResponseBytes = 64 << 20

// baseTransport makes one attempt over the network. It bounds its time and the
// size of its answer, reads the answer completely (so that a connection lost in
// the middle of a body is a failed attempt like any other), and turns errors
// into a *TransportError, whose text holds neither URL nor header.
//
// A kept-alive connection that the service closed in the meantime makes net/http
// send a GET once more by itself; neither limiter nor observer learns of it.
//
// Redirects are not followed: a RoundTripper never does, and the token
// endpoint's http.Client is told not to. A redirect could carry the token
// elsewhere.
type baseTransport struct {
	next      http.RoundTripper
	timeout   time.Duration
	maxBytes  int64
	userAgent string
}

// RoundTrip returns an answer whose body is in memory.
func (t *baseTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	operation, maxBytes, timeout := x.operation, t.maxBytes, t.timeoutOf(x)
	if x.maxBytes > 0 {
		maxBytes = min(maxBytes, x.maxBytes)
	}
	var conn connTrace
	// The cause tells those below that it is not the caller whose time is over.
	ctx, cancel := context.WithTimeoutCause(httptrace.WithClientTrace(req.Context(), conn.hooks()), timeout, os.ErrDeadlineExceeded)
	defer cancel()
	attempt := req.Clone(ctx)
	attempt.Header.Set("User-Agent", t.userAgent)

	resp, err := t.next.RoundTrip(attempt)
	if err != nil {
		return nil, t.failure(req.Context(), operation, err, conn.maybeSent(err))
	}
	defer resp.Body.Close()
	data, err := readTo(x.into, io.LimitReader(resp.Body, maxBytes+1))
	if resp.StatusCode/100 == 2 { // of a refusal, the status says enough
		if err != nil {
			return nil, t.failure(req.Context(), operation, err, true)
		}
		if int64(len(data)) > maxBytes {
			return nil, &DecodeError{Operation: operation, detail: fmt.Sprintf("it is larger than %d bytes", maxBytes), tooLarge: true}
		}
	}
	resp.Body = newMemoryBody(data)
	return resp, nil
}

// readTo reads everything into a buffer; nil for one of its own.
func readTo(into *bytes.Buffer, body io.Reader) ([]byte, error) {
	if into == nil {
		return io.ReadAll(body)
	}
	into.Reset()
	_, err := into.ReadFrom(body)
	return into.Bytes(), err
}

// timeoutOf bounds an attempt: where the request has a bound of its own, by that.
func (t *baseTransport) timeoutOf(x *exchange) time.Duration { return cmp.Or(x.timeout, t.timeout) }

// failure makes the error of an attempt without a complete answer. Only what is
// known to be harmless is kept of err: errors of custom transports may quote
// URLs, and those of net/http what the server sent.
func (t *baseTransport) failure(caller context.Context, operation string, err error, sent bool) error {
	e := &TransportError{Operation: operation, Sent: sent, detail: "the connection failed"}
	var (
		errno   syscall.Errno
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		op      *net.OpError
		timeout interface{ Timeout() bool }
	)
	switch {
	case caller.Err() != nil:
		e.detail, e.cause = "the caller gave up", caller.Err()
		return e
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.detail, e.cause = fmt.Sprintf("timed out, limit %s", t.timeoutOf(exchangeOf(caller))), os.ErrDeadlineExceeded
	case errors.As(err, &dns):
		e.detail = "the host name cannot be resolved"
	case errors.As(err, &cert):
		e.detail = "the server's certificate cannot be trusted"
	case errors.Is(err, http.ErrSchemeMismatch):
		e.detail = "the server speaks http, not https"
	case errors.As(err, &errno):
		e.detail, e.cause = errno.Error(), errno
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.detail, e.cause = "the connection was closed too early", io.ErrUnexpectedEOF
	}
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "read" || op.Op == "write") {
		e.detail = op.Op + ": " + e.detail
	}
	return e
}

// connTrace finds out whether an attempt got as far as a connection. The hooks
// may run on other goroutines, even after RoundTrip has returned.
type connTrace struct {
	mu          sync.Mutex
	asked, have bool
}

func (c *connTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.mu.Lock(); c.asked = true; c.mu.Unlock() },
		GotConn: func(httptrace.GotConnInfo) { c.mu.Lock(); c.have = true; c.mu.Unlock() },
	}
}

// maybeSent reports whether the request may have left. A transport that does
// not report its connections is believed only when it failed to dial.
func (c *connTrace) maybeSent(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked {
		return c.have
	}
	var op *net.OpError
	return !errors.As(err, &op) || op.Op != "dial"
}

package kindtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// The strikes on a request. One that is not authorized is answered with 401, with a new token too. Of the others the effect takes place: the
// answer is 500, breaks off, is half of itself, or a page of HTML.
const (
	Unauthorized Strike = "unauthorized"
	FailedAfter  Strike = "failed after"
	CutInBody    Strike = "cut in the body"
	Truncated    Strike = "truncated"
	NotJSON      Strike = "not JSON"
)

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// roundTrip sends requests through the gate.
func (g *gate) roundTrip(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		sent := exchange{request: r, next: next}
		if err := g.pass(point{r.Method + " " + r.URL.Path, true}, sent.do, sent.strikes()); err != nil {
			return nil, err
		}
		return sent.answer, nil
	})
}

// exchange is a request and what becomes of it.
type exchange struct {
	request *http.Request
	next    http.RoundTripper
	answer  *http.Response
}

func (e *exchange) do() (err error) {
	e.answer, err = e.next.RoundTrip(e.request) //nolint:bodyclose // the caller has it
	return err
}

// strikes are what a strike does in place of the exchange.
func (e *exchange) strikes() map[Strike]func() error {
	return map[Strike]func() error{
		Refused:      e.status(http.StatusTooManyRequests),
		FailedBefore: e.status(http.StatusServiceUnavailable),
		Unauthorized: e.status(http.StatusUnauthorized),
		FailedAfter: e.spoiled(func([]byte) io.Reader {
			e.answer.StatusCode = http.StatusInternalServerError
			return strings.NewReader("{}")
		}),
		CutInBody: e.spoiled(func(body []byte) io.Reader { return io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}) }),
		Truncated: e.spoiled(func(body []byte) io.Reader { return bytes.NewReader(body[:len(body)/2]) }),
		NotJSON: e.spoiled(func([]byte) io.Reader {
			e.answer.Header.Set("Content-Type", "text/html")
			return strings.NewReader("<!DOCTYPE html><title>Please wait</title>")
		}),
	}
}

// status answers in place of the service.
func (e *exchange) status(code int) func() error {
	return func() error {
		e.answer = &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}, Request: e.request}
		return nil
	}
}

// spoiled lets the service answer, and something else be read of it.
func (e *exchange) spoiled(how func(body []byte) io.Reader) func() error {
	return func() error {
		if err := e.do(); err != nil {
			return err
		}
		body, err := io.ReadAll(e.answer.Body)
		if err != nil {
			return err
		}
		_ = e.answer.Body.Close()
		e.answer.ContentLength = -1
		e.answer.Body = io.NopCloser(how(body))
		return nil
	}
}

// broken is a connection that is cut.
type broken struct{}

// Read fails.
func (broken) Read([]byte) (int, error) { return 0, errStruck }

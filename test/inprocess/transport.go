// Package inprocess answers requests without a network, so that tests can run in fake time (testing/synctest). It is for
// tests alone, and imports nothing of the project.
package inprocess

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport lets a handler answer. One that breaks the connection makes the request fail, or the body of its answer if
// that has begun.
func Transport(handler http.Handler) http.RoundTripper { return transport{handler} }

type transport struct{ handler http.Handler }

func (t transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	recorder := httptest.NewRecorder()
	defer func() {
		if recover() == nil {
			return
		}
		written := recorder.Body.Bytes()
		if len(written) == 0 {
			resp, err = nil, io.ErrUnexpectedEOF
			return
		}
		resp = recorder.Result()
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(written), broken{}))
	}()
	t.handler.ServeHTTP(recorder, req)
	return recorder.Result(), nil
}

// broken is the end of a body that was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

package fault

import (
	"math"
	"net/http"
	"strconv"

	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Cut says where the connection breaks.
type Cut int

// The places where a connection breaks.
const (
	CutNowhere Cut = iota
	CutInBody
	CutWhole
)

// Gaps are the records that a fault makes a list seem to lack: all, or the last ones of the whole list and of a page.
func (f *Fault) Gaps() (all bool, list, page int) {
	switch f.Kind {
	case EmptyList:
		return true, 0, 0
	case ShortList:
		return false, 0, max(1, f.Drop)
	case PartialList:
		return false, max(1, f.Drop), 0
	default:
		return false, 0, 0 // the other kinds leave the list alone
	}
}

// Spoil damages an answer whose effect has taken place. throttled is the answer to a request over the rate limit.
func (f *Fault) Spoil(answer, throttled wire.Response) (wire.Response, Cut) {
	switch f.Kind {
	case ErrorAfter:
		return f.Failure(throttled), CutNowhere
	case CutAfter:
		return answer, CutWhole
	case CutBody:
		if len(answer.Body) == 0 {
			return answer, CutWhole
		}
		return answer, CutInBody
	case Truncate:
		answer.Body = answer.Body[:len(answer.Body)/2]
	case HTML:
		answer.ContentType = "text/html; charset=utf-8"
		answer.Body = []byte("<!DOCTYPE html><title>Please wait</title><p>The service is being maintained.</p>\n")
	default:
		// The other kinds act before the effect, or leave the answer as it is.
	}
	return answer, CutNowhere
}

// Failure is the answer of a fault that is an HTTP error; see Spoil.
func (f *Fault) Failure(throttled wire.Response) wire.Response {
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	answer := wire.GatewayFailure(status)
	if f.Kind == Throttle {
		answer = throttled
	}
	if f.RetryAfter > 0 {
		answer.Header = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds())))}}
	}
	return answer
}

package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// FaultKind is a way in which a request can go wrong.
type FaultKind string

// The kinds of faults. "Effect" is what the request does to the state.
const (
	// FaultLatency delays the request by Fault.Delay of real time, before the effect. It combines with other faults.
	FaultLatency FaultKind = "latency"
	// FaultThrottle answers 429 without effect.
	FaultThrottle FaultKind = "throttle"
	// FaultErrorBefore answers Fault.Status (500 if 0) without effect.
	FaultErrorBefore FaultKind = "error-before"
	// FaultErrorAfter lets the effect happen and answers Fault.Status (500 if 0).
	FaultErrorAfter FaultKind = "error-after"
	// FaultCutBefore closes the connection without effect and without an answer.
	FaultCutBefore FaultKind = "cut-before"
	// FaultCutAfter lets the effect happen and closes the connection without an answer.
	FaultCutAfter FaultKind = "cut-after"
	// FaultCutBody lets the effect happen and closes the connection in the middle of the answer's body.
	FaultCutBody FaultKind = "cut-body"
	// FaultTruncate lets the effect happen and sends the first half of the body as if it were all of it.
	FaultTruncate FaultKind = "truncate"
	// FaultHTML lets the effect happen and answers with the same status and a page of HTML.
	FaultHTML FaultKind = "html"
	// FaultEmptyList answers a list request as if there were no records at all.
	FaultEmptyList FaultKind = "empty-list"
	// FaultShortList leaves out the last Fault.Drop records (1 if 0) of a page, while total still counts them.
	FaultShortList FaultKind = "short-list"
	// FaultPartialList answers a list request as if the last Fault.Drop records (1 if 0) of the whole list did not exist: the
	// answer is consistent in itself, and wrong.
	FaultPartialList FaultKind = "partial-list"
	// FaultExpireToken expires the access token that the request carries, before it is looked at.
	FaultExpireToken FaultKind = "expire-token"
	// FaultHang never answers and has no effect. It ends when the client gives up, or when the fault is released or cleared.
	FaultHang FaultKind = "hang"
	// FaultBlock lets the effect happen and holds the answer until the fault is released or cleared.
	FaultBlock FaultKind = "block"
)

var faultKinds = []FaultKind{
	FaultLatency, FaultThrottle, FaultErrorBefore, FaultErrorAfter, FaultCutBefore, FaultCutAfter, FaultCutBody, FaultTruncate,
	FaultHTML, FaultEmptyList, FaultShortList, FaultPartialList, FaultExpireToken, FaultHang, FaultBlock,
}

// Fault makes some requests go wrong. Of several faults that fit a request the one injected first is applied (and counted), beside
// any number of FaultLatency. Requests refused by the rate limit meet no fault.
type Fault struct {
	// ID names the fault; [Simulator.Inject] chooses one when it is empty.
	ID   string    `json:"id,omitempty"`
	Kind FaultKind `json:"kind"`
	// Operation limits the fault to one operation, such as "createUsers"; empty means any.
	Operation string `json:"operation,omitempty"`
	// Match limits the fault to requests that contain this text in path, query or body (never in the body of a token request).
	Match string `json:"match,omitempty"`
	// Page limits the fault to list requests for this page, counted from 1 by offset and page size; 0 means any request.
	Page int `json:"page,omitempty"`
	// Skip lets this many fitting requests pass first.
	Skip int `json:"skip,omitempty"`
	// Count is how many requests the fault is applied to; 0 means all until it is cleared.
	Count int `json:"count,omitempty"`

	// Status is the HTTP status of FaultErrorBefore and FaultErrorAfter.
	Status int `json:"status,omitempty"`
	// Delay is the time of FaultLatency. In JSON it is a text such as "1.5s".
	Delay time.Duration `json:"-"`
	// RetryAfter adds the header Retry-After, in whole seconds, to FaultThrottle and the error faults. In JSON it is a text.
	RetryAfter time.Duration `json:"-"`
	// Drop is how many records FaultShortList and FaultPartialList leave out.
	Drop int `json:"drop,omitempty"`
}

// faultJSON is Fault without methods, plus the fields that JSON shows as text.
type faultJSON struct {
	faultFields
	Delay      string `json:"delay,omitempty"`
	RetryAfter string `json:"retryAfter,omitempty"`
}

type faultFields Fault

// MarshalJSON writes the durations as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	j := faultJSON{faultFields: faultFields(f)}
	if f.Delay != 0 {
		j.Delay = f.Delay.String()
	}
	if f.RetryAfter != 0 {
		j.RetryAfter = f.RetryAfter.String()
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes and refuses a fault that makes no sense.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var j faultJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return err
	}
	*f = Fault(j.faultFields)
	for _, d := range []struct {
		text string
		into *time.Duration
	}{{j.Delay, &f.Delay}, {j.RetryAfter, &f.RetryAfter}} {
		if d.text == "" {
			continue
		}
		parsed, err := time.ParseDuration(d.text)
		if err != nil {
			return err
		}
		*d.into = parsed
	}
	return f.validate()
}

func (f *Fault) validate() error {
	if !slices.Contains(faultKinds, f.Kind) {
		return fmt.Errorf("no kind of fault is called %q; there are %q", f.Kind, faultKinds)
	}
	if f.Operation != "" && !slices.Contains(Operations(), f.Operation) {
		return fmt.Errorf("no operation is called %q; there are %q", f.Operation, Operations())
	}
	if f.Page < 0 || f.Skip < 0 || f.Count < 0 || f.Drop < 0 || f.Delay < 0 || f.RetryAfter < 0 {
		return fmt.Errorf("a fault's numbers are not negative: %+v", *f)
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("the status of an error is from 400 to 599, not %d", f.Status)
	}
	return nil
}

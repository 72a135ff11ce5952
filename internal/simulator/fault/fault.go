// Package fault makes requests go wrong: which kinds of fault there are, which requests meet one, and what becomes of their answers.
// It knows neither the APIs nor the state.
package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Kind is a way in which a request can go wrong.
type Kind string

// The kinds of faults. "Effect" is what the request does to the state.
const (
	// Latency delays the request by Fault.Delay of real time, before the effect. It combines with other faults.
	Latency Kind = "latency"
	// Throttle answers 429 without effect.
	Throttle Kind = "throttle"
	// ErrorBefore answers Fault.Status (500 if 0) without effect.
	ErrorBefore Kind = "error-before"
	// ErrorAfter lets the effect happen and answers Fault.Status (500 if 0).
	ErrorAfter Kind = "error-after"
	// CutBefore closes the connection without effect and without an answer.
	CutBefore Kind = "cut-before"
	// CutAfter lets the effect happen and closes the connection without an answer.
	CutAfter Kind = "cut-after"
	// CutBody lets the effect happen and closes the connection in the middle of the answer's body.
	CutBody Kind = "cut-body"
	// Truncate lets the effect happen and sends the first half of the body as if it were all of it.
	Truncate Kind = "truncate"
	// HTML lets the effect happen and answers with the same status and a page of HTML.
	HTML Kind = "html"
	// EmptyList answers a list request as if there were no records at all.
	EmptyList Kind = "empty-list"
	// ShortList leaves out the last Fault.Drop records (1 if 0) of a page, while total still counts them.
	ShortList Kind = "short-list"
	// PartialList answers a list request as if the last Fault.Drop records (1 if 0) of the whole list did not exist: the
	// answer is consistent in itself, and wrong.
	PartialList Kind = "partial-list"
	// ExpireToken expires the access token that the request carries, before it is looked at.
	ExpireToken Kind = "expire-token"
	// Hang never answers and has no effect. It ends when the client gives up, or when the fault is released or cleared.
	Hang Kind = "hang"
	// Block lets the effect happen and holds the answer until the fault is released or cleared.
	Block Kind = "block"
)

// Kinds returns every kind of fault.
func Kinds() []Kind { return slices.Clone(kinds) }

var kinds = []Kind{
	Latency, Throttle, ErrorBefore, ErrorAfter, CutBefore, CutAfter, CutBody, Truncate,
	HTML, EmptyList, ShortList, PartialList, ExpireToken, Hang, Block,
}

// Fault makes some requests go wrong. Of several faults that fit a request the one injected first is applied (and counted), beside
// any number of Latency. Requests refused by the rate limit meet no fault.
type Fault struct {
	// ID names the fault; [Queue.Inject] chooses one when it is empty.
	ID   string `json:"id,omitempty"`
	Kind Kind   `json:"kind"`
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

	// Status is the HTTP status of ErrorBefore and ErrorAfter.
	Status int `json:"status,omitempty"`
	// Delay is the time of Latency. In JSON it is a text such as "1.5s".
	Delay time.Duration `json:"-"`
	// RetryAfter adds the header Retry-After, in whole seconds, to Throttle and the error faults. In JSON it is a text.
	RetryAfter time.Duration `json:"-"`
	// Drop is how many records ShortList and PartialList leave out.
	Drop int `json:"drop,omitempty"`
}

// asJSON is Fault without methods, plus the fields that JSON shows as text.
type asJSON struct {
	fields
	Delay      string `json:"delay,omitempty"`
	RetryAfter string `json:"retryAfter,omitempty"`
}

type fields Fault

// MarshalJSON writes the durations as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	j := asJSON{fields: fields(f)}
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
	var j asJSON
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return err
	}
	*f = Fault(j.fields)
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
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("no kind of fault is called %q; there are %q", f.Kind, kinds)
	}
	if f.Page < 0 || f.Skip < 0 || f.Count < 0 || f.Drop < 0 || f.Delay < 0 || f.RetryAfter < 0 {
		return fmt.Errorf("a fault's numbers are not negative: %+v", *f)
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("the status of an error is from 400 to 599, not %d", f.Status)
	}
	return nil
}

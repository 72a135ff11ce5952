package gotoclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxRetryAfter caps what a Retry-After header can ask for: one that is wrong must
// not stop the work for ever.
const maxRetryAfter = time.Hour

// newAPIError reads an answer other than 2xx. A body that is cut, empty or not
// JSON leaves the details empty; the status alone is enough to go on.
func newAPIError(operation string, resp *http.Response, body []byte) *APIError {
	e := &APIError{
		Operation:  operation,
		Status:     resp.StatusCode,
		RetryAfter: parseRetryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
	e.decode(bytes.TrimSpace(body))
	e.Illegal = e.Status == http.StatusBadGateway && (saysIllegalAccount(resp.Status) || saysIllegalAccount(string(body)))
	return e
}

// saysIllegalAccount looks for the words by which a 502 that no retry cures is told from
// a gateway's (D, as transcribed elsewhere: the reason phrase, which HTTP/2 does not carry). They
// may be a sentence, a code or an identifier, in JSON or in a page.
func saysIllegalAccount(text string) bool {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
	return strings.Contains(letters, "illegalaccount") || strings.Contains(letters, "accountillegal")
}

// decode understands three forms of body, field by field so that a surprise in
// one does not hide the others:
//
//	{"incidentId": …, "errors": [{"code": …, "value": …}]}         Admin API (L, C)
//	{"int_err_code": …, "msg": …}                                  gateway (L)
//	{"errorCode": …, "message", "description" or "Details": …, "incident": …} edge (L), sister APIs (C)
func (e *APIError) decode(body []byte) {
	if len(body) == 0 {
		return
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		e.foreign = true
		return
	}
	for _, name := range []string{"incidentId", "incident"} {
		if id := scalar(fields[name]); id != "" && e.IncidentID == "" {
			e.IncidentID = printable(id)
		}
	}
	var entries []map[string]json.RawMessage
	if json.Unmarshal(fields["errors"], &entries) == nil {
		for _, entry := range entries {
			if code := scalar(entry["code"]); code != "" {
				e.Errors = append(e.Errors, ErrorDetail{Code: code, Value: scalar(entry["value"])})
			}
		}
	}
	if code := scalar(fields["int_err_code"]); code != "" {
		e.Errors = append(e.Errors, ErrorDetail{Code: code, Value: scalar(fields["msg"])})
	}
	if code := scalar(fields["errorCode"]); code != "" {
		text := scalar(fields["message"])
		for _, name := range []string{"description", "Details"} {
			if text == "" {
				text = scalar(fields[name])
			}
		}
		e.Errors = append(e.Errors, ErrorDetail{Code: code, Value: text})
	}
}

// scalar returns a JSON string's content or a number as it is written; "" for
// anything else.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// parseRetryAfter reads seconds or a date, as RFC 9110 has it; between 0 and
// maxRetryAfter. That the service sends the header at all is UNVERIFIED (it was
// seen on a sister API: L).
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	var d time.Duration
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		d = time.Duration(min(seconds, int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// unreadable is a reason for a DecodeError that holds nothing of the body.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// errOtherKey: the object in the answer is not the one that was asked for.
const errOtherKey unreadable = "it does not have the key that was asked for"

// newDecodeError describes why a body could not be decoded, without its content:
// encoding/json's own texts may quote it.
func newDecodeError(operation string, err error) *DecodeError {
	detail := "it has an unexpected form"
	var (
		own    unreadable
		syntax *json.SyntaxError
		typ    *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &own):
		detail = string(own)
	case errors.As(err, &syntax):
		detail = fmt.Sprintf("not JSON, or cut off, at byte %d", syntax.Offset)
	case errors.As(err, &typ):
		kind, _, _ := strings.Cut(typ.Value, " ") // "number 12" shows the number
		detail = fmt.Sprintf("unexpected %s in field %s", kind, printable(typ.Field))
	}
	return &DecodeError{Operation: operation, detail: detail}
}

package gotoclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// plainDetail is ErrorDetail without its methods, which hide the value from
// cmp's output.
type plainDetail struct{ Code, Value string }

func plain(details []ErrorDetail) []plainDetail {
	var out []plainDetail
	for _, d := range details {
		out = append(out, plainDetail(d))
	}
	return out
}

func TestAPIErrorForms(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		details  []plainDetail
		incident string
		foreign  bool
	}{
		"admin": {
			body:     `{"incidentId":"4f1c-1","errors":[{"code":"user.not.found","value":"71"},{"code":"x.y"}]}`,
			details:  []plainDetail{{"user.not.found", "71"}, {"x.y", ""}},
			incident: "4f1c-1",
		},
		"admin, numeric value":        {body: `{"errors":[{"code":"user.not.found","value":7100000000000000001}]}`, details: []plainDetail{{"user.not.found", "7100000000000000001"}}},
		"admin, odd entries":          {body: `{"incidentId":"a","errors":["text"]}`, incident: "a"},
		"admin, entry without a code": {body: `{"errors":[{"value":"x"},{"code":"a.b","value":{"q":1}}]}`, details: []plainDetail{{"a.b", ""}}},
		"gateway":                     {body: `{"int_err_code":"InvalidToken","msg":"Invalid token passed"}`, details: []plainDetail{{"InvalidToken", "Invalid token passed"}}},
		"edge":                        {body: `{"errorCode":"NOT_FOUND","message":"gone"}`, details: []plainDetail{{"NOT_FOUND", "gone"}}},
		"sister API":                  {body: `{"errorCode":"V","description":"d","incident":"i-9"}`, details: []plainDetail{{"V", "d"}}, incident: "i-9"},
		"sister API, details":         {body: `{"errorCode":"V","Details":"fay@example.test"}`, details: []plainDetail{{"V", "fay@example.test"}}},
		"empty":                       {body: "  \n"},
		"empty object":                {body: `{}`},
		"HTML":                        {body: `<html>502 fay@example.test</html>`, foreign: true},
		"cut":                         {body: `{"incidentId":"4f`, foreign: true},
		"array":                       {body: `["a"]`, foreign: true},
		"null":                        {body: `null`, foreign: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newAPIError(OpGetUser, &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{}}, []byte(c.body))
			if diff := cmp.Diff(c.details, plain(e.Errors), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if e.Operation != OpGetUser || e.Status != 418 || e.IncidentID != c.incident || e.foreign != c.foreign {
				t.Errorf("got %s %d %q foreign=%t", e.Operation, e.Status, e.IncidentID, e.foreign)
			}
		})
	}
}

func TestAPIErrorTextHoldsNoValue(t *testing.T) {
	const secret = "fay@example.test"
	body := `{"incidentId":"` + secret + `","errors":[{"code":"user.name.conflict","value":"` + secret + `"},{"code":"` + secret + `"}]}`
	err := fmt.Errorf("wrapped: %w", newAPIError(OpCreateUsers, &http.Response{StatusCode: http.StatusConflict, Header: http.Header{}}, []byte(body)))
	if want := "createUsers: status 409 user.name.conflict (unprintable) (incident (unprintable))"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %q, want the suffix %q", err, want)
	}
	assertHidden(t, secret, err)
	var e *APIError
	if !errors.As(err, &e) || e.Errors[0].Value != secret {
		t.Error("the value is not there for the program")
	}
	assertHidden(t, secret, e)
	assertHidden(t, secret, e.Errors)
	assertHidden(t, secret, e.Errors[0])
}

func TestAPIErrorTextIsShort(t *testing.T) {
	e := &APIError{Operation: OpUpdateUsers, Status: 400}
	for range 500 {
		e.Errors = append(e.Errors, ErrorDetail{Code: "user.not.found"})
	}
	if got := e.Error(); len(got) > 200 || !strings.HasSuffix(got, "and 495 more") {
		t.Errorf("got %q", got)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 7 ":                           7 * time.Second,
		"0":                             0,
		"-3":                            0,
		"300":                           5 * time.Minute,
		"7200":                          time.Hour,
		"9223372036854775807":           time.Hour,
		"soon":                          0,
		"Mon, 07 Jan 2030 09:00:09 GMT": 9 * time.Second,
		"Mon, 07 Jan 2030 08:00:00 GMT": 0,
		"Mon, 07 Jan 2030 19:00:00 GMT": time.Hour,
	} {
		if got := parseRetryAfter(in, now); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestDecodeErrorNamesThePlaceAndNotTheValue(t *testing.T) {
	var into struct {
		Users []User `json:"users"`
	}
	for body, want := range map[string]string{
		`{"users":[{"inviteCount":12.75}]}`:      "unexpected number in field users.inviteCount",
		`{"users":[{"email":["fay@x.test"]}]}`:   "unexpected array in field users.email",
		`{"users":[{"email":"fay@x.test`:         "not JSON, or cut off, at byte 30",
		`{"users":[{"key":{"k":"fay@x.test"}}]}`: "a key is a string or an integer, not an object",
	} {
		err := json.Unmarshal([]byte(body), &into)
		if err == nil {
			t.Fatalf("%s decodes", body)
		}
		got := newDecodeError(OpListUsers, err).Error()
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// FuzzErrorRoundTrip: what a service writes in one of the three forms is what
// the program reads, and no text shows the value.
func FuzzErrorRoundTrip(f *testing.F) {
	f.Add("user.not.found", "7100000000000000001", "4f1c", uint8(0))
	f.Add("InvalidToken", "Invalid token passed", "", uint8(1))
	f.Add("NOT_FOUND", "gone \u2028 \"", "i", uint8(2))
	f.Fuzz(func(t *testing.T, code, value, incident string, form uint8) {
		code, value, incident = strings.ToValidUTF8(code, ""), strings.ToValidUTF8(value, ""), strings.ToValidUTF8(incident, "")
		if code == "" {
			return
		}
		var answer any
		switch form % 3 {
		case 0:
			answer = map[string]any{"incidentId": incident, "errors": []any{map[string]string{"code": code, "value": value}}}
		case 1:
			answer, incident = map[string]string{"int_err_code": code, "msg": value}, ""
		case 2:
			answer = map[string]string{"errorCode": code, "message": value, "incident": incident}
		}
		body, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		e := newAPIError(OpGetUser, &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}}, body)
		if diff := cmp.Diff([]plainDetail{{code, value}}, plain(e.Errors)); diff != "" {
			t.Error(diff)
		}
		if incident != "" {
			incident = printable(incident)
		}
		if e.IncidentID != incident {
			t.Errorf("incident %q, want %q", e.IncidentID, incident)
		}
	})
}

// FuzzErrorDecoder: no body makes the decoder panic, or gets into the text.
func FuzzErrorDecoder(f *testing.F) {
	for _, s := range []string{`{"errors":[{"code":"a@b"}]}`, `{"errors":[null]}`, `{"errors":{}}`, `<html>`, `[1]`, `{"incidentId":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := newAPIError(OpGetUser, &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}}, body)
		if strings.ContainsAny(e.Error(), "@<>\n\"{") {
			t.Errorf("%q shows %q", body, e)
		}
	})
}

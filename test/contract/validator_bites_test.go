package contract_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const accountPath = "/admin/rest/v1/accounts/" + simulator.DefaultAccountKey

// trial is an exchange of which every part is as the documents want it, until a test spoils one.
type trial struct {
	method, path, authorization, contentType, body string
	status                                         int
	answerType, answer                             string
}

func goodUpdate() trial {
	return trial{
		method: http.MethodPut, path: accountPath + "/users/71,72?allOrNothing=true", authorization: "Bearer x",
		contentType: "application/json", body: `{"firstName":"F","licenseKeys":["73",74]}`, status: http.StatusOK,
	}
}

func goodList() trial {
	return trial{
		method: http.MethodGet, path: accountPath + "/users?offset=0&pageSize=2&filter=x%20y", authorization: "Bearer x",
		status: http.StatusOK, answerType: "application/json",
		answer: `{"results":[{"key":"7100000000000000001","status":"ACTIVE"},{"key":7100000000000000002}],"fromIndex":0,"toIndex":2,"total":2}`,
	}
}

func goodToken() trial {
	return trial{
		method: http.MethodPost, path: "/oauth/token", authorization: "Basic x", contentType: "application/x-www-form-urlencoded",
		body: "grant_type=refresh_token&refresh_token=x", status: http.StatusOK, answerType: "application/json",
		answer: `{"access_token":"x","token_type":"Bearer","expires_in":3600}`,
	}
}

func goodMeeting() trial {
	return trial{
		method: http.MethodPut, path: "/G2M/rest/meetings/600000001", authorization: "Bearer x", contentType: "application/json",
		body: `{"subject":"1 &lt; 2","starttime":"2030-01-07T09:00:00Z","endtime":"2030-01-07T09:30:00Z","passwordrequired":false,` +
			`"conferencecallinfo":"VoIP","timezonekey":"","meetingtype":"scheduled","coorganizerKeys":[]}`,
		status: http.StatusNoContent,
	}
}

func goodOrganizers() trial {
	return trial{
		method: http.MethodGet, path: "/G2M/rest/organizers?email=x", authorization: "Bearer x",
		status: http.StatusOK, answerType: "application/json",
		answer: `[{"organizerKey":7100000000000000001,"email":"x","firstName":"X","lastName":"X","status":"active","products":["G2M"],` +
			`"maxNumAttendeesAllowed":150}]`,
	}
}

func (x trial) check(t *testing.T) (operation string, problems []string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), x.method, x.path, strings.NewReader(x.body))
	r.Header.Set("Authorization", x.authorization)
	if x.contentType != "" {
		r.Header.Set("Content-Type", x.contentType)
	}
	header := http.Header{}
	if x.answerType != "" {
		header.Set("Content-Type", x.answerType)
	}
	return theContract(t).check(t.Context(), r, []byte(x.body), x.status, header, []byte(x.answer))
}

// TestValidatorAccepts makes sure that the exchanges which the next test spoils are found faulty for that alone.
func TestValidatorAccepts(t *testing.T) {
	for want, good := range map[string]trial{"updateUsers": goodUpdate(), "listUsers": goodList(), "token": goodToken(),
		"updateMeeting": goodMeeting(), "listOrganizers": goodOrganizers()} {
		if operation, problems := good.check(t); operation != want || len(problems) > 0 {
			t.Errorf("%s was taken for %q, with problems %q", want, operation, problems)
		}
	}
}

// TestValidatorBites spoils one thing at a time, and wants that one thing to be reported.
func TestValidatorBites(t *testing.T) {
	for name, test := range map[string]struct {
		good  trial
		spoil func(*trial)
		want  string // part of the only problem
	}{
		"path":                     {goodList(), func(x *trial) { x.path = "/admin/rest/v1/people" }, "request: GET /admin/rest/v1/people"},
		"path prefix":              {goodList(), func(x *trial) { x.path = strings.TrimPrefix(x.path, "/admin") }, "request: GET /rest/v1"},
		"method":                   {goodUpdate(), func(x *trial) { x.method = http.MethodPatch }, "request: PATCH"},
		"path parameter":           {goodUpdate(), func(x *trial) { x.path = accountPath + "/users/me" }, `request: parameter "userKey" in path`},
		"query parameter":          {goodList(), func(x *trial) { x.path = accountPath + "/users?pageSize=0" }, `request: parameter "pageSize" in query`},
		"unknown query parameter":  {goodList(), func(x *trial) { x.path += "&limit=2" }, `request: the document has no parameter or form field "limit"`},
		"unknown form field":       {goodToken(), func(x *trial) { x.body += "&client_id=x" }, `request: the document has no parameter or form field "client_id"`},
		"missing form field":       {goodToken(), func(x *trial) { x.body = "refresh_token=x" }, "request: request body has an error"},
		"no credentials":           {goodUpdate(), func(x *trial) { x.authorization = "" }, "request: security requirements failed"},
		"wrong kind of credential": {goodToken(), func(x *trial) { x.authorization = "Bearer x" }, "request: security requirements failed"},
		"no body":                  {goodUpdate(), func(x *trial) { x.body = "" }, "request: request body has an error: value is required"},
		"body where none belongs":  {goodList(), func(x *trial) { x.body = "{}" }, "request: request body not allowed"},
		"request's content type":   {goodUpdate(), func(x *trial) { x.contentType = "text/plain" }, "request: request body has an error"},
		"key in the body":          {goodUpdate(), func(x *trial) { x.body = `{"key":"71"}` }, `"key" is unsupported`},
		"length of a name":         {goodUpdate(), func(x *trial) { x.body = `{"firstName":"` + strings.Repeat("F", 33) + `"}` }, "/firstName"},
		"type of a member":         {goodUpdate(), func(x *trial) { x.body = `{"licenseKeys":"73"}` }, "/licenseKeys"},

		"camel case":          {goodMeeting(), func(x *trial) { x.body = strings.Replace(x.body, "starttime", "startTime", 1) }, `"startTime" is unsupported`},
		"raw angle bracket":   {goodMeeting(), func(x *trial) { x.body = strings.Replace(x.body, "&lt;", "<", 1) }, "/subject"},
		"time without a zone": {goodMeeting(), func(x *trial) { x.body = strings.Replace(x.body, "09:00:00Z", "09:00:00", 1) }, "/starttime"},
		"type of meeting":     {goodMeeting(), func(x *trial) { x.body = strings.Replace(x.body, "scheduled", "weekly", 1) }, "/meetingtype"},
		"key as a string":     {goodOrganizers(), func(x *trial) { x.answer = strings.Replace(x.answer, "7100000000000000001", `"71"`, 1) }, "/organizerKey"},
		"envelope":            {goodOrganizers(), func(x *trial) { x.answer = `{"results":` + x.answer + `}` }, "must be an array"},
		"unknown product":     {goodOrganizers(), func(x *trial) { x.answer = strings.Replace(x.answer, "G2M", "G2X", 1) }, "/products"},
		"error of the other API": {goodOrganizers(), func(x *trial) { x.status, x.answer = http.StatusForbidden, `{"errors":[{"code":"x"}]}` },
			"answer 403: response body doesn't match"},

		"status":                {goodList(), func(x *trial) { x.status = http.StatusTeapot }, "answer 418: status is not supported"},
		"answer's content type": {goodList(), func(x *trial) { x.answerType = "text/html" }, "answer 200: response header Content-Type"},
		"no answer":             {goodList(), func(x *trial) { x.answer, x.answerType = "", "" }, "answer 200: response header Content-Type"},
		"missing member":        {goodList(), func(x *trial) { x.answer = `{"results":[],"fromIndex":0,"toIndex":0}` }, `"total" is missing`},
		"key with a letter":     {goodList(), func(x *trial) { x.answer = strings.Replace(x.answer, `"71`, `"x71`, 1) }, "/key"},
		"key with a fraction":   {goodList(), func(x *trial) { x.answer = strings.Replace(x.answer, ":7100000000000000002", ":0.5", 1) }, "/key"},
		"value of an enum":      {goodList(), func(x *trial) { x.answer = strings.Replace(x.answer, "ACTIVE", "ASLEEP", 1) }, "/status"},
		"null":                  {goodList(), func(x *trial) { x.answer = strings.Replace(x.answer, `"ACTIVE"`, "null", 1) }, "/status"},
		"no errors in a refusal": {goodList(), func(x *trial) { x.status, x.answer = http.StatusBadRequest, `{"errors":[]}` },
			"answer 400: response body doesn't match"},
		"error of the other server": {goodToken(), func(x *trial) { x.status, x.answer = http.StatusBadRequest, `{"errors":[{"code":"x"}]}` },
			`"error" is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			test.spoil(&test.good)
			_, problems := test.good.check(t)
			if len(problems) != 1 || !strings.Contains(problems[0], test.want) {
				t.Errorf("want one problem with %q, got %q", test.want, problems)
			}
		})
	}
}

// TestViolationsAreCollected sends a wrong request, and has a wrong answer given to a good one, through all that the drive uses.
func TestViolationsAreCollected(t *testing.T) {
	t.Run("request", func(t *testing.T) {
		w := newWorld(t, "a position")
		_, authorize := w.accessToken()
		w.send(byHand{"getMe", http.MethodGet, "/admin/rest/v1/me?verbose=yes", ""}, authorize)
		w.wantViolation("getMe at a position: request: ")
	})
	t.Run("answer", func(t *testing.T) {
		w := newWorld(t, "a position")
		wrong := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/me") {
				w.sim.APIHandler().ServeHTTP(rw, r)
				return
			}
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(`{"key":"71","accounts":[]}`))
		})
		server := httptest.NewServer(w.watch(wrong))
		defer server.Close()
		w.url = server.URL
		if _, err := w.refreshClient().Me(t.Context()); err != nil {
			t.Errorf("the client is to see the answer as it is: %v", err)
		}
		w.wantViolation("getMe at a position: answer 200: ")
	})
}

func (w *world) wantViolation(prefix string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.violations) != 1 || !slices.ContainsFunc(w.violations, func(v string) bool { return strings.HasPrefix(v, prefix) }) {
		w.t.Errorf("want one violation %q, got %q", prefix, w.violations)
	}
}

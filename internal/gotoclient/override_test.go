package gotoclient_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const (
	accountPath  = "/admin/rest/v1/accounts/{accountKey}"
	userPath     = accountPath + "/users/{userKey}"
	meetingsPath = "/G2M/rest/meetings"
)

func TestOverridesThatAreRefused(t *testing.T) {
	const (
		segments = `each segment of the path must be a placeholder or consist of letters`
		below    = "the path must begin with /admin/rest/ and have neither scheme nor host"
		user     = "each of these placeholders once, and no other: {accountKey} {userKey}"
	)
	for name, c := range map[string]struct {
		operation string
		gotoclient.Override
		want string
	}{
		"unknown":               {"getCANARY", gotoclient.Override{Path: accountPath}, "operation getCANARY: there is no such operation"},
		"unknown, unprintable":  {"a\nb", gotoclient.Override{Path: accountPath}, "operation (unprintable): there is no such"},
		"nothing":               {"getUser", gotoclient.Override{}, "name a method, a path or both"},
		"token":                 {"token", gotoclient.Override{Path: "/oauth/CANARY"}, "moved by Endpoints.TokenURL"},
		"method":                {"updateUsers", gotoclient.Override{Method: "CANARY"}, "one of GET, POST, PUT, PATCH, DELETE"},
		"method, lower case":    {"updateUsers", gotoclient.Override{Method: "patch"}, "one of GET"},
		"method HEAD":           {"getUser", gotoclient.Override{Method: "HEAD"}, "one of GET"},
		"a read that writes":    {"getUser", gotoclient.Override{Method: "POST"}, "it reads, so the method must be GET"},
		"a write that reads":    {"updateUsers", gotoclient.Override{Method: "GET"}, "it writes, so the method must not be GET"},
		"a change that deletes": {"updateUsers", gotoclient.Override{Method: "DELETE", Path: userPath + "/x"}, "must not be DELETE"},
		"another's request":     {"leaveGroups", gotoclient.Override{Path: userPath}, "this is the request of deleteUsers"},
		"another's, in capital letters": {"leaveGroups",
			gotoclient.Override{Path: "/admin/rest/v1/Accounts/{accountKey}/Users/{userKey}"}, "this is the request of deleteUsers"},
		"beside another's":         {"createMeeting", gotoclient.Override{Method: "PUT", Path: "/G2M/rest/organizers"}, ""},
		"host":                     {"getUser", gotoclient.Override{Path: "https://CANARY.test" + userPath}, below},
		"host without a scheme":    {"getUser", gotoclient.Override{Path: "//CANARY.test" + userPath}, below},
		"relative":                 {"getUser", gotoclient.Override{Path: strings.TrimPrefix(userPath, "/")}, below},
		"the user of a host":       {"getUser", gotoclient.Override{Path: "@CANARY.test" + userPath}, below},
		"the other API":            {"getUser", gotoclient.Override{Path: "/G2M/rest/{accountKey}/{userKey}"}, below},
		"beside the root":          {"getUser", gotoclient.Override{Path: "/admin/restCANARY/{accountKey}/{userKey}"}, below},
		"the root, encoded":        {"getUser", gotoclient.Override{Path: "/admin%2Frest/{accountKey}/{userKey}"}, below},
		"the root in capitals":     {"getUser", gotoclient.Override{Path: "/Admin/rest/{accountKey}/{userKey}"}, below},
		"the root alone":           {"listMeetings", gotoclient.Override{Path: "/G2M/rest/"}, segments},
		"up":                       {"getUser", gotoclient.Override{Path: "/admin/rest/../{accountKey}/{userKey}"}, segments},
		"up, encoded":              {"getUser", gotoclient.Override{Path: "/admin/rest/%2e%2e/{accountKey}/{userKey}"}, segments},
		"up, encoded twice":        {"getUser", gotoclient.Override{Path: "/admin/rest/%252e%252e/{accountKey}/{userKey}"}, segments},
		"up, in part":              {"getUser", gotoclient.Override{Path: "/admin/rest/.%2e/{accountKey}/{userKey}"}, segments},
		"up, by backslash":         {"getUser", gotoclient.Override{Path: `/admin/rest/..\{accountKey}/{userKey}`}, segments},
		"up, with a parameter":     {"getUser", gotoclient.Override{Path: "/admin/rest/..;/{accountKey}/{userKey}"}, segments},
		"here":                     {"getUser", gotoclient.Override{Path: "/admin/rest/./{accountKey}/{userKey}"}, segments},
		"a slash, encoded":         {"getUser", gotoclient.Override{Path: "/admin/rest/v1%2f/{accountKey}/{userKey}"}, segments},
		"an empty segment":         {"getUser", gotoclient.Override{Path: "/admin/rest//{accountKey}/{userKey}"}, segments},
		"a slash at the end":       {"getUser", gotoclient.Override{Path: userPath + "/"}, segments},
		"query":                    {"getUser", gotoclient.Override{Path: userPath + "?CANARY=1"}, segments},
		"query, encoded":           {"getUser", gotoclient.Override{Path: userPath + "%3Fa=1"}, segments},
		"fragment":                 {"getUser", gotoclient.Override{Path: userPath + "#CANARY"}, segments},
		"space":                    {"getUser", gotoclient.Override{Path: userPath + "/a b"}, segments},
		"line":                     {"getUser", gotoclient.Override{Path: userPath + "/a\r\nHost: CANARY"}, segments},
		"other letters":            {"getUser", gotoclient.Override{Path: userPath + "/\uff0e\uff0e"}, segments},
		"a placeholder is missing": {"getUser", gotoclient.Override{Path: "/admin/rest/users/{userKey}"}, user},
		"a placeholder twice":      {"getUser", gotoclient.Override{Path: userPath + "/{userKey}"}, user},
		"an unknown placeholder":   {"getUser", gotoclient.Override{Path: accountPath + "/users/{user}"}, user},
		"a placeholder too many":   {"getUser", gotoclient.Override{Path: userPath + "/{groupKey}"}, user},
		"a placeholder in part":    {"getUser", gotoclient.Override{Path: accountPath + "/users/x{userKey}"}, user},
		"a placeholder where none is": {"listMeetings", gotoclient.Override{Path: meetingsPath + "/{meetingId}"},
			"the path must have no placeholder"},
	} {
		err := makeClient(map[string]gotoclient.Override{c.operation: c.Override})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.HasPrefix(err.Error(), "gotoclient: override of the operation ") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if err != nil && c.operation != "getCANARY" && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error shows the override: %v", name, err)
		}
	}
}

// makeClient returns the error of a client with the overrides.
func makeClient(overrides map[string]gotoclient.Override) error {
	_, err := gotoclient.New(gotoclient.Config{
		Operations: overrides,
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: "a", ClientSecret: "b", PersonalAccessToken: "c",
		},
	})
	return err
}

// Two operations may not meet, nor change places: one could delete what the other
// was to change.
func TestOverridesThatMeet(t *testing.T) {
	for name, overrides := range map[string]map[string]gotoclient.Override{
		"at a third path": {
			"deleteUsers": {Path: userPath + "/gone"}, "leaveGroups": {Path: userPath + "/gone"},
		},
		"changing places": {
			"deleteUsers": {Path: userPath + "/groups"}, "leaveGroups": {Path: userPath},
		},
	} {
		if err := makeClient(overrides); err == nil || !strings.Contains(err.Error(), "this is the request of") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// recorder answers with a status and keeps what it was sent.
type recorder struct {
	status int
	sent   []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := r.status, `{}`
	if strings.HasPrefix(req.URL.Path, "/oauth/") {
		status, body = http.StatusOK, `{"access_token":"a","token_type":"Bearer"}`
	} else {
		r.sent = append(r.sent, req.Method+" "+req.URL.String())
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// An override moves the request alone: keys go where the placeholders are, the query
// stays, and other operations go where they went.
func TestAnOverrideMovesTheRequest(t *testing.T) {
	r := &recorder{status: http.StatusOK}
	w := newMemoryWorld(t, func(c *gotoclient.Config) {
		c.Base = r
		c.Operations = map[string]gotoclient.Override{
			"moveUsers":   {Method: http.MethodPatch, Path: "/admin/rest/v2/users/{userKey}/to/{groupKey}/of/{accountKey}"},
			"deleteUsers": {Method: http.MethodPost, Path: userPath + "/gone"},
			"updateUsers": {Path: userPath}, // vouched for, and not moved
		}
	})
	ctx := t.Context()
	for _, err := range []error{
		w.groups().Move(ctx, "5", []gotoclient.Key{"6", "7"}),
		w.users().Delete(ctx, []gotoclient.Key{"8"}),
		w.users().Update(ctx, []gotoclient.Key{"9"}, gotoclient.UserPatch{FirstName: ptr("F")}),
		w.groups().Leave(ctx, "10"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	const host = "http://simulator.test/admin/rest/"
	in := host + "v1/accounts/" + account.String()
	want := []string{
		"PATCH " + host + "v2/users/6,7/to/5/of/" + account.String(),
		"POST " + in + "/users/8/gone",
		"PUT " + in + "/users/9?allOrNothing=true",
		"DELETE " + in + "/users/10/groups",
	}
	if diff := cmp.Diff(want, r.sent); diff != "" {
		t.Error(diff)
	}
}

// After 502 a PUT is sent again. What is a POST by the table, or became a POST or a PATCH,
// is not: it may have taken effect.
func TestAnOverrideIsNotRepeatedIfItMayNotBe(t *testing.T) {
	for name, c := range map[string]struct {
		overrides map[string]gotoclient.Override
		create    int // requests of a create
		rename    int // requests of an update
	}{
		"by the table":    {nil, 1, 4},
		"create by PUT":   {map[string]gotoclient.Override{"createGroup": {Method: http.MethodPut}}, 1, 4},
		"update by POST":  {map[string]gotoclient.Override{"updateGroup": {Method: http.MethodPost}}, 1, 1},
		"update by PATCH": {map[string]gotoclient.Override{"updateGroup": {Method: http.MethodPatch}}, 1, 1},
	} {
		r := &recorder{status: http.StatusBadGateway}
		w := newMemoryWorld(t, func(cfg *gotoclient.Config) { cfg.Base, cfg.Operations = r, c.overrides })
		_, err := w.groups().Create(t.Context(), gotoclient.NewGroup{Name: "G"})
		if len(r.sent) != c.create || !gotoclient.IsAmbiguous(err) {
			t.Errorf("%s: create: %v, %v", name, r.sent, err)
		}
		r.sent = nil
		err = w.groups().Rename(t.Context(), "5", "H")
		if len(r.sent) != c.rename || !gotoclient.IsAmbiguous(err) {
			t.Errorf("%s: update: %v, %v", name, r.sent, err)
		}
	}
}

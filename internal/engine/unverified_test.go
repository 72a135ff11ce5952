package engine

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// nowhere gives tokens and answers everything else with a status.
type nowhere int

func (n nowhere) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := int(n), `{}`
	if req.URL.Path == "/oauth/token" {
		status, body = http.StatusOK, `{"access_token":"t0k3n","token_type":"Bearer"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// addSeat is the error of a write to a path that nobody has verified.
func addSeat(t *testing.T, status int, policy gotoclient.UnverifiedPolicy) error {
	t.Helper()
	c, err := gotoclient.New(gotoclient.Config{
		Base: nowhere(status), Unverified: policy, MaxAttempts: 1,
		Credentials: gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, ClientID: "id", ClientSecret: "s3cr3t", PersonalAccessToken: "p"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.Licenses("1").AddSeat(t.Context(), "2", "3")
}

// What was denied stays denied until the account says otherwise. A path that is not there may be a gateway's doing, so it is looked for at
// the next resync.
func TestWhatNobodyHasVerifiedIsNotTriedAgain(t *testing.T) {
	for name, row := range map[string]struct {
		err    error
		again  bool
		reason string
		text   string
	}{
		"denied":       {addSeat(t, 200, gotoclient.DenyUnverified), false, v1alpha1.ReasonEndpointUnverified, "spec.endpoints.unverified: Allow"},
		"no such path": {addSeat(t, 404, gotoclient.AllowUnverified), true, v1alpha1.ReasonEndpointUnverified, "nothing follows from it"},
		"no method":    {addSeat(t, 405, gotoclient.AllowUnverified), true, v1alpha1.ReasonEndpointUnverified, "a path that does not exist"},
		"refused":      {addSeat(t, 400, gotoclient.AllowUnverified), true, v1alpha1.ReasonRefused, "status 400"},
	} {
		out := outcomeOf(fmt.Errorf("while working: %w", row.err))
		if out.reason != row.reason || out.flags() != stalls || out.again != row.again || !strings.Contains(out.message, row.text) {
			t.Errorf("%s: %+v", name, out)
		}
		if row.reason == v1alpha1.ReasonEndpointUnverified && (!strings.Contains(out.message, "addSeat") || !strings.Contains(out.message, "spec.endpoints.operations")) {
			t.Errorf("%s: the message names neither the operation nor the way out: %s", name, out.message)
		}
	}
}

// What failed beside it in a manner that may pass is tried again.
func TestADenialHoldsNothingElseUp(t *testing.T) {
	denied := addSeat(t, 200, gotoclient.DenyUnverified)
	for _, failure := range []error{answer(gotoclient.OpUpdateUsers, 502), answer(gotoclient.OpUpdateUsers, 429)} {
		for _, err := range []error{errors.Join(denied, failure), errors.Join(failure, denied)} {
			if out := outcomeOf(err); out.err == nil || out.stalled {
				t.Errorf("%v: %+v", err, out)
			}
		}
	}
}

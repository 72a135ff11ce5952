package gotoaccount

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func organizersAccount(key v1alpha1.Key) *v1alpha1.GoToAccount {
	ga := &v1alpha1.GoToAccount{}
	ga.Spec.Provisioning, ga.Spec.AccountKey = v1alpha1.ProvisioningOrganizers, key
	return ga
}

func TestOrganizersAccountKey(t *testing.T) {
	several := []gotoclient.MeAccount{{Key: "10"}, {Key: "20"}}
	primary := &gotoclient.Me{Key: "1", AccountKey: "10", Accounts: several}
	unsaid := &gotoclient.Me{Key: "1", Accounts: several}
	rows := map[string]struct {
		me     *gotoclient.Me
		spec   v1alpha1.Key
		want   gotoclient.Key
		reason string
	}{
		"the primary one":         {primary, "", "10", ""}, // not a guess: no request could reach another
		"the primary one, named":  {primary, "10", "10", ""},
		"another one":             {primary, "20", "", v1alpha1.ReasonAccountKeyMismatch},
		"somebody else's":         {primary, "30", "", v1alpha1.ReasonAccountKeyMismatch},
		"no primary one":          {unsaid, "", "", v1alpha1.ReasonAccountKeyRequired},
		"no primary one, named":   {unsaid, "20", "20", ""},
		"no primary, not the own": {unsaid, "30", "", v1alpha1.ReasonAccountKeyMismatch},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			got, err := organizersAccountKey(organizersAccount(row.spec), row.me)
			var stalled *engine.StalledError
			if got != row.want || errors.As(err, &stalled) != (row.reason != "") || row.reason != "" && stalled.Reason != row.reason {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestIdentify(t *testing.T) {
	admin, organizers := v1alpha1.ProvisioningAdmin, v1alpha1.ProvisioningOrganizers
	rows := map[string]struct {
		provisioning v1alpha1.Provisioning
		status       int // of the answer to "me"; 0 for the simulator's own
		key          v1alpha1.Key
		want         *gotoclient.Me // of key and address; nil for an error
		reason       string         // of the error, if it is Stalled
	}{
		"told":                         {organizers, 0, "", &gotoclient.Me{Key: simulator.DefaultAdminKey, Email: simulator.DefaultAdminEmail}, ""},
		"unauthenticated":              {organizers, 401, "42", &gotoclient.Me{Email: "ops"}, ""},
		"forbidden":                    {organizers, 403, "42", &gotoclient.Me{Email: "ops"}, ""},
		"not found":                    {organizers, 404, "42", &gotoclient.Me{Email: "ops"}, ""},
		"not entitled":                 {organizers, 412, "42", &gotoclient.Me{Email: "ops"}, ""},
		"forbidden, and no key":        {organizers, 403, "", nil, v1alpha1.ReasonAccountKeyRequired},
		"it fails":                     {organizers, 503, "42", nil, ""},
		"throttled":                    {organizers, 429, "42", nil, ""},
		"forbidden, as Admin":          {admin, 403, "42", nil, ""},
		"unauthenticated, as Admin":    {admin, 401, "42", nil, ""},
		"told, as Admin, of no others": {admin, 0, "42", nil, v1alpha1.ReasonAccountKeyMismatch},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			sim := simulator.New(simulator.Options{})
			server := httptest.NewServer(sim.APIHandler())
			t.Cleanup(server.Close)
			if row.status != 0 {
				sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpGetMe, Status: row.status})
			}
			cl, err := gotoclient.New(gotoclient.Config{
				Endpoints: gotoclient.Endpoints{APIURL: server.URL, TokenURL: server.URL + "/oauth/token"}, MaxAttempts: 1,
				Credentials: gotoclient.Credentials{
					Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
					ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: simulator.DefaultPersonalAccessToken,
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			ga := organizersAccount(row.key)
			ga.Spec.Provisioning = row.provisioning
			me, key, err := identify(t.Context(), ga, cl, "ops")
			if row.want == nil {
				var stalled *engine.StalledError
				if err == nil || errors.As(err, &stalled) != (row.reason != "") || row.reason != "" && stalled.Reason != row.reason {
					t.Errorf("%v, %+v", err, me)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := gotoclient.Key(row.key)
			if want == "" {
				want = simulator.DefaultAccountKey
			}
			if key != want || me.Key != row.want.Key || me.Email != row.want.Email || me.AccountKey != want && row.key != "" {
				t.Errorf("key %s, %+v", key, me)
			}
			showCaller(ga, me)
			state := map[bool]string{true: "True Identified", false: "False AdministrationAPINotServed"}[me.Key != ""]
			if d := cmp.Diff(map[string]string{"CallerKnown": state}, states(ga)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFailedByOrganizers(t *testing.T) {
	api := func(status int, code string) error {
		return &gotoclient.APIError{Operation: gotoclient.OpListOrganizers, Status: status, Errors: []gotoclient.ErrorDetail{{Code: code}}}
	}
	for reason, err := range map[string]error{
		v1alpha1.ReasonOrganizerScopeMissing: api(403, gotoclient.CodeInvalidToken),
		v1alpha1.ReasonForbidden:             api(403, "Forbidden"),
		v1alpha1.ReasonNotEntitled:           api(412, ""),
	} {
		ga := organizersAccount("")
		result, got := failed(ga, err)
		if d := cmp.Diff(refused(reason), states(ga)); d != "" || got != nil || result.RequeueAfter != recheck {
			t.Errorf("%v, %+v, %s", got, result, d)
		}
	}
}

func TestUserKeyOfAnInvitation(t *testing.T) {
	u := &v1alpha1.GoToUser{}
	if userKey(u) != "" {
		t.Error(userKey(u))
	}
	u.Status.Invitation = "Ada@Example.test"
	if userKey(u) != account.InvitationKey("ada@example.test") {
		t.Error(userKey(u))
	}
	u.Status.UserKey = "1"
	if userKey(u) != "1" {
		t.Error(userKey(u))
	}
	showCaller(&v1alpha1.GoToAccount{}, &gotoclient.Me{}) // an account of the Administration API has nothing to say
}

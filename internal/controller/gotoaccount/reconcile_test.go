package gotoaccount

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestApproval(t *testing.T) {
	now := time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	rows := map[string]struct {
		value string
		want  time.Time
		fails bool
	}{
		"empty":                   {"", time.Time{}, false},
		"blank":                   {" \t", time.Time{}, false},
		"an hour":                 {at(time.Hour), now.Add(time.Hour), false},
		"spaces around":           {" " + at(time.Hour) + "\n", now.Add(time.Hour), false},
		"another zone":            {"2030-01-31T15:00:00+02:00", now.Add(time.Hour), false},
		"24 hours":                {at(24 * time.Hour), now.Add(24 * time.Hour), false},
		"a second more":           {at(24*time.Hour + time.Second), time.Time{}, true},
		"for ever":                {"9999-12-31T23:59:59Z", time.Time{}, true},
		"past":                    {at(-time.Second), time.Time{}, false},
		"now":                     {at(0), time.Time{}, false},
		"garbage":                 {"yes", time.Time{}, true},
		"a duration":              {"1h", time.Time{}, true},
		"without zone":            {"2030-01-31T13:00:00", time.Time{}, true},
		"a date":                  {"2030-01-31", time.Time{}, true},
		"a day that there is not": {"2030-02-30T00:00:00Z", time.Time{}, true},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			ga := &v1alpha1.GoToAccount{}
			ga.Annotations = map[string]string{v1alpha1.ApproveDeletionsUntilAnnotation: row.value}
			got, err := approval(ga, now)
			if !got.Equal(row.want) || got.IsZero() != row.want.IsZero() || (err != nil) != row.fails {
				t.Errorf("got %s, %v; want %s", got, err, row.want)
			}
			if err != nil && !strings.Contains(err.Error(), v1alpha1.ApproveDeletionsUntilAnnotation) {
				t.Errorf("%q does not say what is wrong", err)
			}
		})
	}
	if got, err := approval(&v1alpha1.GoToAccount{}, now); !got.IsZero() || err != nil {
		t.Errorf("absent: got %s, %v", got, err)
	}
}

func states(ga *v1alpha1.GoToAccount) map[string]string {
	out := map[string]string{}
	for _, c := range ga.Status.Conditions {
		out[c.Type] = string(c.Status) + " " + c.Reason
	}
	return out
}

// refused are the conditions of credentials that do not work, and unreachable those of a failure that may pass: then
// nothing is said of the credentials.
func refused(reason string) map[string]string {
	return map[string]string{"Ready": "False " + reason, "CredentialsValid": "False " + reason}
}

func unreachable(reason string) map[string]string {
	return map[string]string{"Ready": "False " + reason, "Reconciling": "True " + reason}
}

func TestFailed(t *testing.T) {
	stalled := refused(v1alpha1.ReasonEndpointNotAllowed)
	stalled["Stalled"] = "True " + v1alpha1.ReasonEndpointNotAllowed
	auth := func(r gotoclient.AuthReason) error { return &gotoclient.AuthError{Reason: r, Status: 400} }
	api := func(status int, code string) error {
		return &gotoclient.APIError{Operation: gotoclient.OpGetMe, Status: status, Errors: []gotoclient.ErrorDetail{{Code: code}}}
	}
	rows := map[string]struct {
		err     error
		want    map[string]string
		backoff bool // by the queue; otherwise the Secret is read again at an interval
	}{
		"invalid client":    {auth(gotoclient.AuthInvalidClient), refused(v1alpha1.ReasonInvalidClient), false},
		"invalid grant":     {auth(gotoclient.AuthInvalidGrant), refused(v1alpha1.ReasonInvalidGrant), false},
		"unsupported grant": {auth(gotoclient.AuthUnsupportedGrant), refused(v1alpha1.ReasonInvalidGrant), false},
		"not saved":         {auth(gotoclient.AuthNotSaved), unreachable(v1alpha1.ReasonTokenNotSaved), true},
		"token unreachable": {auth(gotoclient.AuthUnreachable), unreachable(v1alpha1.ReasonUnreachable), true},
		"other":             {auth(gotoclient.AuthOther), unreachable(v1alpha1.ReasonUnreachable), true},
		"no scope":          {api(401, gotoclient.CodeNotAuthenticated), refused(v1alpha1.ReasonAdminScopeMissing), false},
		"no scope, gateway": {api(403, gotoclient.CodeInvalidToken), refused(v1alpha1.ReasonAdminScopeMissing), false},
		"forbidden":         {api(403, "not.authorized"), refused(v1alpha1.ReasonForbidden), false},
		"not in order": {&gotoclient.APIError{Operation: gotoclient.OpGetMe, Status: 502, Illegal: true}, map[string]string{
			"Ready": "False " + v1alpha1.ReasonIllegalAccount, "Stalled": "True " + v1alpha1.ReasonIllegalAccount,
		}, false},
		"failing":      {api(500, "internal"), unreachable(v1alpha1.ReasonUnreachable), true},
		"throttled":    {api(429, ""), unreachable(v1alpha1.ReasonUnreachable), true},
		"no answer":    {&gotoclient.TransportError{Operation: gotoclient.OpGetMe}, unreachable(v1alpha1.ReasonUnreachable), true},
		"unreadable":   {&gotoclient.DecodeError{Operation: gotoclient.OpGetMe}, unreachable(v1alpha1.ReasonUnreachable), true},
		"no Secret":    {&engine.BlockedReference{Reason: v1alpha1.ReasonSecretNotFound, Message: "no"}, refused(v1alpha1.ReasonSecretNotFound), false},
		"not allowed":  {&engine.StalledError{Reason: v1alpha1.ReasonEndpointNotAllowed, Message: "no"}, stalled, false},
		"process ends": {context.Canceled, map[string]string{}, true},
		"unknown":      {errors.New("etcd is full"), unreachable(v1alpha1.ReasonUnreachable), true},
	}
	for name, row := range rows {
		for how, err := range map[string]error{"plain": row.err, "wrapped": fmt.Errorf("connect: %w", row.err)} {
			t.Run(name+", "+how, func(t *testing.T) {
				ga := &v1alpha1.GoToAccount{}
				ga.Generation = 3
				ga.Spec.Credentials.Grant = v1alpha1.GrantRefreshToken
				result, got := failed(ga, err)
				if d := cmp.Diff(row.want, states(ga)); d != "" {
					t.Error(d)
				}
				want := ctrl.Result{RequeueAfter: recheck}
				if row.backoff {
					want = ctrl.Result{}
				}
				if result != want || (got != nil) != row.backoff {
					t.Errorf("result %+v, error %v", result, got)
				}
				if c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady); c != nil && (c.ObservedGeneration != 3 || c.Message == "") {
					t.Errorf("incomplete: %+v", c)
				}
			})
		}
	}
}

func TestInvalidGrantNamesTheGrant(t *testing.T) {
	for _, grant := range []v1alpha1.Grant{v1alpha1.GrantRefreshToken, v1alpha1.GrantPersonalAccessToken, v1alpha1.GrantPassword} {
		ga := &v1alpha1.GoToAccount{}
		ga.Spec.Credentials.Grant = grant
		if _, err := authFailed(ga, &gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant}); err != nil {
			t.Fatal(err)
		}
		if c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(c.Message, string(grant)) {
			t.Errorf("%s: %q", grant, c.Message)
		}
	}
}

func TestAccountKey(t *testing.T) {
	one := &gotoclient.Me{Key: "1", AccountKey: "10"}
	listed := &gotoclient.Me{Key: "1", Accounts: []gotoclient.MeAccount{{Key: "10"}}}
	twice := &gotoclient.Me{Key: "1", AccountKey: "10", Accounts: []gotoclient.MeAccount{{Key: "10"}}}
	two := &gotoclient.Me{Key: "1", AccountKey: "10", Accounts: []gotoclient.MeAccount{{Key: "10"}, {Key: "20"}}}
	rows := map[string]struct {
		me     *gotoclient.Me
		spec   v1alpha1.Key
		want   gotoclient.Key
		reason string
	}{
		"the only one":              {one, "", "10", ""},
		"the only one, in the list": {listed, "", "10", ""},
		"one, said twice":           {twice, "", "10", ""},
		"named":                     {one, "10", "10", ""},
		"the second, named":         {two, "20", "20", ""},
		// The primary account is no answer: which of them was meant is for a person to say.
		"several, none named":    {two, "", "", v1alpha1.ReasonAccountKeyRequired},
		"none at all":            {&gotoclient.Me{Key: "1"}, "", "", v1alpha1.ReasonAccountKeyRequired},
		"another one":            {two, "30", "", v1alpha1.ReasonAccountKeyMismatch},
		"one, and there is none": {&gotoclient.Me{Key: "1"}, "10", "", v1alpha1.ReasonAccountKeyMismatch},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			ga := &v1alpha1.GoToAccount{}
			ga.Spec.AccountKey = row.spec
			got, err := accountKey(ga, row.me)
			var stalled *engine.StalledError
			switch {
			case row.reason == "" && (err != nil || got != row.want):
				t.Errorf("got %q, %v", got, err)
			case row.reason != "" && (!errors.As(err, &stalled) || stalled.Reason != row.reason || got != ""):
				t.Errorf("got %q, %v; want reason %s", got, err, row.reason)
			}
		})
	}
}

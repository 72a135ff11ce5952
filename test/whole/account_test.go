package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Credentials that die under a connection that works are said to be dead, and new ones take over.
func TestCredentialsThatDie(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Start()
		ga := newAccount()
		w.create(ga)
		w.Until("the account is connected", func() bool { return w.ready(ga) == "True/Connected" })
		tokens := w.Sim.State().OAuth
		w.Sim.RevokeRefreshTokens()
		w.Sim.ExpireAccessTokens()
		w.Until("the account says so", func() bool { return w.ready(ga) == "False/"+v1alpha1.ReasonInvalidGrant })
		if !meta.IsStatusConditionFalse(ga.Status.Conditions, v1alpha1.ConditionCredentialsValid) {
			t.Error("the credentials are said to be valid")
		}
		calls := w.Sim.Calls()["token"]
		w.Wait(10 * time.Minute)
		if n := w.Sim.Calls()["token"] - calls; n > 2 {
			t.Errorf("%d requests with a token that GoTo has refused", n)
		}
		state := w.Sim.State()
		state.OAuth.RefreshTokens = tokens.RefreshTokens
		w.must(w.Sim.Load(state))
		edit(w, ga, func(ga *v1alpha1.GoToAccount) {
			ga.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
		})
		w.Until("the same ones work again, and are tried when somebody asks for it", func() bool { return w.ready(ga) == "True/Connected" })
		w.Stop()
	})
}

package gotoaccount

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func moves(operations ...v1alpha1.OperationEndpoint) func(*v1alpha1.GoToAccount) {
	return func(ga *v1alpha1.GoToAccount) { ga.Spec.Endpoints.Operations = operations }
}

// asked tells whether the simulator was sent a request that begins so.
func (w *world) asked(request string) bool {
	for _, r := range w.sim.Requests() {
		if strings.HasPrefix(r.Method+" "+r.Path, request) {
			return true
		}
	}
	return false
}

// An override is in force without a restart: the account connects anew by it, works on as it did while that fails, and goes back with it.
func TestAnOverrideMovesAnOperation(t *testing.T) {
	w := newWorld(t)
	w.account("main")
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionReady, "True Connected")
	first := w.live("main")

	w.change("main", moves(v1alpha1.OperationEndpoint{Operation: gotoclient.OpListLicenses, Path: "/admin/rest/v9/{accountKey}/licences"}))
	ga, _ = w.reconcile("main")
	if !w.asked("GET /admin/rest/v9/") || w.live("main") != first {
		t.Errorf("moved: %v, the earlier connection works on: %v", w.asked("GET /admin/rest/v9/"), w.live("main") == first)
	}
	w.is(ga, v1alpha1.ConditionReady, "True Connected")

	w.change("main", moves(v1alpha1.OperationEndpoint{Operation: gotoclient.OpListLicenses, Method: "GET"}))
	ga, _ = w.reconcile("main")
	if w.live("main") == first {
		t.Error("an override by the table's own path is another wish")
	}
	w.is(ga, v1alpha1.ConditionReady, "True Connected")
}

// The order of a list says nothing, so it reconnects nothing.
func TestTheOrderOfOverridesSaysNothing(t *testing.T) {
	one, two := v1alpha1.OperationEndpoint{Operation: gotoclient.OpGetUser, Method: "GET"}, v1alpha1.OperationEndpoint{Operation: gotoclient.OpGetGroup, Method: "GET"}
	w := newWorld(t)
	w.account("main", moves(one, two))
	w.reconcile("main")
	first := w.live("main")
	w.change("main", moves(two, one))
	w.reconcile("main")
	if first == nil || w.live("main") != first {
		t.Error("connected anew")
	}
	w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Endpoints.Unverified = v1alpha1.AllowUnverified })
	w.reconcile("main")
	if w.live("main") == first {
		t.Error("the policy about what is unverified is not in force")
	}
}

func TestAnOverrideThatCannotBe(t *testing.T) {
	for name, row := range map[string]struct {
		override v1alpha1.OperationEndpoint
		want     string
	}{
		"no such operation": {v1alpha1.OperationEndpoint{Operation: "getNobody", Method: "GET"}, "the operation getNobody: there is no such operation"},
		"placeholders":      {v1alpha1.OperationEndpoint{Operation: "getUser", Path: "/admin/rest/v1/users"}, "{accountKey} {userKey}"},
		"the other API":     {v1alpha1.OperationEndpoint{Operation: "getUser", Path: "/G2M/rest/{accountKey}/{userKey}"}, "must begin with /admin/rest/"},
		"a read that writes": {
			v1alpha1.OperationEndpoint{Operation: "getUser", Method: "DELETE"}, "the method must be GET",
		},
	} {
		w := newWorld(t)
		w.account("main", moves(row.override))
		ga, _ := w.reconcile("main")
		w.is(ga, v1alpha1.ConditionReady, "False OverrideInvalid")
		w.is(ga, v1alpha1.ConditionStalled, "True OverrideInvalid")
		ready := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || !strings.Contains(ready.Message, row.want) || !strings.HasPrefix(ready.Message, "spec.endpoints.operations: ") || w.calls() != 0 {
			t.Errorf("%s: %+v, %d requests", name, ready, w.calls())
		}
		w.change("main", moves())
		ga, _ = w.reconcile("main")
		w.is(ga, v1alpha1.ConditionReady, "True Connected")
	}
}

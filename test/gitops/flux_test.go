package gitops

import (
	"os"
	"path"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"

	"github.com/goto-operator/goto-operator/test/gitops/customizations"
	"github.com/goto-operator/goto-operator/test/gitops/manifests"
)

// Where the example for Flux has expressions, they say of every object that the operator made what the table does: Flux's own evaluation
// of them, in the order that it has.
func TestExpressionsOfFlux(t *testing.T) {
	judged := map[string]bool{}
	for _, m := range below(t, path.Join(examples, "flux")) {
		k, is := strict(t, m).(*manifests.Kustomization)
		if !is {
			continue
		}
		for _, e := range k.Spec.HealthCheckExprs {
			evaluator, err := cel.NewStatusEvaluator(&kustomize.HealthCheckExpressions{InProgress: e.InProgress, Failed: e.Failed, Current: e.Current})
			if err != nil {
				t.Fatalf("%s, %s: %v", m.file, e.Kind, err)
			}
			judged[e.Kind] = true
			evaluated(t, evaluator, e.Kind)
		}
	}
	for _, kind := range []string{"GoToUser", "GoToLicenseBinding"} { // which may wait for weeks
		if !judged[kind] {
			t.Errorf("no expressions for a %s", kind)
		}
	}
}

func evaluated(t *testing.T, evaluator *cel.StatusEvaluator, kind string) {
	t.Helper()
	made, err := customizations.Objects(os.DirFS(repository), kind)
	if err != nil {
		t.Fatal(err)
	}
	for state, object := range made {
		want, _ := customizations.Expected(state, kind)
		got, err := evaluator.Evaluate(t.Context(), asKubernetesHoldsIt(t, object))
		if err != nil || got.Status.String() != want.ByExpressions() {
			t.Errorf("%s %s is %v, want %s: %v", state, kind, got, want.ByExpressions(), err)
		}
	}
}

package argocd

import (
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// cascade deletes all that is an Application's, as its finalizer does: in whatever order. Argo CD's default is the foreground, for which
// there would have to be a garbage collector.
func (a *application) cascade(t *testing.T) {
	t.Helper()
	background := metav1.DeletePropagationBackground
	kubectl := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	for _, o := range a.git {
		err := kubectl.DeleteResource(t.Context(), machine.config, o.GroupVersionKind(), o.GetName(), o.GetNamespace(),
			metav1.DeleteOptions{PropagationPolicy: &background})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A deleted Application that cascades is a prune of everything at once, the account among it: the brake holds, and the account and its
// Secret stay until what is theirs is gone. Then GoTo has what it had before, and nothing of it twice or less.
func TestADeletedApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	strangers := len(w.users(t))
	a := newApplication(t, w)
	a.sync(t, time.Minute)
	w.settled(t, len(a.git))
	before, account := len(w.users(t)), a.of(t, "GoToAccount", "example")

	a.cascade(t)
	until(t, "the brake holds the users", func() bool { return blocked(w.all(t)) > 0 && blocked(w.all(t)) == usersOf(w.all(t)) })
	if now := len(w.users(t)); now != before-3 { // as many as may always go
		t.Errorf("%d users in GoTo, of %d", now, before)
	}
	if there := live(t, account); there == nil || there.GetDeletionTimestamp() == nil {
		t.Error("the account does not wait for its users")
	}
	w.approve(t, account)
	until(t, "everything is gone", func() bool { return len(w.all(t)) == 0 })
	if now := len(w.users(t)); now != strangers {
		t.Errorf("%d users in GoTo, and %d before all", now, strangers)
	}
}

// usersOf counts the GoToUsers.
func usersOf(all []unstructured.Unstructured) int {
	n := 0
	for i := range all {
		if all[i].GetKind() == "GoToUser" {
			n++
		}
	}
	return n
}

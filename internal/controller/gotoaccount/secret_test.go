package gotoaccount

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// letUserGo takes the finalizer off a user, as the engine does once the counterpart is gone.
func (w *world) letUserGo(u *v1alpha1.GoToUser) {
	w.Helper()
	w.must(w.kube.Get(w.Context(), client.ObjectKeyFromObject(u), u))
	u.Finalizers = nil
	w.must(w.kube.Update(w.Context(), u))
	w.must(client.IgnoreNotFound(w.kube.Delete(w.Context(), u)))
}

// A namespace goes: Secret, account and users are deleted at once, the token has to be replaced meanwhile, and the operator
// is restarted. The Secret stays as long as it is needed, and goes.
func TestTheSecretStaysUntilTheAccountGoes(t *testing.T) {
	for name, restart := range map[string]bool{"in one process": false, "over a restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Finalizers: []string{"kubernetes"}}}
				w.must(w.kube.Create(t.Context(), ns))
				w.account("main")
				w.reconcile("main")
				u := w.user(namespace, "fay")
				w.must(w.kube.Delete(t.Context(), ns))
				w.deleteSecret("goto")
				time.Sleep(time.Minute)
				w.reconcile("main") // between the Secret's deletion and the account's
				if !w.held("goto") {
					t.Fatal("let go, though the namespace with the account goes")
				}
				w.deleteAccount("main")
				w.must(w.kube.Delete(t.Context(), u))
				if restart {
					w.restart()
				}
				ga, _ := w.reconcile("main")
				w.is(ga, "Reconciling", "True InUse")
				was := w.token("goto")
				time.Sleep(rotation)
				w.must(w.live("main").Refresh(t.Context()))
				if !w.held("goto") || w.token("goto") == was {
					t.Fatal("the new token is not saved in the Secret that is going")
				}
				w.letUserGo(u)
				if ga, _ := w.reconcile("main"); ga != nil || w.found("goto") != nil {
					t.Errorf("left over: account %v, Secret %v", ga, w.found("goto"))
				}
			})
		})
	}
}

// The finalizer goes only when no account needs the Secret any more.
func TestTwoAccountsWithOneSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.account("second")
		w.reconcile("main")
		w.reconcile("second")
		w.deleteAccount("second")
		if ga, _ := w.reconcile("second"); ga != nil || !w.held("goto") {
			t.Fatal("let go, though another account needs it")
		}
		u := w.user(namespace, "fay")
		w.account("third")
		w.reconcile("third")
		w.deleteSecret("goto")
		w.deleteAccount("main") // and works until fay is gone
		time.Sleep(time.Minute)
		w.reconcile("third")
		if !w.held("goto") {
			t.Fatal("let go for an account that stays, though one that goes needs it")
		}
		w.letUserGo(u)
		if ga, _ := w.reconcile("main"); ga != nil || w.found("goto") != nil {
			t.Error("the last account that needed it is gone, and it is not")
		}
	})
}

func TestAnotherSecretIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		w.secret("other", w.token("goto"))
		w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.SecretRef.Name = "other" })
		w.restart() // who held what is not in memory
		w.reconcile("main")
		if w.held("goto") || !w.held("other") {
			t.Errorf("held: former %v, named %v", w.held("goto"), w.held("other"))
		}
		w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.SecretRef.Name = "goto" })
		w.deleteAccount("main")
		w.reconcile("main")
		if w.held("goto") || w.held("other") {
			t.Errorf("left over: named %v, former %v", w.held("goto"), w.held("other"))
		}
	})
}

func TestASuspendedAccountKeepsNoDeletedSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		w.change("main", suspended)
		w.deleteSecret("goto")
		_, result := w.reconcile("main")
		if result.RequeueAfter == 0 || result.RequeueAfter > recheck {
			t.Fatalf("looks again after %s", result.RequeueAfter)
		}
		time.Sleep(result.RequeueAfter)
		if _, result = w.reconcile("main"); w.found("goto") != nil || result.RequeueAfter == 0 {
			t.Error("it cannot be created again, or nobody looks again")
		}
	})
}

// A Secret is held only for an account that was connected: before, nothing depends on it.
func TestNoSecretIsHeldForAnAccountThatNeverWorked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.set("goto", v1alpha1.SecretKeyRefreshToken, "wrong")
		w.account("main")
		if ga, _ := w.reconcile("main"); w.held("goto") || len(ga.Finalizers) > 0 {
			t.Error("held")
		}
	})
}

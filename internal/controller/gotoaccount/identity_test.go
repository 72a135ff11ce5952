package gotoaccount

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	ours   = simulator.DefaultAccountKey
	theirs = simulator.OtherAccountKey
)

// identified is an annotation as the operator writes it.
func identified(name, key string) map[string]string {
	return map[string]string{v1alpha1.IdentityAnnotation: `{"kind":"GoToAccount","namespace":"team","name":"` + name + `","accountKey":"` + key + `"}`}
}

// Other credentials, or another spec.accountKey, make the object no other account: nothing is read from that one or written
// to it, and what works goes on.
func TestAnAccountStaysTheAccount(t *testing.T) {
	rows := map[string]func(*world){
		"other credentials": func(w *world) {
			w.set("goto", v1alpha1.SecretKeyPersonalAccessToken, simulator.OtherAccountPersonalAccessToken)
		},
		"edited spec": func(w *world) {
			w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.AccountKey = theirs })
		},
		"both": func(w *world) {
			w.set("goto", v1alpha1.SecretKeyPersonalAccessToken, simulator.OtherAccountPersonalAccessToken)
			w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.AccountKey = theirs })
		},
	}
	for name, switched := range rows {
		for how, restart := range map[string]bool{"live": false, "after a restart": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.account("main", byPAT)
					w.reconcile("main")
					acct := w.live("main")
					switched(w)
					if restart {
						w.restart()
						acct = nil
					}
					w.sim.ResetLog()
					var ga *v1alpha1.GoToAccount
					for range 3 {
						ga, _ = w.reconcile("main")
						time.Sleep(recheck)
					}
					w.is(ga, "Stalled", "True AccountKeyMismatch")
					w.is(ga, "Ready", "False AccountKeyMismatch")
					if ga.Status.AccountKey != ours || w.live("main") != acct {
						t.Errorf("account %s, connection changed: %v", ga.Status.AccountKey, w.live("main") != acct)
					}
					if calls := w.sim.Calls(); calls[simulator.OpListUsers] > 0 || w.calls() > 2 {
						t.Errorf("requests: %v", calls)
					}
				})
			})
		}
	}
}

// Restored without status, the object still stands for the account; where spec or status says so, the annotation says
// nothing.
func TestWhatAnAccountStandsFor(t *testing.T) {
	rows := map[string]struct {
		status, spec v1alpha1.Key
		annotations  map[string]string
		want         string
	}{
		"new":                                 {"", "", nil, ""},
		"by status":                           {ours, "", nil, ours},
		"restored without status":             {"", "", identified("main", ours), ours},
		"restored, with spec":                 {"", ours, identified("main", ours), ""},
		"a copy under another name":           {"", "", identified("original", ours), ""},
		"forged against the status":           {ours, "", identified("main", theirs), ours},
		"forged against the spec":             {"", ours, identified("main", theirs), ""},
		"not a key":                           {"", "", identified("main", "1 OR 1"), ""},
		"not an identity":                     {"", "", map[string]string{v1alpha1.IdentityAnnotation: "yes"}, ""},
		"edited spec of an account in use":    {ours, theirs, identified("main", ours), "mismatch"},
		"spec that says what the status says": {ours, ours, nil, ours},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			ga := &v1alpha1.GoToAccount{}
			ga.Namespace, ga.Name, ga.Annotations = namespace, "main", row.annotations
			ga.Status.AccountKey, ga.Spec.AccountKey = row.status, row.spec
			got := string(standsFor(ga))
			key, err := expectedKey(ga)
			if err != nil {
				got = "mismatch"
			} else if row.spec != "" && string(key) != string(row.spec) {
				t.Errorf("works in %q, spec says %q", key, row.spec)
			}
			if got != row.want {
				t.Errorf("stands for %q, want %q", got, row.want)
			}
		})
	}
}

func TestAnAccountRestoredWithoutStatus(t *testing.T) {
	rows := map[string]struct {
		pat         string
		spec        v1alpha1.Key
		annotations map[string]string
		want        string
	}{
		"with its credentials":            {simulator.DefaultPersonalAccessToken, "", identified("main", ours), "True Connected"},
		"with other's":                    {simulator.OtherAccountPersonalAccessToken, "", identified("main", ours), "False AccountKeyMismatch"},
		"a copy, with other's":            {simulator.OtherAccountPersonalAccessToken, "", identified("original", ours), "True Connected"},
		"forged against the spec":         {simulator.DefaultPersonalAccessToken, ours, identified("main", theirs), "True Connected"},
		"forged to agree with wrong ones": {simulator.OtherAccountPersonalAccessToken, ours, identified("main", theirs), "False AccountKeyMismatch"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.set("goto", v1alpha1.SecretKeyPersonalAccessToken, row.pat)
				w.account("main", byPAT, func(ga *v1alpha1.GoToAccount) { ga.Annotations, ga.Spec.AccountKey = row.annotations, row.spec })
				ga, _ := w.reconcile("main")
				w.is(ga, "Ready", row.want)
			})
		})
	}
}

// Removed or changed, the annotation is written again at the next look.
func TestTheIdentityIsWrittenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		ga, _ := w.reconcile("main")
		want := ga.Annotations[v1alpha1.IdentityAnnotation]
		if d := cmp.Diff(identity{"GoToAccount", namespace, "main", ours, "goto"}, remembered(ga)); d != "" {
			t.Error(d)
		}
		for _, forged := range []map[string]string{nil, identified("main", theirs), identified("other", ours)} {
			w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Annotations = forged })
			ga, _ = w.reconcile("main")
			w.is(ga, "Ready", "True Connected")
			if got := ga.Annotations[v1alpha1.IdentityAnnotation]; got != want || ga.Status.AccountKey != ours {
				t.Errorf("%s, account %s", got, ga.Status.AccountKey)
			}
		}
		w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Finalizers = nil })
		if ga, _ = w.reconcile("main"); len(ga.Finalizers) != 1 {
			t.Error("the finalizer is not restored")
		}
	})
}

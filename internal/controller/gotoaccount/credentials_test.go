package gotoaccount

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

// rotation is when a token is so old that GoTo replaces it at the next use.
const rotation = simulator.RefreshTokenRotation + time.Hour

// retried is when what has just failed is tried again.
const retried = 3 * time.Second

// rotated is a connected account whose token was replaced and saved; it returns the dead one.
func rotated(w *world) (dead string) {
	w.Helper()
	dead = w.token("goto")
	w.account("main")
	w.reconcile("main")
	time.Sleep(rotation)
	w.must(w.live("main").Refresh(w.Context()))
	if w.token("goto") == dead {
		w.Fatal("the token was not replaced")
	}
	ga, _ := w.reconcile("main")
	w.is(ga, "CredentialsValid", "True Authenticated")
	w.told()
	return dead
}

func TestAConnectedAccountCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		ga, result := w.reconcile("main")
		w.is(ga, "Ready", "True Connected")
		if result.RequeueAfter != recheck || w.writes != 3 {
			t.Errorf("looks again after %s; %d writes, want claim, Secret and status", result.RequeueAfter, w.writes)
		}
		w.writes = 0
		w.sim.ResetLog()
		for range 10 {
			time.Sleep(recheck)
			w.reconcile("main")
		}
		if calls := w.sim.Calls(); w.writes > 0 || calls[simulator.OpToken]+calls[simulator.OpGetMe] > 0 {
			t.Errorf("%d writes, %v", w.writes, calls)
		}
	})
}

// A token that GitOps, a secret manager or Helm puts back is dead since GoTo replaced it; the live one must not be lost.
func TestADeadTokenPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		dead := rotated(w)
		live, acct := w.token("goto"), w.live("main")
		w.set("goto", v1alpha1.SecretKeyRefreshToken, dead)
		w.sim.ResetLog()
		ga, _ := w.reconcile("main")
		w.is(ga, "CredentialsValid", "False TokenPutBack")
		w.is(ga, "Ready", "True Connected")
		if w.live("main") != acct || w.token("goto") != live {
			t.Error("the connection or the token is another")
		}
		if told := w.told(); told[v1alpha1.ReasonTokenPutBack] == 0 {
			t.Errorf("events: %v", told)
		}
		ga, _ = w.reconcile("main")
		w.is(ga, "CredentialsValid", "True Authenticated")

		// It is put back again and again: nobody chases it, and GoTo is not asked twice.
		for range 19 {
			w.set("goto", v1alpha1.SecretKeyRefreshToken, dead)
			time.Sleep(recheck)
			ga, _ = w.reconcile("main")
			w.is(ga, "CredentialsValid", "False TokenPutBack")
			if w.token("goto") != dead {
				t.Fatal("saved again before ten minutes are over")
			}
		}
		if told := w.told(); told[v1alpha1.ReasonTokenPutBack] != 1 {
			t.Errorf("events: %v", told)
		}
		if n := w.sim.Calls()[simulator.OpToken]; n != 1 {
			t.Errorf("%d token requests for one dead token", n)
		}
		time.Sleep(recheck)
		w.reconcile("main")
		w.restart()
		ga, _ = w.reconcile("main")
		w.is(ga, "Ready", "True Connected")
	})
}

func TestRefusedCredentialsBesideAWorkingConnection(t *testing.T) {
	rows := map[string]struct {
		key, value, reason string
	}{
		"another client":        {v1alpha1.SecretKeyClientID, "unknown", v1alpha1.ReasonInvalidClient},
		"a wrong client secret": {v1alpha1.SecretKeyClientSecret, "wrong", v1alpha1.ReasonInvalidClient},
		"no client":             {v1alpha1.SecretKeyClientID, "", v1alpha1.ReasonSecretKeyMissing},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.account("main")
				w.reconcile("main")
				w.told()
				acct := w.live("main")
				was := string(w.found("goto").Data[row.key])
				w.set("goto", row.key, row.value)
				w.sim.ResetLog()
				var ga *v1alpha1.GoToAccount
				w.writes = 0
				for range 5 {
					ga, _ = w.reconcile("main")
					time.Sleep(recheck)
				}
				w.is(ga, "CredentialsValid", "False "+row.reason)
				w.is(ga, "Ready", "True Connected")
				if w.live("main") != acct || w.sim.Calls()[simulator.OpToken] > 1 || w.writes != 1 {
					t.Errorf("%d writes, %v", w.writes, w.sim.Calls())
				}
				if d := cmp.Diff(map[string]int{row.reason: 1}, w.told()); d != "" {
					t.Error(d)
				}
				if string(w.found("goto").Data[row.key]) != row.value {
					t.Error("what a person wrote was overwritten")
				}
				w.set("goto", row.key, was)
				ga, _ = w.reconcile("main")
				w.is(ga, "CredentialsValid", "True Authenticated")
				if w.live("main") != acct {
					t.Error("connected anew with what it had")
				}
			})
		})
	}
}

// What GoTo refused is not tried again until it changes, or a person asks.
func TestARefusalIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.set("goto", v1alpha1.SecretKeyRefreshToken, "wrong")
		w.account("main")
		for range 5 {
			ga, result := w.reconcile("main")
			w.is(ga, "Ready", "False InvalidGrant")
			if result.RequeueAfter != recheck {
				t.Errorf("looks again after %s", result.RequeueAfter)
			}
		}
		if n := w.calls(); n != 1 {
			t.Errorf("%d requests", n)
		}
		w.change("main", func(ga *v1alpha1.GoToAccount) {
			ga.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
		})
		w.reconcile("main")
		w.reconcile("main")
		if n := w.calls(); n != 2 {
			t.Errorf("%d requests after a person asked once", n)
		}
		w.set("goto", v1alpha1.SecretKeyRefreshToken, simulator.DefaultRefreshToken)
		ga, _ := w.reconcile("main")
		w.is(ga, "Ready", "True Connected")
	})
}

func TestNewCredentialsReplaceTheConnectionOnceTheyWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		acct := w.live("main")
		w.change("main", byPAT)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 500, Operation: simulator.OpListUsers, Count: 4})
		ga, _ := w.reconcile("main")
		w.is(ga, "Ready", "True Connected")
		w.is(ga, "CredentialsValid", "True Authenticated")
		if w.live("main") != acct {
			t.Fatal("dropped before the new one works")
		}
		time.Sleep(retried)
		w.reconcile("main")
		if w.live("main") == acct || w.live("main") == nil {
			t.Error("not replaced")
		}
	})
}

// The Secret of a working account is deleted, and comes back in one of these states.
func TestASecretDeletedUnderAWorkingAccount(t *testing.T) {
	for name, token := range map[string]string{"with the dead token": "dead", "without a token": "", "with the live token": "live"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				dead := rotated(w)
				live, acct := w.token("goto"), w.live("main")
				w.deleteSecret("goto")
				w.reconcile("main")
				if !w.held("goto") {
					t.Fatal("let go at once: a namespace that goes deletes its account a moment later")
				}
				_, result := w.reconcile("main")
				time.Sleep(result.RequeueAfter)
				w.reconcile("main")
				if w.found("goto") != nil {
					t.Fatal("it cannot be created again")
				}
				ga, _ := w.reconcile("main")
				w.is(ga, "CredentialsValid", "False SecretNotFound")
				w.is(ga, "Ready", "True Connected")
				time.Sleep(rotation) // replaced while there is no Secret
				w.must(acct.Refresh(t.Context()))
				w.secret("goto", map[string]string{"dead": dead, "": "", "live": live}[token])
				w.reconcile("main")
				saved := w.token("goto")
				if saved == live || saved == dead || saved == "" {
					t.Errorf("the Secret has %q", saved)
				}
				ga, _ = w.reconcile("main")
				w.is(ga, "CredentialsValid", "True Authenticated")
				if !w.held("goto") || w.live("main") != acct {
					t.Error("not held, or connected anew")
				}
				w.restart()
				ga, _ = w.reconcile("main")
				w.is(ga, "Ready", "True Connected")
			})
		})
	}
}

// The account names another Secret with the same content, and the token is replaced a moment later.
func TestARotatedTokenGoesIntoTheSecretThatIsNamedNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		acct, old := w.live("main"), w.token("goto")
		w.secret("renamed", old)
		w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.SecretRef.Name = "renamed" })
		time.Sleep(rotation)
		w.must(acct.Refresh(t.Context()))
		if w.token("renamed") == old || w.token("goto") != old {
			t.Error("saved in the wrong Secret")
		}
		ga, _ := w.reconcile("main")
		w.is(ga, "CredentialsValid", "True Authenticated")
		if w.held("goto") || !w.held("renamed") || w.live("main") != acct {
			t.Errorf("held: old %v, new %v", w.held("goto"), w.held("renamed"))
		}
	})
}

// Somebody else's intention is not overwritten: another client's token, or a new one that was not tried yet.
func TestARotatedTokenOverwritesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		acct := w.live("main")
		w.set("goto", v1alpha1.SecretKeyRefreshToken, "a new one")
		time.Sleep(rotation)
		w.must(acct.Refresh(t.Context()))
		if w.token("goto") != "a new one" {
			t.Errorf("overwritten by %q before it was tried", w.token("goto"))
		}
		w.reconcile("main")
		if w.token("goto") == "a new one" {
			t.Error("it does not work, and the live one is not saved")
		}
	})
}

// GoTo replaces the token in the very first request, and it cannot be saved: it is not lost with the attempt.
func TestATokenThatCouldNotBeSavedIsNotLost(t *testing.T) {
	for name, meanwhile := range map[string]func(*world){
		"tried again": func(*world) {},
		"the account put back": func(w *world) {
			w.tearOut("main")
			w.once("main")
			w.account("main", another)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				time.Sleep(rotation)
				w.account("main")
				w.failSave = errors.New("etcd is full")
				ga, _ := w.reconcile("main")
				w.is(ga, "Reconciling", "True TokenNotSaved")
				meanwhile(w)
				w.reconcile("main")
				w.failSave = nil
				time.Sleep(retried)
				w.reconcile("main") // the Secret that it read is not the newest any more
				ga, _ = w.reconcile("main")
				w.is(ga, "Ready", "True Connected")
				w.restart()
				ga, _ = w.reconcile("main")
				w.is(ga, "Ready", "True Connected")
			})
		})
	}
}

// Nothing of the credentials stands in what people see.
func TestNothingSecretIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		dead := rotated(w)
		w.set("goto", v1alpha1.SecretKeyRefreshToken, dead)
		ga, _ := w.reconcile("main")
		for _, c := range ga.Status.Conditions {
			if strings.Contains(c.Message, simulator.DefaultRefreshToken) {
				t.Errorf("%s: %s", c.Type, c.Message)
			}
		}
		if strings.Contains(ga.Annotations[v1alpha1.IdentityAnnotation], "token") {
			t.Error(ga.Annotations)
		}
	})
}

// hanging gives no answer to a client of that id.
type hanging struct{ next http.RoundTripper }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if id, _, ok := r.BasicAuth(); ok && id == "hanging" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return h.next.RoundTrip(r)
}

func TestAnAccountThatDoesNotAnswerHoldsNobodyUpForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start(hanging{inprocess.Transport(w.sim.APIHandler())})
		w.set("goto", v1alpha1.SecretKeyClientID, "hanging")
		w.account("main")
		began := time.Now()
		ga, _ := w.reconcile("main")
		w.is(ga, "Reconciling", "True Unreachable")
		if d := time.Since(began); d > 20*time.Second {
			t.Errorf("a worker was occupied for %s", d)
		}
		time.Sleep(time.Minute)
	})
}

func TestOutlives(t *testing.T) {
	live := gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, ClientID: "c", ClientSecret: "s", RefreshToken: "live"}
	with := func(f func(*gotoclient.Credentials)) gotoclient.Credentials { c := live; f(&c); return c }
	invalid := error(&gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant})
	rows := map[string]struct {
		found gotoclient.Credentials
		err   error
		want  bool
	}{
		"a dead token":            {with(func(c *gotoclient.Credentials) { c.RefreshToken = "dead" }), invalid, true},
		"no token":                {with(func(c *gotoclient.Credentials) { c.RefreshToken = "" }), nil, true},
		"a token that may work":   {with(func(c *gotoclient.Credentials) { c.RefreshToken = "x" }), errors.New("no answer"), false},
		"another client":          {with(func(c *gotoclient.Credentials) { c.ClientID, c.RefreshToken = "d", "x" }), invalid, false},
		"another client's secret": {with(func(c *gotoclient.Credentials) { c.ClientSecret = "t" }), invalid, false},
		"another grant":           {gotoclient.Credentials{Grant: gotoclient.GrantPassword, ClientID: "c", ClientSecret: "s"}, invalid, false},
		"nothing":                 {gotoclient.Credentials{}, nil, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			if got := outlives(live, row.found, row.err); got != row.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func readyMessage(ga *v1alpha1.GoToAccount) string {
	return meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady).Message
}

// Accounts are locked for wrong credentials. Each attempt to connect has a client of its own, and so has each account, but what the token
// endpoint has said of an OAuth client, or of credentials, is known to all of them. Once it says something else they connect by themselves.
func TestAttemptsKnowWhatTheTokenEndpointHasSaid(t *testing.T) {
	for name, row := range map[string]struct {
		fault simulator.Fault
		most  int // token requests in 10 minutes
	}{
		"a refusal of an unknown form": {simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 401}, 10},
		"Retry-After":                  {simulator.Fault{Kind: simulator.FaultThrottle, RetryAfter: 5 * time.Minute}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				row.fault.Operation = simulator.OpToken
				w.sim.Inject(row.fault)
				names := []string{"main", "twin"}
				pass := func(d time.Duration) {
					for began := time.Now(); time.Since(began) < d; time.Sleep(time.Second) {
						for _, name := range names {
							w.once(name)
						}
					}
				}
				for _, name := range names {
					w.account(name, byPAT)
				}
				pass(10 * time.Minute)
				if n := w.sim.Calls()[simulator.OpToken]; n < 2 || n > row.most {
					t.Errorf("%d token requests in 10 minutes", n)
				}
				w.sim.ClearFaults()
				pass(10 * time.Minute)
				for _, name := range names {
					w.is(w.get(name), v1alpha1.ConditionReady, "True Connected")
				}
				w.stop()
				synctest.Wait()
			})
		})
	}
}

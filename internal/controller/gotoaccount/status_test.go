package gotoaccount

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func contested(u *v1alpha1.GoToUser) {
	meta.SetStatusCondition(&u.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionContested, Status: metav1.ConditionTrue, Reason: "Contested"})
}

func TestContested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		ga, _ := w.reconcile("main")
		if _, there := states(ga)["Contested"]; there {
			t.Error("said of an account where nothing ever was")
		}
		w.told()
		fay, zoe := w.user(namespace, "fay", contested), w.user("elsewhere", "zoe", contested)
		ga, _ = w.reconcile("main")
		w.is(ga, "Contested", "True Contested")
		if c := meta.FindStatusCondition(ga.Status.Conditions, "Contested"); !strings.HasPrefix(c.Message, "2 objects") {
			t.Error(c.Message)
		}
		w.writes = 0
		w.reconcile("main")
		if d := cmp.Diff(map[string]int{"Contested": 1}, w.told()); d != "" || w.writes > 0 {
			t.Error(d, w.writes)
		}
		for _, u := range []*v1alpha1.GoToUser{fay, zoe} {
			before := u.DeepCopy()
			u.Status.Conditions = nil
			if !countsDiffer(before, u) {
				t.Error("the account is not started")
			}
			w.must(w.kube.Status().Update(t.Context(), u))
		}
		ga, _ = w.reconcile("main")
		w.is(ga, "Contested", "False Uncontested")
		w.writes = 0
		w.reconcile("main")
		if w.writes > 0 {
			t.Errorf("%d writes", w.writes)
		}
	})
}

func TestAnObservedAccountSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.ManagementPolicy = v1alpha1.Observe })
		ga, _ := w.reconcile("main")
		if got := readyMessage(ga); got != "connected; nothing is written to GoTo (managementPolicy Observe)" {
			t.Error(got)
		}
	})
}

// Objects in namespaces that the account does not allow could do nothing with it, and hold nothing up.
func TestWhoHoldsAnAccount(t *testing.T) {
	selector := v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"goto": "yes"}}}
	invalid := v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector,
		Selector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "goto", Operator: "Like"}}}}
	rows := map[string]struct {
		allowed v1alpha1.AllowedNamespaces
		want    bool
	}{
		"the same namespace only": {v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSame}, false},
		"all":                     {v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll}, true},
		"its label":               {selector, true},
		"an invalid selector":     {invalid, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.must(w.kube.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "other", Labels: map[string]string{"goto": "yes"}}}))
				w.account("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.AllowedNamespaces = row.allowed })
				w.reconcile("main")
				w.user("other", "fay")
				w.user("no such namespace", "zoe")
				w.deleteAccount("main")
				if ga, _ := w.reconcile("main"); (ga != nil) != row.want {
					t.Errorf("held: %v, want %v", ga != nil, row.want)
				}
			})
		})
	}
}

func TestBrakeLimits(t *testing.T) {
	ga := &v1alpha1.GoToAccount{}
	want := brake.Same(time.Hour, brake.Limit{Percent: 5, Minimum: 3, Maximum: 500})
	if d := cmp.Diff(want, brakeLimits(ga)); d != "" {
		t.Error(d)
	}
	nine := int32(9)
	ga.Spec.Brake.Meetings.Minimum, ga.Spec.Brake.Window.Duration = &nine, time.Minute
	want.Kinds[brake.Meetings], want.Window = brake.Limit{Percent: 5, Minimum: 9, Maximum: 500}, time.Minute
	if d := cmp.Diff(want, brakeLimits(ga)); d != "" {
		t.Error(d)
	}
}

// What was taken stays counted, whether the account is connected anew, suspended for a while, or replaced, or the operator restarted.
func TestTheBrakeOutlivesAConnection(t *testing.T) {
	rows := map[string]func(*world){
		"connected anew": func(w *world) { w.change("main", byPAT) },
		"suspended": func(w *world) {
			w.change("main", suspended)
			w.reconcile("main")
			w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = false })
		},
		"restarted": func(w *world) { w.restart() },
		"replaced": func(w *world) {
			w.tearOut("main")
			w.account("main", another)
		},
		"replaced, and seen to be gone": func(w *world) {
			w.tearOut("main")
			w.once("main")
			w.account("main", another)
		},
		"restarted, and replaced before it is connected": func(w *world) {
			w.change("main", suspended)
			w.restart()
			w.reconcile("main")
			w.tearOut("main")
			w.account("main", another)
		},
		"replaced while it is not connected, and restarted": func(w *world) {
			w.change("main", suspended)
			w.reconcile("main")
			w.tearOut("main")
			w.account("main", another, suspended)
			w.reconcile("main")
			w.restart()
			w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = false })
		},
	}
	for name, happens := range rows {
		for _, kind := range brake.Kinds() {
			t.Run(name+", "+string(kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { theBrakeOutlives(t, kind, happens) })
			})
		}
	}
}

func theBrakeOutlives(t *testing.T, kind brake.Kind, happens func(*world)) {
	t.Helper()
	w := newWorld(t)
	w.account("main")
	w.reconcile("main")
	acct := w.live("main")
	for range 3 {
		ticket, err := acct.Deletions().Take(t.Context(), kind)
		w.must(err)
		w.must(ticket.Use(t.Context()))
	}
	recorded := func(ga *v1alpha1.GoToAccount) {
		t.Helper()
		if r := ga.Status.Deletions.Recent; len(r) != 1 || r[0].Kind != v1alpha1.DeletionKind(kind) || *r[0].Count != 3 {
			t.Errorf("recorded: %+v", r)
		}
	}
	recorded(w.get("main"))
	happens(w)
	ga, _ := w.reconcile("main")
	w.is(ga, "Ready", "True Connected")
	recorded(ga)
	if w.live("main") == acct {
		t.Fatal("not connected anew")
	}
	for _, k := range brake.Kinds() {
		if _, err := w.live("main").Deletions().Take(t.Context(), k); (err == nil) != (k != kind) {
			t.Errorf("one more of %s: %v", k, err)
		}
	}
	if d := cmp.Diff(v1alpha1.DeletionLimits{Users: 3, Groups: 3, Meetings: 3, Licenses: 3, Definitions: 3}, ga.Status.Deletions.Limits); d != "" {
		t.Error(d)
	}
}

// An approval is gone with the object that had it.
func TestAnApprovalIsOfOneObject(t *testing.T) {
	for name, seen := range map[string]bool{"replaced": false, "replaced, and seen to be gone": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.account("main", func(ga *v1alpha1.GoToAccount) {
					ga.Annotations = map[string]string{v1alpha1.ApproveDeletionsUntilAnnotation: time.Now().Add(time.Hour).Format(time.RFC3339)}
				})
				w.reconcile("main")
				b := w.live("main").Deletions().Brake()
				var tickets []*brake.Ticket
				for range 4 {
					ticket, err := b.Take(t.Context(), brake.Users, 1)
					w.must(err)
					tickets = append(tickets, ticket)
				}
				w.tearOut("main")
				if !seen {
					w.account("main", another)
				}
				w.once("main")
				if err := brake.Use(brake.With(t.Context(), tickets...)); err == nil {
					t.Error("four are made, and nobody approves")
				}
			})
		})
	}
}

// A deletion that is allowed and waits keeps its place, though the record no longer has it.
func TestWhatWaitsOutlivesAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.account("main")
		w.reconcile("main")
		for range 3 {
			_, err := w.live("main").Deletions().Take(t.Context(), brake.Users)
			w.must(err)
		}
		time.Sleep(2 * time.Minute)
		if ga, _ := w.reconcile("main"); len(ga.Status.Deletions.Recent) > 0 {
			t.Errorf("recorded: %+v", ga.Status.Deletions.Recent)
		}
		w.change("main", byPAT)
		w.reconcile("main")
		if _, err := w.live("main").Deletions().Take(t.Context(), brake.Users); err == nil {
			t.Error("six deletions are allowed")
		}
	})
}

// An approval that is withdrawn while a deletion waits for the request budget stops it, whatever else of the account cannot be worked on.
func TestAWithdrawnApprovalStopsARequestThatWaits(t *testing.T) {
	fails := interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errors.New("no answer")
		},
		List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
			return errors.New("no answer")
		},
	}
	for name, meanwhile := range map[string]func(*world){
		"nothing fails": func(*world) {},
		"no Secret can be read": func(w *world) {
			w.operator.Secrets = interceptor.NewClient(w.kube, fails)
		},
		"no object can be counted": func(w *world) {
			w.operator.Client = interceptor.NewClient(w.kube, interceptor.Funcs{List: fails.List})
		},
		"the account is being deleted": func(w *world) { w.must(w.kube.Delete(w.Context(), w.get("main"))) },
	} {
		t.Run(name, func(t *testing.T) { withdraw(t, meanwhile) })
	}
}

func withdraw(t *testing.T, meanwhile func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		none := int32(0)
		w.account("main", func(ga *v1alpha1.GoToAccount) {
			ga.Spec.RequestBudget.RequestsPerSecond = 1
			ga.Spec.Brake.Users = v1alpha1.BrakeLimit{Percent: &none, Minimum: &none}
			ga.Annotations = map[string]string{v1alpha1.ApproveDeletionsUntilAnnotation: time.Now().Add(time.Hour).Format(time.RFC3339)}
		})
		for _, name := range []string{"fay", "zoe", "may"} {
			w.sim.AddUser(ours, simulator.User{Email: name + "@example.test", FirstName: "F", LastName: "L"})
		}
		w.reconcile("main")
		acct := w.live("main")
		time.Sleep(time.Minute)
		results := make(chan error)
		for _, name := range []string{"fay", "zoe", "may"} {
			u, _ := acct.Users().ByEmail(name + "@example.test")
			go func() { results <- acct.Users().Delete(context.WithoutCancel(t.Context()), u.Key) }()
		}
		synctest.Wait()
		w.change("main", func(ga *v1alpha1.GoToAccount) { delete(ga.Annotations, v1alpha1.ApproveDeletionsUntilAnnotation) })
		meanwhile(w)
		w.once("main")
		blocked := 0
		for range 3 {
			if <-results != nil {
				blocked++
			}
		}
		if n := len(w.sim.Users(ours)); blocked != 2 || n != 3 {
			t.Errorf("%d stopped, %d users left; one was under way", blocked, n)
		}
	})
}

func TestRecordedTimesAreRoundedUp(t *testing.T) {
	at := time.Date(2030, 1, 1, 0, 0, 0, 1, time.UTC)
	got := toStatus([]brake.Allotment{{Kind: brake.Users, Time: at, Count: 1}, {Kind: brake.Users, Time: at.Truncate(time.Second), Count: 1}})
	if !got[0].Time.Equal(&metav1.Time{Time: at.Truncate(time.Second).Add(time.Second)}) || !got[1].Time.Time.Equal(at.Truncate(time.Second)) {
		t.Errorf("%v", got)
	}
}

package gotouser

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

const license = simulator.DefaultWebinarLicenseKey

// team is a world with two groups that the user can be in, and a binding that gives it a licence.
type team struct {
	*world

	binding       *v1alpha1.GoToLicenseBinding
	first, second string // keys of the groups
}

func newTeam(t *testing.T) team {
	t.Helper()
	w := team{world: newWorld(t)}
	w.Said = nil // what is recorded before a change stands beside conditions of the generation before
	w.first, w.second = w.group(t, "first"), w.group(t, "second")
	w.binding = &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Name: "webinars", Finalizers: []string{v1alpha1.Finalizer}}}
	kindtest.Apply(t, w.Kube, w.binding, func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.AccountRef.Name, b.Spec.License.Key = kindtest.Account, license
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"webinars": "yes"}}}}
	})
	return w
}

// group puts a group into GoTo and an object for it into Kubernetes.
func (w team) group(t *testing.T, name string) string {
	t.Helper()
	key := w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: name})
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := kindtest.Apply(t, w.Kube, &v1alpha1.GoToGroup{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(g *v1alpha1.GoToGroup) {
		g.Spec.AccountRef.Name, g.Spec.Name = kindtest.Account, name
	})
	g.Status.GroupKey = v1alpha1.Key(key)
	if err := w.Kube.Status().Update(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	return key
}

// holds is true once GoTo holds that much, and the object says so.
func (w team) holds(t *testing.T, group string, licensed bool) func(*v1alpha1.GoToUser, bool) bool {
	t.Helper()
	return func(u *v1alpha1.GoToUser, there bool) bool {
		r, ok := w.remote()
		return ok && kindtest.Ready(u, there) && r.GroupKey == group && slices.Contains(r.LicenseKeys, license) == licensed &&
			len(u.Status.GivenLicenses) == len(r.LicenseKeys)
	}
}

func in(group string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = group }
}

func licensed(u *v1alpha1.GoToUser)   { u.Labels = map[string]string{"webinars": "yes"} }
func unlicensed(u *v1alpha1.GoToUser) { u.Labels = nil }

// step is a change of the object, and what GoTo has to hold in the end.
type step struct {
	name     string
	change   func(*v1alpha1.GoToUser)
	group    func(team) string
	licensed bool
}

func first(w team) string  { return w.first }
func second(w team) string { return w.second }
func none(team) string     { return "" }

// steps are all that can happen to a user's group and licences. They are taken one after another.
var steps = []step{
	{"into a group, with a licence", func(u *v1alpha1.GoToUser) { in("first")(u); licensed(u) }, first, true},
	{"moved", in("second"), second, true},
	{"moved and renamed", func(u *v1alpha1.GoToUser) { in("first")(u); u.Spec.LastName = "Byron" }, first, true},
	{"licence taken", unlicensed, first, false},
	{"licence given", licensed, first, true},
	{"all at once", func(u *v1alpha1.GoToUser) { in("second")(u); unlicensed(u); u.Spec.LastName = "King" }, second, false},
	{"out of the group", in(""), none, false},
}

// TestEveryCallOfEveryStepFails lets each request that a step makes fail in every way, in every position of the switches that
// decide which requests those are. In the end GoTo holds what the object says, and a user who moves is never taken out.
func TestEveryCallOfEveryStepFails(t *testing.T) {
	t.Parallel()
	operations := map[string]bool{ // and whether a fault was met
		gotoclient.OpCreateUsers: false, gotoclient.OpUpdateUsers: false, gotoclient.OpMoveUsers: false, gotoclient.OpLeaveGroups: false,
		gotoclient.OpRemoveSeat: false, gotoclient.OpGetUser: false,
	}
	for _, position := range []string{"applied", "ignored"} {
		for row, faults := range kindtest.Faults(gotoclient.OpListUsers) {
			for operation := range operations {
				t.Run(fmt.Sprintf("%s at %s, groups %s", row, operation, position), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						if everyStepFails(t, position, operation, faults) {
							operations[operation] = true
						}
					})
				})
			}
		}
	}
	for operation, met := range operations {
		if !met {
			t.Errorf("no %s met its fault: it proves nothing", operation)
		}
	}
}

func everyStepFails(t *testing.T, position, operation string, faults []simulator.Fault) (met bool) {
	t.Helper()
	w := newTeam(t)
	if position == "ignored" {
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.GroupKeyInPut, s.LicenseKeysInPut = "ignored", "merge" })
	}
	w.apply(t, asIs)
	u := w.object(t)
	for _, s := range steps {
		w.apply(t, s.change)
		w.Inject(faults, operation)
		w.Until(t, u, w.holds(t, s.group(w), s.licensed))
		if n := w.Sim.Calls()[gotoclient.OpLeaveGroups]; n > 0 && s.group(w) != "" {
			t.Errorf("%s: the user was in no group for a moment", s.name)
		}
		met = met || w.Struck(operation)
	}
	if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 2 {
		t.Errorf("%d users beside the administrator", n-1)
	}
	return met
}

// TestKilledAtEveryWriteOfEveryStep ends the process at each of its writes to Kubernetes: what follows knows nothing but what
// Kubernetes and GoTo hold then. A licence that was given is known to be given, so that it can be taken away.
func TestKilledAtEveryWriteOfEveryStep(t *testing.T) {
	t.Parallel()
	killed, last := errors.New("killed"), 0
	for at := 1; at == 1 || at <= last; at++ {
		synctest.Test(t, func(t *testing.T) {
			w := newTeam(t)
			w.FailWrite = func(n int) error {
				if n == at {
					return killed
				}
				return nil
			}
			w.apply(t, asIs)
			u := w.object(t)
			for _, s := range steps {
				w.apply(t, s.change)
				w.Until(t, u, w.holds(t, s.group(w), s.licensed))
			}
			last = w.Writes
		})
	}
	if last < 10 {
		t.Errorf("a life of %d writes: some are missing", last)
	}
}

// TestABindingThatIsGoneTakesNothing: only one that is there can say that it gives no longer.
func TestABindingThatIsGoneTakesNothing(t *testing.T) {
	synctest.Test(t, bindingThatIsGone)
}

func bindingThatIsGone(t *testing.T) {
	w := newTeam(t)
	w.apply(t, licensed)
	u := w.object(t)
	w.Until(t, u, w.holds(t, "", true))
	w.binding.Finalizers = nil
	if err := w.Kube.Update(t.Context(), w.binding); err != nil {
		t.Fatal(err)
	}
	if err := w.Kube.Delete(t.Context(), w.binding); err != nil {
		t.Fatal(err)
	}
	w.apply(t, unlicensed)
	for range 3 {
		if err := w.reconcile(t); err != nil {
			t.Fatal(err)
		}
	}
	if r, _ := w.remote(); !slices.Contains(r.LicenseKeys, license) {
		t.Errorf("the licence was taken: %+v", r)
	}
	if kindtest.Object(t, w.Kube, u); len(u.Status.GivenLicenses) != 0 {
		t.Errorf("the record of who gave it is still there: %+v", u.Status.GivenLicenses)
	}
}

// TestTheRecordOutlivesAPlanThatDoesNotKnow: what the plan does not speak of stays recorded. Otherwise the binding would never
// take the licence back, and its seat would be lost.
func TestTheRecordOutlivesAPlanThatDoesNotKnow(t *testing.T) {
	rows := map[string]struct {
		says entitlement.User
		has  []gotoclient.Key
		want int // records
	}{
		"nothing":                     {has: []gotoclient.Key{"1"}, want: 1},
		"nothing, and it is not seen": {want: 1},
		"waiting":                     {says: entitlement.User{Waiting: []entitlement.Waiting{{License: "1", Place: 1}}}, has: []gotoclient.Key{"1"}, want: 1},
		"another is given":            {says: entitlement.User{Give: map[gotoclient.Key][]string{"2": {"b"}}}, has: []gotoclient.Key{"1"}, want: 1},
		"taken, and still there":      {says: entitlement.User{Take: []gotoclient.Key{"1"}}, has: []gotoclient.Key{"1"}, want: 1},
		"taken":                       {says: entitlement.User{Take: []gotoclient.Key{"1"}}},
		"forgotten":                   {says: entitlement.User{Forget: []gotoclient.Key{"1"}}, has: []gotoclient.Key{"1"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u := &v1alpha1.GoToUser{}
			u.Status.GivenLicenses = []v1alpha1.GivenLicense{{Key: "1", Bindings: []string{"b"}}}
			if _, err := judge(u, &wants{entitled: row.says}, &gotoclient.User{Key: "7", LicenseKeys: row.has}); err != nil {
				t.Fatal(err)
			}
			if got := len(u.Status.GivenLicenses); got != row.want {
				t.Errorf("%d licences are recorded, want %d", got, row.want)
			}
		})
	}
}

// A person gives a licence in the console between two readings. The list of licences is written whole, and theirs is not taken away.
func TestALicenceThatNoReadingHasShownYetStays(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ before, after func(*v1alpha1.GoToUser) }{
		"one is given": {unlicensed, licensed}, "one is taken": {licensed, unlicensed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newTeam(t)
				w.apply(t, row.before)
				w.reconcileUntil(t, ready)
				w.Sim.UpdateUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey), func(u *simulator.User) {
					u.LicenseKeys = append(u.LicenseKeys, simulator.DefaultMeetingLicenseKey)
				})
				time.Sleep(5 * time.Minute)
				w.apply(t, row.after)
				w.reconcileUntil(t, ready)
				r, _ := w.remote()
				if !slices.Contains(r.LicenseKeys, simulator.DefaultMeetingLicenseKey) || slices.Contains(r.LicenseKeys, license) != (name == "one is given") {
					t.Errorf("the user has %v", r.LicenseKeys)
				}
			})
		})
	}
}

// A licence that GoTo refused to give, and that a person gives afterwards, is theirs: it stays when the binding goes. One of which it is not
// known whether the request gave it is the binding's.
func TestALicenceThatWasRefusedIsNotTheBindings(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault simulator.Fault
		stays bool
	}{
		"refused": {simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 400, Operation: gotoclient.OpUpdateUsers, Count: 1}, true},
		"lost":    {simulator.Fault{Kind: simulator.FaultCutAfter, Operation: gotoclient.OpUpdateUsers, Count: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newTeam(t)
				w.apply(t, unlicensed)
				w.reconcileUntil(t, ready)
				w.Sim.Inject(row.fault)
				w.apply(t, licensed)
				_ = w.reconcile(t)
				if got := len(w.object(t).Status.GivenLicenses) == 0; got != row.stays {
					t.Fatalf("recorded: %+v", w.object(t).Status.GivenLicenses)
				}
				if row.stays {
					w.Sim.UpdateUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey), func(u *simulator.User) {
						u.LicenseKeys = append(u.LicenseKeys, license)
					})
				}
				w.Restart(t) // what is in memory alone does not count
				w.reconcileUntil(t, ready)
				w.apply(t, unlicensed)
				w.reconcileUntil(t, ready)
				if r, _ := w.remote(); slices.Contains(r.LicenseKeys, license) != row.stays {
					t.Errorf("the user has %v", r.LicenseKeys)
				}
			})
		})
	}
}

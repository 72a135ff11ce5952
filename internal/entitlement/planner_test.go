package entitlement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

const webinars = simulator.DefaultWebinarLicenseKey

var example = named("example")

// office is a planner of one account, with what it reads counted.
type office struct {
	*Planner

	kube               client.Client
	registry           *account.Registry
	acct               *account.Account
	userLists, updates atomic.Int32 // an update lists the groups once
	told               []Affected
}

func newOffice(t *testing.T, objects ...client.Object) *office {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: example.Namespace, Name: example.Name, UID: "uid"}}
	b := fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(objects, ga)...)
	for _, kind := range engine.Kinds(scheme) {
		b.WithIndex(kind, engine.IndexAccount, func(o client.Object) []string {
			obj, _ := o.(engine.Object)
			return []string{engine.AccountName(obj).String()}
		})
	}
	o := &office{registry: account.NewRegistry(), acct: connected(t)}
	o.kube = interceptor.NewClient(b.Build(), interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			switch list.(type) {
			case *v1alpha1.GoToUserList:
				o.userLists.Add(1)
			case *v1alpha1.GoToGroupList:
				o.updates.Add(1)
			}
			return c.List(ctx, list, opts...)
		},
	})
	o.registry.Put("uid", o.acct)
	o.Planner = NewPlanner(o.kube, o.registry)
	o.Subscribe(func(a Affected) { o.told = append(o.told, a) })
	return o
}

// connected is an account of the simulator that was read once.
func connected(t *testing.T) *account.Account {
	t.Helper()
	sim := simulator.New(simulator.Options{Rate: simulator.NoRateLimit})
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: simulator.DefaultPersonalAccessToken,
		},
		Base: inprocess.Transport(sim.APIHandler()),
	})
	if err != nil {
		t.Fatal(err)
	}
	me, err := cl.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	acct := account.New(t.Context(), account.Options{Client: cl, Limiter: budget.NewLimiter(1000), Me: me, Key: simulator.DefaultAccountKey})
	if err := acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return acct
}

func (o *office) refresh(t *testing.T) Affected {
	t.Helper()
	o.told = nil
	if _, err := o.Refresh(t.Context(), example); err != nil {
		t.Fatal(err)
	}
	if len(o.told) == 0 {
		return Affected{}
	}
	return o.told[0]
}

// ask asks for a user as the cache has it, as its reconcile does.
func (o *office) ask(t *testing.T, name string) User {
	t.Helper()
	u := &v1alpha1.GoToUser{}
	if err := o.kube.Get(t.Context(), named(name), u); err != nil {
		t.Fatal(err)
	}
	said, err := o.User(t.Context(), o.acct, u)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// change changes a user in the cache.
func (o *office) change(t *testing.T, name string, f func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
	t.Helper()
	u := &v1alpha1.GoToUser{}
	if err := o.kube.Get(t.Context(), named(name), u); err != nil {
		t.Fatal(err)
	}
	f(u)
	if err := o.kube.Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u
}

func objectsOf(users ...string) (out []client.Object) {
	s := &scene{}
	for _, name := range users {
		s.user(name, func(u *v1alpha1.GoToUser) {
			u.Spec.Email, u.Spec.AccountRef.Name = name+"@example.test", example.Name
		})
	}
	for i := range s.users {
		out = append(out, &s.users[i])
	}
	return out
}

// vips is a binding of those with a label.
func vips() client.Object {
	s := &scene{}
	s.binding("vips", func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.AccountRef.Name, b.Spec.License.Key = example.Name, webinars
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"vip": "yes"}}}}
	})
	return s.bindings[0]
}

func vip(u *v1alpha1.GoToUser) { u.Labels = map[string]string{"vip": "yes"} }

// A change of one user reads that one, and tells only whom it concerns.
func TestAChangeReadsWhatChanged(t *testing.T) {
	o := newOffice(t, append(objectsOf("ada", "eve", "zoe"), vips())...)
	o.refresh(t)
	for _, name := range []string{"ada", "eve", "zoe"} {
		o.ask(t, name)
	}
	o.Changed(o.change(t, "eve", vip))
	if d := cmp.Diff(Affected{Users: []types.NamespacedName{named("eve")}}, o.refresh(t)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(User{Give: map[gotoclient.Key][]string{webinars: {"vips"}}}, o.ask(t, "eve")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Affected{}, o.refresh(t)); d != "" {
		t.Errorf("told twice: %s", d)
	}
	if n := o.userLists.Load(); n != 1 {
		t.Errorf("all users were listed %d times", n)
	}
}

// Of many some are told to act, and more as those come, or when nothing has been heard of them for a while: each once.
func TestManyAreToldAFewAtATime(t *testing.T) {
	const few, come = 500, 100
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range mostExpected + few {
			names = append(names, fmt.Sprint("user-", i))
		}
		objects := append(objectsOf(names...), vips())
		for _, o := range objects {
			o.SetLabels(map[string]string{"vip": "yes"})
		}
		o, told := newOffice(t, objects...), map[types.NamespacedName]bool{}
		tell := func(want int, more bool) {
			t.Helper()
			o.told = nil
			again, err := o.Refresh(t.Context(), example)
			if err != nil || (again > 0) != more || len(o.told[0].Users) != want {
				t.Fatalf("%d were told, and the next %s later: %v", len(o.told[0].Users), again, err)
			}
			for _, name := range o.told[0].Users {
				if told[name] {
					t.Errorf("%s is told twice", name)
				}
				told[name] = true
			}
		}
		tell(mostExpected, true)
		tell(0, true)
		for _, name := range slices.Collect(maps.Keys(told))[:come] {
			o.Arrived(o.acct, o.change(t, name.Name, vip))
		}
		tell(come, true)
		time.Sleep(longestExpectation + time.Second)
		tell(few-come, false)
	})
}

// Who goes is not in the plan any more; who is unserved is told again.
func TestWhoGoesAndWhoIsUnserved(t *testing.T) {
	o := newOffice(t, append(objectsOf("ada", "eve"), vips())...)
	o.change(t, "ada", vip)
	eve := o.change(t, "eve", vip)
	o.refresh(t)
	o.ask(t, "ada")
	o.ask(t, "eve")
	o.Unserved(eve)
	if d := cmp.Diff([]types.NamespacedName{named("eve")}, o.refresh(t).Users); d != "" {
		t.Error(d)
	}
	if err := o.kube.Delete(t.Context(), eve); err != nil {
		t.Fatal(err)
	}
	o.Changed(eve)
	o.refresh(t)
	b := vips().(*v1alpha1.GoToLicenseBinding)
	said, err := o.Binding(t.Context(), o.acct, b)
	if err != nil || said.Selected != 1 {
		t.Errorf("%+v, %v", said, err)
	}
}

// Who could not act when a seat came free is told when it can: nothing of the plan is different then.
func TestWhoCanActAgainIsTold(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "zoe"} // one more than there are seats
	o := newOffice(t, append(objectsOf(names...), vips())...)
	for _, name := range names {
		o.change(t, name, vip)
	}
	o.refresh(t)
	if said := o.ask(t, "zoe"); len(said.Waiting) != 1 {
		t.Fatalf("%+v", said)
	}
	o.Changed(o.change(t, "zoe", func(u *v1alpha1.GoToUser) {
		u.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonConflict}}
	}))
	o.refresh(t)
	o.Changed(o.change(t, "a", func(u *v1alpha1.GoToUser) { u.Labels = nil }))
	o.refresh(t)
	o.Changed(o.change(t, "zoe", func(u *v1alpha1.GoToUser) { u.Status.Conditions = nil }))
	if d := cmp.Diff([]types.NamespacedName{named("zoe")}, o.refresh(t).Users); d != "" {
		t.Error(d)
	}
}

// No seat is kept for who waits for another object to give something up: that one may wait as well.
func TestWhoIsInConflictKeepsNoSeatFree(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "zoe"} // one more than there are seats
	o := newOffice(t, append(objectsOf(names...), vips())...)
	for _, name := range names {
		o.change(t, name, vip)
	}
	o.Changed(o.change(t, "a", func(u *v1alpha1.GoToUser) {
		u.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonConflict}}
	}))
	o.refresh(t)
	if said := o.ask(t, "zoe"); len(said.Give) != 1 {
		t.Errorf("%+v", said)
	}
}

// An object at hand that is older than the cache has it says nothing for long.
func TestTheCacheHasTheLastWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, append(objectsOf("ada"), vips())...)
		old := o.change(t, "ada", vip)
		o.Changed(o.change(t, "ada", func(u *v1alpha1.GoToUser) { u.Labels = nil }))
		o.refresh(t)
		if said, err := o.User(t.Context(), o.acct, old); err != nil || len(said.Give) != 1 {
			t.Fatalf("as it was at hand: %+v, %v", said, err)
		}
		if d := cmp.Diff([]types.NamespacedName{named("ada")}, o.refresh(t).Users); d != "" {
			t.Error(d)
		}
		if said := o.ask(t, "ada"); len(said.Give) > 0 {
			t.Errorf("%+v", said)
		}
	})
}

// There is no plan while there is nothing to plan, and what there was is let go.
func TestNoPlanWhereThereIsNothingToPlan(t *testing.T) {
	o := newOffice(t, objectsOf("ada", "eve")...)
	o.refresh(t)
	if said := o.ask(t, "ada"); len(said.Give) > 0 || o.userLists.Load()+o.updates.Load() > 0 {
		t.Errorf("%+v, and users were listed %d times", said, o.userLists.Load())
	}
	if l := o.Licenses(example); l == nil || len(l) > 0 {
		t.Errorf("of the licences it is not known that there is nothing to say: %v", l)
	}
	b := vips()
	if err := o.kube.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	o.change(t, "ada", vip)
	if d := cmp.Diff([]types.NamespacedName{named("ada")}, o.refresh(t).Users); d != "" {
		t.Error(d)
	}
	o.ask(t, "ada")
	if err := o.kube.Delete(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	letGo(t, o.kube, "vips")
	if d := cmp.Diff([]types.NamespacedName{named("ada")}, o.refresh(t).Users); d != "" {
		t.Errorf("ada is to know that she is to have nothing: %s", d)
	}
	o.refresh(t)
	if a := o.Known(example); a.plan != nil {
		t.Error("the plan is still there")
	}
}

// letGo takes the finalizer from a binding that is being deleted.
func letGo(t *testing.T, kube client.Client, name string) {
	t.Helper()
	b := &v1alpha1.GoToLicenseBinding{}
	if err := kube.Get(t.Context(), named(name), b); err != nil {
		t.Fatal(err)
	}
	b.Finalizers = nil
	if err := kube.Update(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// The planner forgets an account that is gone, or not in use, with its live account and its snapshot.
func TestThePlannerForgetsAnAccount(t *testing.T) {
	for _, what := range []string{"gone", "not in use"} {
		t.Run(what, func(t *testing.T) {
			o := newOffice(t, append(objectsOf("ada"), vips())...)
			if o.refresh(t); o.Known(example) == nil {
				t.Fatal("there was no plan")
			}
			o.registry.Remove("uid")
			if what == "gone" {
				if err := o.kube.Delete(t.Context(), &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: example.Namespace, Name: example.Name}}); err != nil {
					t.Fatal(err)
				}
			}
			if o.refresh(t); o.Known(example) != nil {
				t.Error("the plan is still there")
			}
		})
	}
}

// Users that come together are in one update, and the time in which they are gathered follows what the last one cost.
func TestUsersThatComeTogetherAreInOneUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 50 {
			names = append(names, fmt.Sprint("user-", i))
		}
		o := newOffice(t, append(objectsOf("ada"), vips())...)
		o.refresh(t)
		a := o.Known(example)
		a.cost.Store(int64(400 * time.Millisecond))
		if d := o.Delay(example, time.Second); d != 1600*time.Millisecond {
			t.Errorf("changes are gathered for %v", d)
		}
		began, before := time.Now(), o.updates.Load()
		var all sync.WaitGroup
		for _, u := range objectsOf(names...) {
			vip(u.(*v1alpha1.GoToUser))
			if err := o.kube.Create(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			o.Changed(u.(*v1alpha1.GoToUser))
		}
		given := make([]int, len(names))
		for i, name := range names {
			all.Go(func() { given[i] = len(o.ask(t, name).Give) })
		}
		all.Wait()
		if n := o.updates.Load() - before; n != 1 || time.Since(began) != 1600*time.Millisecond {
			t.Errorf("%d updates, after %v", n, time.Since(began))
		}
		served := 0
		for _, n := range given {
			served += n
		}
		if free := o.acct.Licenses().Seats()[webinars].Free; served != free {
			t.Errorf("%d users were given one of %d seats", served, free)
		}
		if oldest := slices.Index(given, 0); oldest != served {
			t.Errorf("user %d waits, and a younger one does not", oldest)
		}
	})
}

// Whoever asks about a user goes on to change its status, in place: what the plan keeps is not that.
func TestAPlanKeepsNothingOfWhoeverAsks(t *testing.T) {
	o := newOffice(t, append(objectsOf("ada"), vips())...)
	o.refresh(t)
	u := o.change(t, "ada", vip)
	u.Status.GivenLicenses = []v1alpha1.GivenLicense{{Key: "7", Bindings: []string{"vips"}}}
	if _, err := o.User(t.Context(), o.acct, u); err != nil {
		t.Fatal(err)
	}
	u.Status.GivenLicenses[0] = v1alpha1.GivenLicense{}
	if kept := o.Of(example).plan.users[named("ada")].given; len(kept) != 1 || kept[0].Key != "7" {
		t.Errorf("%+v", kept)
	}
}

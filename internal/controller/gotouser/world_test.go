package gotouser

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	namespace  = "team"
	accountUID = "account-uid"
	email      = "ada@example.test"
	patience   = 8 // reconciles, of an object that one fault delays
)

var objectName = types.NamespacedName{Namespace: namespace, Name: "ada"}

// world is the real engine, kind, account and client between a simulated GoTo and a simulated Kubernetes.
type world struct {
	sim    *simulator.Simulator
	url    string
	acct   *account.Account
	kube   client.Client
	engine *engine.Reconciler[*v1alpha1.GoToUser, wants, gotoclient.User]
	writes int // of the operator, to Kubernetes
}

func newWorld(t *testing.T, options ...func(*account.Options)) *world {
	t.Helper()
	w := &world{sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}
	server := httptest.NewServer(w.sim.APIHandler())
	t.Cleanup(server.Close)
	t.Cleanup(w.sim.ClearFaults) // before Close, which waits for held requests
	w.url = server.URL
	w.acct = w.connect(t, w.url, options...)
	registry := account.NewRegistry()
	registry.Put(accountUID, w.acct)
	w.kube = w.newKube(t)
	operator := w.watched(t)
	w.engine = &engine.Reconciler[*v1alpha1.GoToUser, wants, gotoclient.User]{
		Client: operator, Events: &events.FakeRecorder{}, Registry: registry, Kind: byProvisioning{Kind: Kind{operator, entitlement.NewPlanner(operator, registry)}},
	}
	w.sim.ResetLog()
	return w
}

// connect makes an account whose client shows every failure to the engine instead of trying again by itself. The client
// has no budget: after a 429 that would pause for a second.
func (w *world) connect(t *testing.T, url string, options ...func(*account.Options)) *account.Account {
	t.Helper()
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: url, TokenURL: url + "/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: simulator.DefaultPersonalAccessToken,
		},
		Base:        &http.Transport{DisableKeepAlives: true}, // net/http repeats a GET on a kept-alive connection by itself
		MaxAttempts: 1,
		Backoff:     func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	me, err := cl.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlimited := account.BrakeLimits{Minimum: 100, Maximum: 100, Window: time.Hour}
	record := func(context.Context, []account.Allotment) error { return nil }
	opts := account.Options{
		Client: cl, Limiter: account.NewLimiter(1000), Me: me, Key: simulator.DefaultAccountKey,
		Brake: account.NewBrake(unlimited, nil, record, time.Now),
	}
	for _, change := range options {
		change(&opts)
	}
	acct := account.New(t.Context(), opts)
	if err := acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return acct
}

// indexes gives the fake client the indexes of the manager's cache.
type indexes struct{ *fake.ClientBuilder }

// IndexField adds one.
func (i indexes) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(o, field, extract)
	return nil
}

func (w *world) newKube(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "main", UID: accountUID}}
	b := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.GoToUser{}).WithObjects(ga)
	if err := errors.Join(addIndexes(indexes{b}), engine.AddIndexes(indexes{b}, byProvisioning{}),
		engine.IndexByAccount(indexes{b}, &v1alpha1.GoToGroup{}), engine.IndexByAccount(indexes{b}, &v1alpha1.GoToLicenseBinding{})); err != nil {
		t.Fatal(err)
	}
	return b.Build()
}

// watched is the operator's client: its writes are counted, and no status that it writes may say what is not so.
func (w *world) watched(t *testing.T) client.Client {
	t.Helper()
	inner, _ := w.kube.(client.WithWatch)
	return interceptor.NewClient(inner, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			w.writes++
			return c.Create(ctx, o, opts...)
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			w.writes++
			return c.Update(ctx, o, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			w.writes++
			return c.Patch(ctx, o, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			w.writes++
			err := c.SubResource(sub).Patch(ctx, o, p, opts...)
			if u, ok := o.(*v1alpha1.GoToUser); ok && err == nil {
				w.checkHonest(t, u)
			}
			return err
		},
	})
}

// checkHonest fails if a status says Ready and GoTo does not hold what the spec says.
func (w *world) checkHonest(t *testing.T, u *v1alpha1.GoToUser) {
	t.Helper()
	ready := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != metav1.ConditionTrue || ready.Reason != v1alpha1.ReasonSynced {
		return
	}
	remote, ok := w.sim.UserByEmail(simulator.DefaultAccountKey, u.Spec.Email)
	if !ok || !w.holdsProducts(u, remote) || remote.FirstName != u.Spec.FirstName || !u.DeletionTimestamp.IsZero() || ready.ObservedGeneration != u.Generation {
		t.Errorf("Ready was written of generation %d, while GoTo holds %+v", u.Generation, remote)
	}
}

// apply creates the object, or writes a new spec over the one that exists.
func (w *world) apply(t *testing.T, change func(*v1alpha1.GoToUser)) {
	t.Helper()
	var u v1alpha1.GoToUser
	err := w.kube.Get(t.Context(), objectName, &u)
	if err == nil {
		u.Generation++ // the API server's part
		change(&u)
		err = w.kube.Update(t.Context(), &u)
	} else if apierrors.IsNotFound(err) {
		u = v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: objectName.Name, UID: "user-uid", Generation: 1}}
		u.Spec = v1alpha1.GoToUserSpec{Email: email, FirstName: "Ada", LastName: "Lovelace"}
		u.Spec.AccountRef.Name, u.Spec.ManagementPolicy = "main", v1alpha1.Manage
		change(&u)
		err = w.kube.Create(t.Context(), &u)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func asIs(*v1alpha1.GoToUser) {}

// object returns the object, or nil if it is gone.
func (w *world) object(t *testing.T) *v1alpha1.GoToUser {
	t.Helper()
	var u v1alpha1.GoToUser
	if err := w.kube.Get(t.Context(), objectName, &u); err != nil {
		if !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
		return nil
	}
	return &u
}

func (w *world) remove(t *testing.T) {
	t.Helper()
	if err := w.kube.Delete(t.Context(), w.object(t)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) reconcile(t *testing.T) error {
	t.Helper()
	_, err := w.engine.Reconcile(t.Context(), ctrl.Request{NamespacedName: objectName})
	return err
}

// reconcileUntil does what the queue does, without its waiting.
func (w *world) reconcileUntil(t *testing.T, done func(*v1alpha1.GoToUser) bool) {
	t.Helper()
	for range patience {
		_ = w.reconcile(t) // an error means to try again
		u := w.object(t)
		if _, there := w.remote(); u == nil && there {
			t.Error("the object was let go while its user was still there")
		}
		if done(u) {
			return
		}
	}
	t.Fatalf("not after %d reconciles: %+v", patience, w.object(t))
}

func gone(u *v1alpha1.GoToUser) bool { return u == nil }

func ready(u *v1alpha1.GoToUser) bool {
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == u.Generation
}

// readyIs is status and reason of the condition Ready.
func readyIs(u *v1alpha1.GoToUser) string {
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

func (w *world) remote() (simulator.User, bool) {
	return w.sim.UserByEmail(simulator.DefaultAccountKey, email)
}

// add puts the user into GoTo, and has the account read it.
func (w *world) add(t *testing.T, u simulator.User) string {
	t.Helper()
	u.Email, u.LastName = email, "Lovelace"
	key := w.sim.AddUser(simulator.DefaultAccountKey, u)
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sim.ResetLog()
	return key
}

// quiet fails if GoTo was called since the log was last reset.
func (w *world) quiet(t *testing.T) {
	t.Helper()
	if calls := w.sim.Calls(); len(calls) > 0 {
		t.Errorf("GoTo was called: %v", calls)
	}
}

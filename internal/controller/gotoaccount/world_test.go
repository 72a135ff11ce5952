package gotoaccount

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

const (
	testOrigin = "http://simulator.test"
	namespace  = "team"
)

type indexer struct{ *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(o, field, extract)
	return nil
}

// world is a Kubernetes API, a GoTo and an operator between them.
type world struct {
	*testing.T
	sim      *simulator.Simulator
	kube     client.WithWatch
	operator *Reconciler
	events   *events.FakeRecorder
	writes   int
	failSave error // of a write to a Secret
	stop     context.CancelFunc
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	b := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.GoToAccount{})
	for _, kind := range engine.Kinds(scheme) {
		b.WithStatusSubresource(kind)
		if err := engine.IndexByAccount(indexer{b}, kind); err != nil {
			t.Fatal(err)
		}
	}
	w.kube = b.Build()
	w.start(inprocess.Transport(w.sim.APIHandler()))
	w.secret("goto", simulator.DefaultRefreshToken)
	return w
}

// start runs an operator that knows nothing of an earlier one, which ends.
func (w *world) start(transport http.RoundTripper) {
	if w.stop != nil {
		w.stop()
	}
	background, stop := context.WithCancel(w.Context())
	w.stop = stop
	counted := interceptor.NewClient(w.kube, interceptor.Funcs{
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			if _, is := o.(*corev1.Secret); is && w.failSave != nil {
				return w.failSave
			}
			w.writes++
			return c.Update(ctx, o, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			w.writes++
			return c.Patch(ctx, o, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			w.writes++
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.events = events.NewFakeRecorder(1000)
	registry := account.NewRegistry()
	w.operator = New(Config{
		Client: counted, Secrets: w.kube, Events: w.events, Registry: registry, Planner: entitlement.NewPlanner(w.kube, registry),
		KeepSettings: func(context.Context, types.NamespacedName) (map[string][]string, error) { return nil, nil },
		Allowed:      AllowedHosts{testOrigin}, Transport: transport, Background: background,
	})
}

func (w *world) restart() { w.start(inprocess.Transport(w.sim.APIHandler())) }

func (w *world) secret(name, token string) {
	w.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string][]byte{
		v1alpha1.SecretKeyClientID: []byte(simulator.DefaultClientID), v1alpha1.SecretKeyClientSecret: []byte(simulator.DefaultClientSecret),
		v1alpha1.SecretKeyRefreshToken: []byte(token), v1alpha1.SecretKeyPersonalAccessToken: []byte(simulator.DefaultPersonalAccessToken),
	}}
	w.must(w.kube.Create(w.Context(), s))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// account creates one; its reconciles are the test's.
func (w *world) account(name string, change ...func(*v1alpha1.GoToAccount)) {
	w.Helper()
	ga := &v1alpha1.GoToAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name + "-uid"), Generation: 1},
		Spec: v1alpha1.GoToAccountSpec{
			Credentials:    v1alpha1.AccountCredentials{Grant: v1alpha1.GrantRefreshToken, SecretRef: v1alpha1.SecretReference{Name: "goto"}},
			Endpoints:      v1alpha1.Endpoints{API: testOrigin, Token: testOrigin + "/oauth/token"},
			ResyncInterval: metav1.Duration{Duration: 24 * time.Hour},
			RequestBudget:  v1alpha1.RequestBudget{RequestsPerSecond: 1000, BatchSize: 100, PageSize: 1000},
		},
	}
	for _, f := range change {
		f(ga)
	}
	w.must(w.kube.Create(w.Context(), ga))
}

func byPAT(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken }

// reconcile works on an account until nothing is under way, as the end of an attempt or of a reading starts it again, and returns it.
func (w *world) reconcile(name string) (*v1alpha1.GoToAccount, ctrl.Result) {
	w.Helper()
	result := w.once(name)
	for w.underWay(name) {
		result = w.once(name)
	}
	return w.get(name), result
}

// once is one reconcile.
func (w *world) once(name string) ctrl.Result {
	w.Helper()
	result, _ := w.operator.Reconcile(w.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}})
	return result
}

// underWay waits for the end of an attempt, a reading or a correction, and tells whether there was one.
func (w *world) underWay(name string) bool {
	w.Helper()
	var attempt *attempt
	var reads *connection
	var applies <-chan struct{} // a correction of the account's own settings
	w.operator.live.of(types.NamespacedName{Namespace: namespace, Name: name}, func(k *known) {
		attempt = k.attempt
		if c := k.conn; c != nil && !c.keeper.done(c.asked) {
			reads = c
		}
		if c := k.conn; c != nil {
			c.own.mu.Lock()
			applies = c.own.work
			c.own.mu.Unlock()
		}
	})
	switch {
	case attempt != nil:
		<-attempt.done
	case applies != nil:
		<-applies
	case reads != nil:
		for !reads.keeper.done(reads.asked) {
			time.Sleep(time.Millisecond)
		}
	}
	return attempt != nil || reads != nil || applies != nil
}

// get returns an account, nil if it is gone.
func (w *world) get(name string) *v1alpha1.GoToAccount {
	w.Helper()
	var ga v1alpha1.GoToAccount
	err := w.kube.Get(w.Context(), types.NamespacedName{Namespace: namespace, Name: name}, &ga)
	if apierrors.IsNotFound(err) {
		return nil
	}
	w.must(err)
	return &ga
}

func (w *world) change(name string, f func(*v1alpha1.GoToAccount)) {
	w.Helper()
	ga := w.get(name)
	f(ga)
	w.must(w.kube.Update(w.Context(), ga))
}

// found returns a Secret, nil if it is gone.
func (w *world) found(name string) *corev1.Secret {
	w.Helper()
	s, err := readSecret(w.Context(), w.kube, types.NamespacedName{Namespace: namespace, Name: name})
	w.must(err)
	return s
}

func (w *world) set(name, key, value string) {
	w.Helper()
	s := w.found(name)
	s.Data[key] = []byte(value)
	w.must(w.kube.Update(w.Context(), s))
}

func (w *world) token(name string) string {
	w.Helper()
	return valueOf(w.found(name), v1alpha1.SecretKeyRefreshToken)
}

func (w *world) held(name string) bool {
	w.Helper()
	s := w.found(name)
	return s != nil && slices.Contains(s.Finalizers, v1alpha1.Finalizer)
}

func (w *world) deleteSecret(name string) {
	w.Helper()
	w.must(w.kube.Delete(w.Context(), w.found(name)))
}

func (w *world) deleteAccount(name string) {
	w.Helper()
	w.must(w.kube.Delete(w.Context(), w.get(name)))
}

// tearOut takes an account away whatever holds it, as the loss of a cluster does.
func (w *world) tearOut(name string) {
	w.Helper()
	w.change(name, func(ga *v1alpha1.GoToAccount) { ga.Finalizers = nil })
	w.deleteAccount(name)
}

// another is what a backup makes of an object.
func another(ga *v1alpha1.GoToAccount) { ga.UID = "another-uid" }

func suspended(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = true }

// user is an object that holds on to a counterpart in GoTo.
func (w *world) user(ns, name string, change ...func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
	w.Helper()
	u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Finalizers: []string{v1alpha1.Finalizer}}}
	u.Spec.AccountRef = v1alpha1.AccountReference{Name: "main", Namespace: namespace}
	for _, f := range change {
		f(u)
	}
	w.must(w.kube.Create(w.Context(), u))
	return u
}

func (w *world) live(name string) *account.Account {
	w.Helper()
	acct, _ := w.operator.Registry.Get(string(w.get(name).UID))
	return acct
}

// told counts the events since the last call, by reason.
func (w *world) told() map[string]int {
	out := map[string]int{}
	for {
		select {
		case line := <-w.events.Events:
			out[strings.Fields(line)[1]]++
		default:
			return out
		}
	}
}

func (w *world) calls() int {
	n := 0
	for c := range maps.Values(w.sim.Calls()) {
		n += c
	}
	return n
}

func (w *world) is(ga *v1alpha1.GoToAccount, kind, want string) {
	w.Helper()
	if got := states(ga)[kind]; got != want {
		c := meta.FindStatusCondition(ga.Status.Conditions, kind)
		w.Errorf("%s is %q, want %q: %+v", kind, got, want, c)
	}
}

// Package kindtest runs one kind, with the real engine, account and client, between a simulated GoTo and a simulated
// Kubernetes API, and lets every request fail in every way. There is no network: in a bubble of testing/synctest the
// waiting for batches takes no time. It is for tests alone.
package kindtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	clientgotesting "k8s.io/client-go/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

// Where the objects of a World are, and the account that they belong to.
const (
	Namespace  = "team"
	Account    = "main"
	accountUID = "account-uid"
	patience   = 8  // reconciles, of an object that one fault delays
	longWait   = 40 // reconciles, of an object that waits for a lost answer
)

// World is one kind at work.
type World[O engine.Object, W, S any] struct {
	service
	gate

	Acct     *account.Account
	Registry *account.Registry
	Kube     client.WithWatch // Kubernetes as others see it
	// Writes of the operator to Kubernetes, so far.
	Writes int
	// FailWrite is asked before each of them, by its number; an error is its answer, and nothing is written.
	FailWrite func(n int) error
	// Said is told of every status that was written.
	Said func(O)
	// Events are what was said in events.
	Events []string
	// Reconciles that were made, by name of the object.
	Reconciles map[string]int
	// BeforeReading is what somebody else does in GoTo before each reading that Run makes; AfterChange what GoTo, or somebody
	// else, makes of each change that the operator has made there. Nil for nothing.
	BeforeReading, AfterChange func()

	// Waits lets Until wait as the queue does, from resync to resync, for a kind that finds out in time what became of a request. It is for
	// bubbles.
	Waits bool
	// Deny sends nothing on a path that nobody has verified, from the next Restart on.
	Deny bool
	// Operations are where the account says that operations are, from the next Restart on.
	Operations map[string]gotoclient.Override

	queue   queue
	reading time.Time // when Run makes the next
	changes []time.Time
	token   string // of the credentials; "" for those of the default account

	engine  atomic.Pointer[engine.Reconciler[O, W, S]] // what a reading finds, on a goroutine of its own, starts objects of it
	end     context.CancelFunc                         // of the account that is connected
	build   func(client.Client, *account.Registry) engine.Kind[O, W, S]
	options []func(*account.Options)
	mu      sync.Mutex // of what reconciles at once count
}

// New returns a world for the kind that build makes from the operator's client. The indexes are the kind's own.
func New[O engine.Object, W, S any](
	t *testing.T, indexes func(client.FieldIndexer) error, build func(client.Client, *account.Registry) engine.Kind[O, W, S],
	options ...func(*account.Options),
) *World[O, W, S] {
	t.Helper()
	w := &World[O, W, S]{service: service{simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}, build: build, options: options}
	w.Kube = newKube(t, indexes)
	w.Quietly(func() { w.Restart(t) })
	return w
}

// Restart starts the operator anew: nothing that it held in memory is left.
func (w *World[O, W, S]) Restart(t *testing.T) {
	t.Helper()
	w.Registry = account.NewRegistry()
	w.queue.reset()
	w.Connect(t, w.options...)
	operator := w.watched()
	w.engine.Store(&engine.Reconciler[O, W, S]{
		Client: operator, Events: recorder(w.event), Registry: w.Registry, Kind: w.build(operator, w.Registry),
	})
	for _, o := range w.objects() {
		w.Start(nameOf(o))
	}
	w.uncount()
}

// Connect puts a new account, which has just read GoTo as after a restart, in the place of the one before. Its client shows
// every failure to the engine instead of trying again by itself, and has no budget: after a 429 that would pause for a
// second.
func (w *World[O, W, S]) Connect(t *testing.T, options ...func(*account.Options)) {
	t.Helper()
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: cmp.Or(w.token, simulator.DefaultPersonalAccessToken),
		},
		Base:        w.gate.roundTrip(w.answered(inprocess.Transport(w.Sim.APIHandler()))),
		Unverified:  w.unverified(),
		Operations:  w.Operations,
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
	unlimited := brake.Same(time.Hour, brake.Limit{Minimum: 100, Maximum: 100})
	record := func(context.Context, []brake.Allotment) error { return nil }
	opts := account.Options{
		Client: cl, Limiter: budget.NewLimiter(1000), Me: me, Key: simulator.DefaultAccountKey,
		Brake: brake.New(unlimited, nil, record, time.Now), ResyncInterval: Resync, OnChange: w.changed,
	}
	for _, change := range options {
		change(&opts)
	}
	if w.end != nil {
		w.end()
	}
	ctx, end := context.WithCancel(t.Context())
	w.Acct, w.end = account.New(ctx, opts), end
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Registry.Put(accountUID, w.Acct)
	w.reading = time.Now().Add(Resync)
	w.Sim.ResetLog()
}

func (w *World[O, W, S]) unverified() gotoclient.UnverifiedPolicy {
	if w.Deny {
		return gotoclient.DenyUnverified
	}
	return gotoclient.AllowUnverified
}

// indexer gives the fake client the indexes of the manager's cache, each once.
type indexer struct {
	*fake.ClientBuilder

	has map[string]bool
}

// IndexField adds one.
func (i indexer) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	if name := fmt.Sprintf("%T %s", o, field); !i.has[name] {
		i.has[name] = true
		i.WithIndex(o, field, extract)
	}
	return nil
}

func newKube(t *testing.T, indexes func(client.FieldIndexer) error) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: Account, UID: accountUID}}
	// A tracker of its own leaves out who manages which field: nobody asks here, and it is most of what a write costs.
	tracker := clientgotesting.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())
	b := fake.NewClientBuilder().WithScheme(scheme).WithObjectTracker(tracker).WithObjects(ga)
	all := indexer{b, map[string]bool{}}
	err := indexes(all)
	for _, kind := range engine.Kinds(scheme) {
		b.WithStatusSubresource(kind)
		err = errors.Join(err, engine.IndexByAccount(all, kind))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Build()
}

var uids atomic.Int64

// Apply creates an object, or changes the spec of the one that exists, as the API server would.
func Apply[O client.Object](t *testing.T, kube client.Client, o O, change func(O)) O {
	t.Helper()
	o.SetNamespace(Namespace)
	err := kube.Get(t.Context(), client.ObjectKeyFromObject(o), o)
	switch {
	case err == nil:
		o.SetGeneration(o.GetGeneration() + 1)
		change(o)
		err = kube.Update(t.Context(), o)
	case apierrors.IsNotFound(err):
		o.SetUID(types.UID(fmt.Sprintf("%s-%d", o.GetName(), uids.Add(1)))) // no API server gives one twice
		o.SetGeneration(1)
		change(o)
		err = kube.Create(t.Context(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Object reads an object; false if it is gone.
func Object[O client.Object](t *testing.T, kube client.Client, o O) (O, bool) {
	t.Helper()
	err := kube.Get(t.Context(), types.NamespacedName{Namespace: Namespace, Name: o.GetName()}, o)
	if client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return o, err == nil
}

// Reconcile runs one reconcile of the object of that name; in another namespace, namespace/name. An operator that is killed by it
// is started again.
func (w *World[O, W, S]) Reconcile(t *testing.T, name string) error {
	t.Helper()
	w.queue.take(name)
	result, err := w.reconcile(t, name)
	w.queue.settle(name, result, err)
	w.Reconciles[name]++
	w.reboot(t)
	return err
}

// AtOnce runs a reconcile of each of the objects, all at the same time.
func (w *World[O, W, S]) AtOnce(t *testing.T, names ...string) {
	t.Helper()
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() { _, _ = w.reconcile(t, name) })
	}
	all.Wait()
	w.reboot(t)
}

func (w *World[O, W, S]) reconcile(t *testing.T, name string) (ctrl.Result, error) {
	t.Helper()
	key := client.ObjectKey{Namespace: Namespace, Name: name}
	if namespace, rest, elsewhere := strings.Cut(name, "/"); elsewhere {
		key = client.ObjectKey{Namespace: namespace, Name: rest}
	}
	return w.engine.Load().Reconcile(t.Context(), ctrl.Request{NamespacedName: key})
}

// Until does what the queue does for some objects until done is true of each, without the queue's waiting unless the world Waits.
func (w *World[O, W, S]) Until(t *testing.T, o O, done func(o O, there bool) bool, more ...O) {
	t.Helper()
	pending, tries := append([]O{o}, more...), patience
	if w.Waits {
		tries = longWait
	}
	for range tries {
		pending = slices.DeleteFunc(pending, func(o O) bool {
			_ = w.Reconcile(t, o.GetName()) // an error means to try again
			return done(Object(t, w.Kube, o))
		})
		if len(pending) == 0 {
			return
		}
		w.wait(t, pending)
	}
	for _, o := range pending {
		_, status := o.Managed()
		t.Errorf("%s: not after %d reconciles: %+v", o.GetName(), tries, status.Conditions)
	}
	t.FailNow()
}

// wait lets time pass, where the world Waits: until one of the objects is due, and a minute at most. At a resync the account is read.
func (w *World[O, W, S]) wait(t *testing.T, objects []O) {
	t.Helper()
	if !w.Waits {
		return
	}
	d := time.Minute
	for _, o := range objects {
		if after, is := w.Due(o.GetName()); is {
			d = min(d, after)
		}
	}
	time.Sleep(max(d, time.Second))
	if !time.Now().Before(w.reading) {
		w.Quietly(func() { w.read(t) })
	}
}

// Ready is true for an object that is Ready in its present generation.
func Ready[O engine.Object](o O, there bool) bool {
	_, status := o.Managed()
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	return there && c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == o.GetGeneration()
}

// Gone is true for an object that is gone.
func Gone[O engine.Object](_ O, there bool) bool { return !there }

// Reason is status and reason of the condition Ready.
func Reason(o engine.Object) string {
	_, status := o.Managed()
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

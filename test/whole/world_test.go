package whole

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"pgregory.net/rapid"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/controller/gotoaccount"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
	"github.com/goto-operator/goto-operator/test/memkube"
)

const (
	origin    = "http://simulator.test"
	namespace = "team"
	acct      = simulator.DefaultAccountKey
)

// test is what a world needs of a test: *testing.T and *rapid.T have it.
type test interface {
	rapid.TB

	Context() context.Context
}

// World is a Kubernetes, a GoTo, and an operator between them.
type World struct {
	test

	Sim  *simulator.Simulator
	Kube client.Client // a person's
	API  *memkube.Server

	gate       gate
	transform  atomic.Pointer[func(*http.Response)] // changes GoTo's answers; nil for not
	reconciles atomic.Int64
	workers    controller.Concurrency // nil for the defaults
	scheme     *runtime.Scheme
	mapper     meta.RESTMapper
	leaving    func(*http.Request) // is told of what leaves for GoTo
	written    func()              // is told that people have written something to Kubernetes
	ended      func()              // is told that an operator is killed, before another one starts; nil for nobody
	script     func() string       // tells what has happened, for a test that fails
	ahead      atomic.Int64        // nanoseconds by which the operator's clock is before GoTo's
	refusals   refusals
	registry   *account.Registry
	stop       context.CancelFunc
	done       chan error
}

// customResources are those of config/crd, which is read once: a world is made for each point of a walk.
var customResources = sync.OnceValues(func() (all []memkube.Resource, err error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	for _, file := range files {
		r, failed := memkube.FromCRD(file)
		all, err = append(all, r), errors.Join(err, failed)
	}
	return all, err
})

// started returns a world in which an operator has done what these objects ask for.
func started(t test, objects ...client.Object) *World {
	t.Helper()
	w := New(t)
	for _, o := range objects {
		w.create(o)
	}
	w.Start()
	w.settled()
	return w
}

// New returns a world in which no operator runs yet.
func New(t test) *World {
	t.Helper()
	w := &World{test: t, Sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit}), scheme: runtime.NewScheme()}
	w.must(errors.Join(v1alpha1.AddToScheme(w.scheme), corev1.AddToScheme(w.scheme)))
	resources, err := customResources()
	w.must(err)
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Namespace"), meta.RESTScopeRoot)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Secret"), meta.RESTScopeNamespace)
	for _, r := range resources {
		mapper.Add(r.GroupVersion().WithKind(r.Kind), meta.RESTScopeNamespace)
	}
	w.API, w.mapper = memkube.New(resources...), mapper
	w.Kube, err = client.New(w.config(w.noticing(w.API)), client.Options{Scheme: w.scheme, Mapper: mapper})
	w.must(err)
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "goto"}, Data: map[string][]byte{
		v1alpha1.SecretKeyClientID: []byte(simulator.DefaultClientID), v1alpha1.SecretKeyClientSecret: []byte(simulator.DefaultClientSecret),
		v1alpha1.SecretKeyRefreshToken: []byte(simulator.DefaultRefreshToken),
	}})
	return w
}

func (w *World) config(api http.RoundTripper) *rest.Config {
	return &rest.Config{
		Host: "http://kubernetes.test", Transport: api, QPS: -1,
		ContentConfig: rest.ContentConfig{ContentType: runtime.ContentTypeJSON, AcceptContentTypes: runtime.ContentTypeJSON},
	}
}

func (w *World) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *World) create(o client.Object) {
	w.Helper()
	w.must(w.Kube.Create(w.Context(), o))
}

// Start runs an operator that knows nothing of an earlier one.
func (w *World) Start() {
	w.Helper()
	w.gate.revive()
	ctx, cancel := context.WithCancel(w.Context())
	skip := true
	api := w.config(w.gate.through(w.refusals.through(w.API), writes))
	controller.Connect(api)
	mgr, err := ctrl.NewManager(api, ctrl.Options{
		Scheme: w.scheme, NewClient: controller.NewClient, Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"},
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return w.mapper, nil },
		Controller:     config.Controller{SkipNameValidation: &skip, RecoverPanic: new(false)}, // a panic is a fault, and not to be tried again
		Cache:          controller.Cache(nil),
	})
	w.must(err)
	hosts, err := gotoaccount.ParseHosts(origin)
	w.must(err)
	w.registry = account.NewRegistry()
	w.must(controller.Setup(mgr, controller.Options{
		Background: ctx, Hosts: hosts, Registry: w.registry, Concurrency: w.workers, Now: w.now, Transport: w.gate.through(w.transformed(inprocess.Transport(w.Sim.APIHandler())), always),
		Hooks: controller.Hooks{Outcome: func(string) func(string, int) { return func(string, int) { w.reconciles.Add(1) } }},
	}))
	w.stop, w.done = cancel, make(chan error, 1)
	go func() { w.done <- mgr.Start(ctx) }()
	time.Sleep(time.Second) // a manager that is stopped while it starts spins for ever
}

// now is the time as the operator has it.
func (w *World) now() time.Time { return w.Sim.Now().Add(time.Duration(w.ahead.Load())) }

// noticing tells of what people write.
func (w *World) noticing(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if r.Method != http.MethodGet && w.written != nil {
			w.written()
		}
		return resp, err
	})
}

// transformed are GoTo's answers as the test wants them.
func (w *World) transformed(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if w.leaving != nil {
			w.leaving(r)
		}
		resp, err := next.RoundTrip(r)
		if change := w.transform.Load(); err == nil && change != nil {
			resp.Request = r
			(*change)(resp)
		}
		return resp, err
	})
}

// answers changes GoTo's answers from now on.
func (w *World) answers(change func(*http.Response)) { w.transform.Store(&change) }

// Stop ends the operator.
func (w *World) Stop() {
	w.Helper()
	w.stop()
	w.must(<-w.done)
}

// Wait lets time pass. An operator that is killed is started anew.
func (w *World) Wait(d time.Duration) {
	w.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(time.Second, time.Until(end)))
		synctest.Wait()
		if round := w.gate.circles(); round != "" {
			w.Fatalf("the operator runs in circles: %s\n%s", round, w.standing())
		}
		if w.gate.killed() {
			w.Stop()
			if w.ended != nil {
				w.ended()
			}
			w.Start()
		}
	}
}

// Until waits for something, and fails after a while that is far longer than it should take.
func (w *World) Until(what string, done func() bool) {
	w.Helper()
	for range 3600 {
		if done() {
			return
		}
		w.Wait(time.Second)
	}
	w.Fatalf("not in an hour: %s (struck: %q)\n%s", what, w.gate.struck, w.standing())
}

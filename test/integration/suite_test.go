// Package integration_test runs the controllers against a real kube-apiserver and etcd, and the GoTo API as the simulator
// serves it. Requests to GoTo and writes to Kubernetes are counted and asserted like results.
package integration_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/controller/gotoaccount"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var (
	restConfig *rest.Config
	scheme     = runtime.NewScheme()
	k8s        client.Client // an administrator's, uncached
)

// patience is how long a test waits for what has to come. It is there for what never does: a machine that is busy with something else may take
// ten times as long, and how soon something comes is asserted in fake time, in test/whole.
const patience = 5 * time.Minute

// longFirst is for what takes a minute one after another: begun last, it would keep all but one process waiting for its end.
const longFirst = SpecPriority(1)

func TestIntegration(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Integration")
}

// One control plane, and one build of the operator, serve all processes that the tests are spread over; each test has a
// namespace of its own.
var _ = SynchronizedBeforeSuite(func(ctx SpecContext) []byte {
	env := controlPlane()
	// As on OpenShift: who sets an owner that is not to go first needs a right for that.
	env.ControlPlane.GetAPIServer().Configure().Append("enable-admission-plugins", "OwnerReferencesPermissionEnforcement")
	_, err := env.Start()
	Expect(err).NotTo(HaveOccurred())
	stopControlPlane = env.Stop
	binary, err := gexec.BuildWithEnvironment("github.com/goto-operator/goto-operator/cmd/goto-operator", []string{"CGO_ENABLED=0"},
		"-ldflags", "-X main.version="+operatorVersion+" -X main.commit="+operatorCommit) // as in the Dockerfile
	Expect(err).NotTo(HaveOccurred())
	shared, err := json.Marshal(fixture{env.KubeConfig, binary})
	Expect(err).NotTo(HaveOccurred())
	connect(shared)
	install(ctx)
	return shared
}, connect)

var _ = SynchronizedAfterSuite(func() {}, func() {
	gexec.CleanupBuildArtifacts()
	if stopControlPlane != nil {
		Expect(stopControlPlane()).To(Succeed())
	}
})

// controlPlane is one that has the kinds of the operator.
func controlPlane() *envtest.Environment {
	return &envtest.Environment{
		CRDDirectoryPaths: []string{filepath.Join("..", "..", "config", "crd", "bases")}, ErrorIfCRDPathMissing: true,
		CRDInstallOptions:        envtest.CRDInstallOptions{MaxTime: patience},
		ControlPlaneStartTimeout: patience, ControlPlaneStopTimeout: patience,
	}
}

// fixture is what the first process makes for all.
type fixture struct {
	KubeConfig []byte
	Binary     string
}

// What the operator is built from, for its metric and --version.
const (
	operatorVersion = "v1.2.3-test"
	operatorCommit  = "0123abc"
)

var (
	operatorBinary   string
	stopControlPlane func() error // nil in all processes but the first
)

// connect makes this process a client of the control plane.
func connect(shared []byte) {
	var f fixture
	Expect(json.Unmarshal(shared, &f)).To(Succeed())
	operatorBinary = f.Binary
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond) // the API server shares the processors with what is waited for
	log := zap.New(zap.WriteTo(GinkgoWriter))
	logf.SetLogger(log)
	klog.SetLogger(log) // client-go's
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	var err error
	restConfig, err = clientcmd.RESTConfigFromKubeConfig(f.KubeConfig)
	Expect(err).NotTo(HaveOccurred())
	restConfig.QPS, restConfig.Burst = -1, -1
	k8s, err = client.New(restConfig, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
}

// writes counts the requests of the operator that change something in Kubernetes, events and leases aside.
type writes struct {
	mu     sync.Mutex
	count  int
	kinds  map[string]int // by method, resource and status, to say what was written
	active int            // requests that have no answer yet
	begun  int            // requests of all time
}

func (w *writes) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet || eventPath(r.URL.Path) {
			return next.RoundTrip(r)
		}
		w.begin()
		resp, err := next.RoundTrip(r)
		w.note(r, resp)
		return resp, err
	})
}

func (w *writes) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active++
	w.begun++
}

// state is how many requests there were ever, and whether one of them has no answer yet.
func (w *writes) state() (begun int, active bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun, w.active > 0
}

func (w *writes) note(r *http.Request, resp *http.Response) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active--
	if resp == nil || resp.StatusCode != http.StatusConflict { // refused: our copy was old, and nothing was written
		w.count++
	}
	if w.kinds == nil {
		w.kinds = map[string]int{}
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // apis/group/version/namespaces/namespace/resource/name[/status]
	if len(parts) > 6 && resp != nil {
		w.kinds[strings.Join(append([]string{r.Method, parts[5]}, append(parts[7:], resp.Status)...), " ")]++
	}
}

func (w *writes) byKind() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.kinds)
}

func (w *writes) take() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.count
	w.count = 0
	return n
}

func eventPath(path string) bool {
	return filepath.Base(path) == "events" || filepath.Base(filepath.Dir(path)) == "events"
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// world is one simulator, one namespace and one operator working on both.
type world struct {
	sim       *simulator.Simulator
	url       string
	namespace string
	registry  *account.Registry
	writes    *writes
	stop      func()
	reader    client.Reader // the running operator's cache, or else the API server

	mu         sync.Mutex
	reconciles int
}

func newWorld() *world {
	w := &world{sim: simulator.New(simulator.Options{}), reader: k8s}
	server := httptest.NewServer(w.sim.APIHandler())
	DeferCleanup(server.Close)
	w.url = server.URL
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-"}}
	Expect(k8s.Create(context.Background(), ns)).To(Succeed())
	w.namespace = ns.Name
	w.secret(map[string]string{
		v1alpha1.SecretKeyClientID: simulator.DefaultClientID, v1alpha1.SecretKeyClientSecret: simulator.DefaultClientSecret,
		v1alpha1.SecretKeyRefreshToken: simulator.DefaultRefreshToken, v1alpha1.SecretKeyPersonalAccessToken: simulator.DefaultPersonalAccessToken,
	})
	return w
}

func (w *world) secret(values map[string]string) {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "goto"}, StringData: values}
	Expect(k8s.Create(context.Background(), s)).To(Succeed())
}

// setSecret changes one value of the account's Secret.
func (w *world) setSecret(key, value string) {
	GinkgoHelper()
	secret := &corev1.Secret{}
	secret.Namespace, secret.Name = w.namespace, "goto"
	patch := client.MergeFrom(refreshed(secret).DeepCopy())
	secret.Data[key] = []byte(value)
	Expect(k8s.Patch(context.Background(), secret, patch)).To(Succeed())
}

// start runs the operator in the world's namespace, and others, until stop, or the end of the test. What earlier tests
// left in their namespaces is none of its business.
func (w *world) start(others ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	w.registry, w.writes = account.NewRegistry(), &writes{}
	cfg := rest.CopyConfig(restConfig)
	controller.Connect(cfg)
	cfg.Wrap(w.writes.wrap)
	skip := true
	namespaces := map[string]cache.Config{w.namespace: {}}
	for _, ns := range others {
		namespaces[ns] = cache.Config{}
	}
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme: scheme, NewClient: controller.NewClient, Metrics: metricsserver.Options{BindAddress: "0"}, Controller: config.Controller{SkipNameValidation: &skip},
		Cache: controller.Cache(namespaces),
	})
	Expect(err).NotTo(HaveOccurred())
	hosts, err := gotoaccount.ParseHosts(w.url)
	Expect(err).NotTo(HaveOccurred())
	Expect(controller.Setup(mgr, controller.Options{
		Background: ctx, Hosts: hosts, Registry: w.registry, Now: w.sim.Now, Hooks: controller.Hooks{Outcome: w.counter},
		Watched: func(namespace string) bool { _, is := namespaces[namespace]; return is },
	})).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	w.reader = mgr.GetCache()
	w.stop = sync.OnceFunc(func() {
		w.reader = k8s
		cancel()
		Eventually(done).Should(Receive(BeNil()))
	})
	DeferCleanup(w.stop)
}

// counter counts the reconciles of all kinds.
func (w *world) counter(string) func(string, int) {
	return func(string, int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reconciles++
	}
}

func (w *world) takeReconciles() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.reconciles
	w.reconciles = 0
	return n
}

func (w *world) account(change ...func(*v1alpha1.GoToAccount)) *v1alpha1.GoToAccount {
	ga := &v1alpha1.GoToAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "example"},
		Spec: v1alpha1.GoToAccountSpec{
			Credentials: v1alpha1.AccountCredentials{Grant: v1alpha1.GrantRefreshToken, SecretRef: v1alpha1.SecretReference{Name: "goto"}},
			Endpoints:   v1alpha1.Endpoints{API: w.url, Token: w.url + "/oauth/token", Unverified: v1alpha1.AllowUnverified},
		},
	}
	for _, f := range change {
		f(ga)
	}
	Expect(k8s.Create(context.Background(), ga)).To(Succeed())
	return ga
}

func (w *world) user(name string, change ...func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.GoToUserSpec{
			ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}},
			Email:       name + "@example.test", FirstName: "Fay", LastName: "Field",
		},
	}
	for _, f := range change {
		f(u)
	}
	Expect(k8s.Create(context.Background(), u)).To(Succeed())
	return u
}

// approve releases the brake of an account.
func (*world) approve(ga *v1alpha1.GoToAccount) {
	GinkgoHelper()
	patch := client.MergeFrom(refreshed(ga).DeepCopy())
	ga.Annotations = map[string]string{v1alpha1.ApproveDeletionsUntilAnnotation: time.Now().Add(time.Hour).Format(time.RFC3339)}
	Expect(k8s.Patch(context.Background(), ga, patch)).To(Succeed())
}

// live is the account as the operator has it in use.
func (w *world) live() *account.Account {
	var ga v1alpha1.GoToAccount
	Expect(k8s.Get(context.Background(), client.ObjectKey{Namespace: w.namespace, Name: "example"}, &ga)).To(Succeed())
	var a *account.Account
	Eventually(func() bool {
		var ok bool
		a, ok = w.registry.Get(string(ga.UID))
		return ok
	}).WithPolling(20*time.Millisecond).Should(BeTrue(), "the account is not connected")
	return a
}

func refreshed[O client.Object](o O) O {
	GinkgoHelper()
	Expect(k8s.Get(context.Background(), client.ObjectKeyFromObject(o), o)).To(Succeed())
	return o
}

// ready is reason and status of Ready, for Eventually.
func ready(u *v1alpha1.GoToUser) func() string {
	return func() string { return condition(refreshed(u).Status.Conditions, v1alpha1.ConditionReady) }
}

func condition(conditions []metav1.Condition, kind string) string {
	c := meta.FindStatusCondition(conditions, kind)
	if c == nil {
		return "absent"
	}
	return string(c.Status) + "/" + c.Reason
}

// list are the users of the world's namespace.
func (w *world) list() []*v1alpha1.GoToUser {
	GinkgoHelper()
	var users v1alpha1.GoToUserList
	Expect(k8s.List(context.Background(), &users, client.InNamespace(w.namespace))).To(Succeed())
	return users.Items
}

// reasons counts the users by status and reason of Ready, as the running operator sees them: to ask the API server again and again
// for thousands would keep it from its work. There are none while nobody can be asked.
func (w *world) reasons() map[string]int {
	var users v1alpha1.GoToUserList
	if err := w.reader.List(context.Background(), &users, client.InNamespace(w.namespace)); err != nil {
		return nil
	}
	out := map[string]int{}
	for _, u := range users.Items {
		out[condition(u.Status.Conditions, v1alpha1.ConditionReady)]++
	}
	return out
}

// readyCount is the number of users that are Ready.
func (w *world) readyCount() int { return w.reasons()["True/Synced"] }

// settled waits until the operator has done nothing for longer than the account's status lags behind its users.
func (w *world) settled() {
	GinkgoHelper()
	w.quiet(20)
}

// idle waits until nothing is left either that the operator looks at by itself: what it has seen before the cache showed its own last write is
// looked at again up to eleven seconds later.
func (w *world) idle() {
	GinkgoHelper()
	w.quiet(60)
}

// quiet waits until the operator has asked nothing of GoTo and written nothing for so many rounds. A round is 200 ms and an answer of the
// API server, which comes as slowly as the operator's where both have few processors.
func (w *world) quiet(rounds int) {
	GinkgoHelper()
	last, had := -1, 0
	Eventually(func() bool {
		refreshed(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
		begun, active := w.writes.state()
		begun += total(w.sim.Calls())
		if had++; active || begun != last {
			last, had = begun, 0
		}
		return had > rounds
	}).WithPolling(200 * time.Millisecond).Should(BeTrue())
}

func total(calls map[string]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

// summed is the sum of what a count that begins anew each time has said so far.
func summed(take func() int) func() int {
	sum := 0
	return func() int {
		sum += take()
		return sum
	}
}

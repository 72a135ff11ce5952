package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/hack/rig"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Where make leaves what is measured, and where the logs go.
const (
	operatorBinary  = "bin/goto-operator"
	simulatorBinary = "bin/goto-simulator"
	operatorLog     = "bin/bench-operator.log"
	simulatorLog    = "bin/bench-simulator.log"
)

const (
	namespace = "team"
	// quiet is for how long nothing has to happen before something counts as done.
	quiet = 4 * time.Second
)

// world is a control plane, a simulator, and an operator between them, for one size.
type world struct {
	plane    *rig.ControlPlane
	sim      *rig.Simulator
	operator *rig.Process // nil while none runs
	kube     client.Client
	users    cache.Cache // of GoToUsers, as the API server has them
	dir      string
	metrics  string // address
	memory   string // GOMEMLIMIT of the operator
	pprof    string // address of the operator's profiles
	// deleteRate is in requests per second; 0 for what GoTo and the account allow otherwise.
	deleteRate int
	counts     counted
	before     counted
	size       int
}

// start sets everything up but the operator. What has been started ends with stop, also after an error.
func (w *world) start(ctx context.Context) (err error) {
	policy := filepath.Join(w.dir, "audit-policy.yaml")
	text := fmt.Sprintf(auditPolicy, rig.OperatorNamespace, rig.OperatorServiceAccount)
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		return err
	}
	w.counts.audit.path = filepath.Join(w.dir, "audit.log")
	w.plane, err = rig.StartControlPlane(w.dir, map[string]string{
		"audit-policy-file": policy, "audit-log-path": w.counts.audit.path, "audit-log-maxsize": "100000",
	}, rig.CRDs)
	if err != nil {
		return err
	}
	if w.sim, err = rig.StartSimulator(ctx, simulatorLog, simulatorBinary, "--listen", rig.AnyPort, "--switch", "userSettings=full"); err != nil {
		return err
	}
	if err := w.plane.Install(ctx); err != nil {
		return err
	}
	if err := w.connect(ctx); err != nil {
		return err
	}
	return w.furnish(ctx)
}

func (w *world) stop() error {
	w.stopOperator()
	if w.sim != nil {
		w.sim.Stop()
	}
	if w.plane != nil {
		return w.plane.Stop()
	}
	return nil
}

// connect makes a client without limits, and a cache that shows what becomes of the users.
func (w *world) connect(ctx context.Context) error {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	config := rest.CopyConfig(w.plane.Config)
	config.QPS, config.Burst = -1, -1
	var err error
	if w.kube, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	w.users, err = cache.New(config, cache.Options{Scheme: scheme, DefaultTransform: cache.TransformStripManagedFields()})
	if err != nil {
		return err
	}
	if _, err := w.users.GetInformer(ctx, &v1alpha1.GoToUser{}, cache.BlockUntilSynced(false)); err != nil {
		return err
	}
	go func() { _ = w.users.Start(ctx) }()
	if !w.users.WaitForCacheSync(ctx) {
		return rig.ErrInterrupted
	}
	return nil
}

// furnish makes what all scenarios need: credentials, an account that reads by itself once a day, two groups, and seats.
func (w *world) furnish(ctx context.Context) error {
	day := metav1.Duration{Duration: 24 * time.Hour}
	for _, o := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.Secret{ObjectMeta: named("goto"), StringData: map[string]string{
			v1alpha1.SecretKeyClientID: simulator.DefaultClientID, v1alpha1.SecretKeyClientSecret: simulator.DefaultClientSecret,
			v1alpha1.SecretKeyRefreshToken: simulator.DefaultRefreshToken,
		}},
		&v1alpha1.GoToAccount{ObjectMeta: named(accountName), Spec: v1alpha1.GoToAccountSpec{
			Credentials:    v1alpha1.AccountCredentials{Grant: v1alpha1.GrantRefreshToken, SecretRef: v1alpha1.SecretReference{Name: "goto"}},
			Endpoints:      v1alpha1.Endpoints{API: w.sim.API, Token: w.sim.API + "/oauth/token"},
			ResyncInterval: day,
		}},
		&v1alpha1.GoToGroup{ObjectMeta: named("blue"), Spec: v1alpha1.GoToGroupSpec{ManagedSpec: ofAccount, Name: "blue"}},
		&v1alpha1.GoToGroup{ObjectMeta: named("green"), Spec: v1alpha1.GoToGroupSpec{ManagedSpec: ofAccount, Name: "green"}},
	} {
		if err := w.kube.Create(ctx, o); err != nil {
			return err
		}
	}
	seats := map[string]int{"seats": 2*w.size + 10}
	if err := w.control(ctx, http.MethodPatch, w.inAccount("licenses/"+licenseKey), seats, nil); err != nil {
		return err
	}
	if err := w.startOperator(ctx); err != nil {
		return err
	}
	defer w.stopOperator()
	return w.settle(ctx, func(ctx context.Context) (bool, error) {
		var group v1alpha1.GoToGroup
		err := w.kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "green"}, &group)
		return meta.IsStatusConditionTrue(group.Status.Conditions, v1alpha1.ConditionReady), err
	})
}

// startOperator runs the operator with the token of its ServiceAccount and the memory limit of its Deployment.
func (w *world) startOperator(ctx context.Context) error {
	kubeconfig, err := w.plane.OperatorKubeconfig(ctx, w.dir)
	if err != nil {
		return err
	}
	if w.metrics, err = freeAddress(ctx); err != nil {
		return err
	}
	w.operator, err = rig.Start(operatorLog, nil, []string{"KUBECONFIG=" + kubeconfig, "GOMEMLIMIT=" + w.memory}, operatorBinary,
		"--allowed-hosts="+w.sim.API, "--leader-election-namespace="+rig.OperatorNamespace, "--metrics-secure=false",
		"--metrics-bind-address="+w.metrics, "--health-probe-bind-address=0", "--pprof-bind-address="+w.pprof)
	return err
}

func (w *world) stopOperator() {
	if w.operator != nil {
		w.operator.Stop()
		w.operator = nil
	}
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", rig.AnyPort)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// look counts what has happened so far. Of a process that does not serve its metrics yet nothing is counted.
func (w *world) look(ctx context.Context) error {
	var said struct {
		Calls calls `json:"calls"`
	}
	if err := w.control(ctx, http.MethodGet, "/calls", nil, &said); err != nil {
		return err
	}
	w.counts.calls = said.Calls
	if err := w.counts.audit.read(); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if w.operator == nil {
		return nil
	}
	if err := w.alive(); err != nil {
		return err
	}
	var used, most error
	w.counts.cpu, used = cpu(w.operator.PID())
	w.counts.peak, most = peak(w.operator.PID())
	if done, due, err := reconciles(ctx, w.metrics); err == nil {
		w.counts.reconciles, w.counts.due = done, due
	}
	return errors.Join(used, most)
}

// alive is an error once the operator has ended.
func (w *world) alive() error {
	select {
	case <-w.operator.Done():
		return w.operator.Ended()
	default:
		return nil
	}
}

// begin forgets what was counted before.
func (w *world) begin(ctx context.Context) error {
	if err := w.control(ctx, http.MethodDelete, "/log", nil, nil); err != nil {
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	w.before = w.counts
	if w.operator != nil {
		return resetPeak(w.operator.PID())
	}
	w.counts.cpu, w.counts.reconciles, w.before.cpu, w.before.reconciles = 0, 0, 0, 0
	return nil
}

// settle waits until something is done, the operator has nothing left to do, and nothing has happened for a while.
func (w *world) settle(ctx context.Context, done func(context.Context) (bool, error)) error {
	var last string
	for since := time.Now(); ; {
		if err := w.look(ctx); err != nil {
			return err
		}
		f := w.counts.since(w.before)
		if now := fmt.Sprint(f.Calls, f.Writes, f.Reconciles); now != last {
			last, since = now, time.Now()
		}
		is, err := done(ctx)
		if err != nil || is && w.counts.due == 0 && time.Since(since) > quiet {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// control asks the simulator's control port.
func (w *world) control(ctx context.Context, method, path string, body, into any) error {
	answer, err := request(ctx, method, w.sim.Control+path, body)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

func (*world) inAccount(path string) string {
	return "/accounts/" + simulator.DefaultAccountKey + "/" + path
}

// allow sets how many requests a second GoTo lets through, and the budget of the account; nil for the usual one.
func (w *world) allow(ctx context.Context, perSecond int, budget *v1alpha1.RequestBudget) error {
	err := w.control(ctx, http.MethodPut, "/rate", map[string]int{"perSecond": perSecond}, nil)
	spec, failed := json.Marshal(map[string]any{"spec": map[string]any{"requestBudget": budget}})
	return errors.Join(err, failed, w.patch(ctx, &v1alpha1.GoToAccount{ObjectMeta: named(accountName)}, string(spec)))
}

// list are the users as the API server has them: read only.
func (w *world) list(ctx context.Context) ([]*v1alpha1.GoToUser, error) {
	var list v1alpha1.GoToUserList
	err := w.users.List(ctx, &list, client.UnsafeDisableDeepCopy)
	return list.Items, err
}

// all is true if there are so many users and a test holds of each.
func (w *world) all(n int, holds func(*v1alpha1.GoToUser) bool) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		users, err := w.list(ctx)
		misses := func(u *v1alpha1.GoToUser) bool { return !holds(u) }
		return len(users) == n && !slices.ContainsFunc(users, misses), err
	}
}

// ready is true of a user that is as its present spec says.
func ready(u *v1alpha1.GoToUser) bool {
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == u.Generation
}

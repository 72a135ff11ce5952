package argocd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/engine"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What Argo CD calls itself as a manager of fields, and how it marks what is an Application's.
const (
	manager  = "argocd-controller"
	tracking = "argocd.argoproj.io/tracking-id"
)

// application is Argo CD's view of a world: what is in Git, and what is live.
type application struct {
	*world

	git    []*unstructured.Unstructured
	cache  cache.ClusterCache
	engine engine.GitOpsEngine
}

// newApplication has the samples in Git.
func newApplication(t *testing.T, w *world) *application {
	t.Helper()
	return applicationOf(t, w, samples(t, w))
}

// applicationOf has objects in Git, without Secrets.
func applicationOf(t *testing.T, w *world, objects []*unstructured.Unstructured) *application {
	t.Helper()
	a := &application{world: w}
	for _, o := range objects {
		if o.GetAPIVersion() == ourAPI {
			a.git = append(a.git, tracked(o))
		}
	}
	a.cache = cache.NewClusterCache(machine.config, cache.SetLogr(logr.Discard()), cache.SetNamespaces([]string{w.namespace}), cache.SetClusterResources(true),
		cache.SetPopulateResourceInfoHandler(func(o *unstructured.Unstructured, _ bool) (any, bool) {
			return o.GetAnnotations()[tracking], o.GetAnnotations()[tracking] != ""
		}))
	a.engine = engine.NewEngine(machine.config, a.cache, engine.WithLogr(logr.Discard()))
	stop, err := a.engine.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return a
}

// tracked is a manifest as Argo CD makes it of what is in Git.
func tracked(o *unstructured.Unstructured) *unstructured.Unstructured {
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[tracking] = fmt.Sprintf("team:%s/%s:%s/%s", o.GroupVersionKind().Group, o.GetKind(), o.GetNamespace(), o.GetName())
	o.SetAnnotations(annotations)
	return o
}

// sync syncs, and returns how it ended for each object. A sync that waits for something ends with the time it is given.
func (a *application) sync(t *testing.T, limit time.Duration, options ...sync.SyncOpt) map[string]common.ResourceSyncResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	results, err := a.engine.Sync(ctx, a.git, mine, "main", a.namespace, append(options, always...)...)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return byName(t, results)
}

// mine tells what is an Application's, and always are the options of every sync.
var (
	mine   = func(r *cache.Resource) bool { return r.Info != nil && r.Info != "" }
	always = []sync.SyncOpt{sync.WithServerSideApplyManager(manager), sync.WithLogr(logr.Discard())}
)

// inWaves syncs as Argo CD's controller does: it looks at what is live before each step, by which it judges whether a wave is done. The
// engine's own Sync looks once.
func (a *application) inWaves(t *testing.T, limit time.Duration, override health.HealthOverride) map[string]common.ResourceSyncResult {
	t.Helper()
	var results []common.ResourceSyncResult
	phase, message, from := common.OperationRunning, "", time.Now()
	for !phase.Completed() && time.Since(from) < limit {
		time.Sleep(time.Second)
		phase, message, results = a.step(t, sync.WithInitialState(phase, message, results, metav1.NewTime(from)), sync.WithHealthOverride(override))
	}
	if phase != common.OperationSucceeded {
		t.Errorf("the sync is %s: %s", phase, message)
	}
	return byName(t, results)
}

func (a *application) step(t *testing.T, options ...sync.SyncOpt) (common.OperationPhase, string, []common.ResourceSyncResult) {
	t.Helper()
	there, err := a.cache.GetManagedLiveObjs(a.git, mine)
	if err != nil {
		t.Fatal(err)
	}
	kubectl := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	step, cleanup, err := sync.NewSyncContext("main", sync.Reconcile(a.git, there, a.namespace, a.cache), machine.config, machine.config, kubectl,
		a.namespace, a.cache.GetOpenAPISchema(), append(options, always...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	step.Sync()
	return step.GetState()
}

// byName are results by kind and name, of which none failed.
func byName(t *testing.T, results []common.ResourceSyncResult) map[string]common.ResourceSyncResult {
	t.Helper()
	out := map[string]common.ResourceSyncResult{}
	for _, r := range results {
		if r.Status == common.ResultCodeSyncFailed {
			t.Errorf("%s: %s", r.ResourceKey, r.Message)
		}
		out[r.ResourceKey.Kind+"/"+r.ResourceKey.Name] = r
	}
	return out
}

// mode is a way in which Argo CD looks for differences.
type mode struct {
	name    string
	options []diff.Option
}

// modes are all three: by default, with ServerSideApply=true, and with server-side diff, for which it asks the API server what would
// become of the object.
func (a *application) modes(t *testing.T) []mode {
	t.Helper()
	applier, cleanup, err := kube.ManageServerSideDiffDryRuns(machine.config, a.cache.GetOpenAPISchema(), tracing.NopTracer{}, logr.Discard(),
		func(string) (kube.CleanupFunc, error) { return func() {}, nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleanup)
	fields := []diff.Option{diff.WithGVKParser(a.cache.GetGVKParser()), diff.WithManager(manager), diff.WithLogr(logr.Discard())}
	return []mode{
		{"three-way", []diff.Option{diff.WithLogr(logr.Discard())}},
		{"structured merge", append(fields, diff.WithStructuredMergeDiff(true))},
		{"server-side", append(fields, diff.WithServerSideDiff(true), diff.WithServerSideDryRunner(diff.NewK8sServerSideDryRunner(applier)))},
	}
}

// outOfSync lists the objects in which a mode finds a difference.
func (a *application) outOfSync(t *testing.T, m mode) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, o := range a.git {
		there := live(t, o)
		if there == nil {
			t.Fatalf("there is no %s %s", o.GetKind(), o.GetName())
		}
		result, err := diff.Diff(o.DeepCopy(), there, m.options...)
		if err != nil {
			t.Fatalf("%s, %s %s: %v", m.name, o.GetKind(), o.GetName(), err)
		}
		if result.Modified {
			found[o.GetKind()+"/"+o.GetName()] = fmt.Sprintf("live %s\nmade %s", result.NormalizedLive, result.PredictedLive)
		}
	}
	return found
}

// different says that each mode finds a difference in the named objects, and in no other.
func (a *application) different(t *testing.T, when string, want ...string) {
	t.Helper()
	for _, m := range a.modes(t) {
		found := a.outOfSync(t, m)
		if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
			t.Errorf("%s, the %s diff finds %v, not %v: %v", when, m.name, got, want, found)
		}
	}
}

// without takes objects of a kind out of Git.
func (a *application) without(kinds ...string) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(a.git), func(o *unstructured.Unstructured) bool { return slices.Contains(kinds, o.GetKind()) })
}

// of returns an object of Git.
func (a *application) of(t *testing.T, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, o := range a.git {
		if o.GetKind() == kind && o.GetName() == name {
			return o
		}
	}
	t.Fatalf("no %s %s", kind, name)
	return nil
}

//go:build linux

package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// Charts as they are, and as they were: testdata/charts/README.md says what is packed there.
const (
	operatorChart = "charts/goto-operator"
	teamChart     = "charts/goto-team"
	operatorWas   = "test/cluster/testdata/charts/goto-operator-0.0.1.tgz"
	teamWas       = "test/cluster/testdata/charts/goto-team-0.0.1.tgz"
)

// Two teams, in a namespace each: one goes beside the operator at work, and the other while none is.
const (
	sales, support    = "sales", "support"
	valuesOfSales     = teamChart + "/ci/example-values.yaml"
	lookAgain         = "goto-operator.dev/reconcile-requested-at"
	finalizer         = "goto-operator.dev/finalizer"
	withAccount       = "account.create=true,account.name=example,account.managementPolicy=Manage,account.allowedNamespaces.from=All,account.allowedAdminRoles={MANAGE_USERS}"
	accountOfReleases = "account.namespace=" + rig.OperatorNamespace
)

// valuesOfSupport has what the charts have always known.
const valuesOfSupport = `
account: {name: example}
groups: {support: {displayName: Support}}
licenses: {support-meetings: {product: G2M, groups: [support]}}
users: [{email: sue.support@example.test, firstName: Sue, lastName: Support, group: support}]
meetings: {standup: {subject: Standup, start: "2035-01-08T08:00:00Z", duration: 15m}}
`

// valuesOfMore are one object each of the kinds that the team chart did not have.
const valuesOfMore = `
attributes: {cost-centre: {displayName: Cost centre}}
emailTemplates: {welcome: {subject: Welcome, text: Your account is ready.}}
settings: {quiet: {product: G2M, settings: {chatEnabled: false}, everyone: true}}
reports: {usage: {kind: MeetingHistory, last: 30d, groups: [sales]}}
`

// releases are the operator's and two teams', with the operator at work.
type releases struct {
	*cluster
	sim      *simulated
	operator *pod
	every    []schema.GroupVersionKind
	asked    int
}

// releaseStep is something that people do with a release.
type releaseStep struct {
	what    string
	args    []string
	rollout bool   // the Deployment has another template afterwards
	fails   string // what Helm then says
}

// What people have in GoTo hangs on no step of a release. Beside the operator at work each of them keeps every object as it is, and
// not one request writes to GoTo.
func TestReleasesBesideTheOperator(t *testing.T) {
	r := installedAsTheyWere(t)
	operator := func(verb string, more ...string) []string {
		return append([]string{verb, "goto-operator", "--namespace", rig.OperatorNamespace}, more...)
	}
	team := func(verb string, more ...string) []string {
		return append([]string{verb, sales, "--namespace", sales}, more...)
	}
	for _, s := range []releaseStep{
		{what: "the operator's upgrade", args: operator("upgrade", operatorChart, "--reuse-values"), rollout: true},
		{what: "a team's upgrade", args: team("upgrade", teamChart, "--values", valuesOfSales, "--set", accountOfReleases)},
		{what: "another team's upgrade, with the values it had", args: []string{"upgrade", support, teamChart, "--namespace", support, "--reuse-values"}},
		{what: "the operator's rollback", args: operator("rollback", "2"), rollout: true},
		{what: "the operator's upgrade with --force", args: operator("upgrade", operatorChart, "--reuse-values", "--force"), rollout: true},
		{what: "a team's rollback", args: team("rollback", "1")},
		{what: "a team's upgrade with --force", args: team("upgrade", teamChart, "--reuse-values", "--force")},
		{what: "a team's rollback with --force", args: team("rollback", "1", "--force")},
		{what: "the operator's upgrade with --atomic, whose Pods never start", fails: "context deadline exceeded",
			args: operator("upgrade", operatorChart, "--reuse-values", "--set", "replicas=1", "--atomic", "--timeout", "2s")},
		{what: "a team's upgrade with --atomic, which the API server refuses", fails: "duration must be between",
			args: team("upgrade", teamChart, "--reuse-values", "--set", "meetings.weekly-sync.duration=10s", "--atomic", "--timeout", "20s")},
	} {
		r.changesNothing(t, s)
	}
	r.uninstallsBesideTheOperator(t)
	r.uninstallsWithoutAnOperator(t)
}

// installedAsTheyWere installs the charts as they were, and has everything made in GoTo.
func installedAsTheyWere(t *testing.T) *releases {
	t.Helper()
	r := &releases{cluster: start(t)}
	values := filepath.Join(r.dir, "support.yaml")
	write(t, values, valuesOfSupport)
	r.helm(t, "install", "goto-operator", operatorWas, "--namespace", rig.OperatorNamespace, "--create-namespace", "--set", "simulator.enabled=true")
	r.kubectl(t, "wait", "crd", "--all", "--for=condition=Established", "--timeout=1m")
	r.everyKindWasThere(t)
	r.helm(t, "upgrade", "goto-operator", operatorWas, "--namespace", rig.OperatorNamespace, "--reuse-values", "--set", withAccount)
	r.sim = r.simulator(t)
	r.rollOut(t)
	r.helm(t, "install", sales, teamWas, "--namespace", sales, "--create-namespace", "--values", valuesOfSales, "--set", accountOfReleases)
	r.helm(t, "install", support, teamWas, "--namespace", support, "--create-namespace", "--values", values, "--set", accountOfReleases)
	r.ready(t, 1+teamObjects+4)
	return r
}

// everyKindWasThere: the operator of today cannot work beside a chart that lacks a kind of today.
func (r *releases) everyKindWasThere(t *testing.T) {
	t.Helper()
	for _, crd := range parse(t, r.kubectl(t, "kustomize", "config/crd")) {
		kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
		r.every = append(r.every, schema.GroupVersionKind{Group: "goto-operator.dev", Version: "v1alpha1", Kind: kind})
	}
	if was := strings.Split(r.kinds(t), ","); len(was) != len(r.every) {
		t.Fatalf("the chart as it was has the kinds %v, and today there are %v: pack it anew (test/cluster/testdata/charts)", was, r.every)
	}
}

// helm runs it as a person would.
func (r *releases) helm(t *testing.T, args ...string) string {
	t.Helper()
	return r.must(t, "", helmBinary, args...)
}

// rollOut runs the Deployment as it now is, in the place of what ran before.
func (r *releases) rollOut(t *testing.T) {
	t.Helper()
	if r.operator != nil {
		r.operator.stop(t)
	}
	r.operator = r.run(t, operatorDeployment)
	until(t, "the operator is ready", func() bool { return r.operator.ready() == http.StatusOK })
}

// changesNothing takes a step, and has the operator look at every object and read the account after it.
func (r *releases) changesNothing(t *testing.T, s releaseStep) {
	t.Helper()
	before, inGoTo := r.objects(t), r.sim.accounts(t)
	r.sim.ask(t, http.MethodDelete, "/log", "", nil)
	if s.fails == "" {
		r.helm(t, s.args...)
	} else if said := r.try(t, helmBinary, s.args...); !strings.Contains(said, s.fails) {
		t.Fatalf("%s: %s", s.what, said)
	}
	if s.rollout {
		r.rollOut(t)
	}
	r.settle(t)
	now := r.objects(t)
	if diff := cmp.Diff(held(before, now), held(now, before)); diff != "" {
		t.Errorf("%s:\n%s", s.what, diff)
	}
	r.untouched(t, s.what, inGoTo)
}

// untouched: no request wrote to GoTo since the log was emptied, and all is there as it was.
func (r *releases) untouched(t *testing.T, what string, before any) {
	t.Helper()
	reads, writes := r.sim.requests(t)
	t.Logf("%s: %d requests that read, %d that write", what, reads, len(writes))
	if len(writes) > 0 {
		t.Errorf("%s writes to GoTo: %v", what, writes)
	}
	if diff := cmp.Diff(before, r.sim.accounts(t)); diff != "" {
		t.Errorf("%s changes in GoTo:\n%s", what, diff)
	}
}

// settle returns once the operator has looked at every object, which then has what the operator puts on it, and is Ready.
func (r *releases) settle(t *testing.T) {
	t.Helper()
	r.asked++
	at := fmt.Sprint("request-", r.asked)
	for _, o := range r.objects(t) {
		request := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, lookAgain, at))
		if err := r.Client.Patch(t.Context(), &o, request); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "every object is looked at, and Ready", func() bool {
		for _, o := range r.objects(t) {
			last, _, _ := unstructured.NestedString(o.Object, "status", "lastHandledReconcileAt")
			if last != at || !isReady(o) || !slices.Contains(o.GetFinalizers(), finalizer) {
				return false
			}
		}
		return true
	})
}

func isReady(o unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	return slices.ContainsFunc(conditions, func(c any) bool {
		return c.(map[string]any)["type"] == "Ready" && c.(map[string]any)["status"] == "True"
	})
}

// objects are all of the project's, by kind, namespace and name.
func (r *releases) objects(t *testing.T) map[string]unstructured.Unstructured {
	t.Helper()
	all := map[string]unstructured.Unstructured{}
	for _, kind := range r.every {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := r.Client.List(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Items {
			all[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = o
		}
	}
	return all
}

// selects are the fields by which a chart says who of its users are meant. A later chart may say that by other labels: that those
// are the same users is told by GoTo, where nothing is written.
var selects = map[string]string{"GoToLicenseBinding": "subjects", "GoToSettingsProfile": "targets"}

// held is what an installation must not change of objects. A field of a spec that others of the same objects lack is left out: a CRD may
// have a default for it, and whoever writes one raises the generation.
func held(all, others map[string]unstructured.Unstructured) map[string]any {
	out := map[string]any{}
	for name, o := range all {
		spec, _, _ := unstructured.NestedMap(o.Object, "spec")
		known, _, _ := unstructured.NestedMap(others[name].Object, "spec")
		maps.DeleteFunc(spec, func(field string, _ any) bool { return known[field] == nil })
		generation := o.GetGeneration()
		if field, is := selects[o.GetKind()]; is {
			delete(spec, field)
			generation = 0
		}
		out[name] = []any{o.GetUID(), generation, o.GetDeletionTimestamp(), spec}
	}
	return out
}

// of are those in a namespace.
func of(namespace string, all map[string]unstructured.Unstructured) map[string]unstructured.Unstructured {
	out := map[string]unstructured.Unstructured{}
	for name, o := range all {
		if o.GetNamespace() == namespace {
			out[name] = o
		}
	}
	return out
}

package packaging

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/action"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	operatorNamespace = "goto-operator-system"
	withAccount       = `{account: {create: true, name: example, allowedNamespaces: {from: All}}}`
)

// A release's whole life, at a real API server: what people have in GoTo depends on none of its steps.
func TestLifeOfReleases(t *testing.T) {
	c := start(t)
	c.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: operatorNamespace}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}},
		credentials("first"))
	install := action.NewInstall(c.helm(t, operatorNamespace))
	install.ReleaseName, install.Namespace = "goto-operator", operatorNamespace
	if _, err := install.Run(load(t, operatorChart), values(t, withAccount)); err == nil || !strings.Contains(err.Error(), "run helm upgrade") {
		t.Fatalf("kind and object in one installation: %v", err)
	}
	c.install(t, operatorChart, "goto-operator", operatorNamespace, `{}`)
	c.served(t)
	c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, values(t, withAccount), false)
	example := read(t, "charts", teamChart, "ci", "example-values.yaml") + "\nuninstall: {policy: Suspend}\n"
	inTeam := func(more string) map[string]any {
		v, every := values(t, example+more), values(t, read(t, "charts", teamChart, "ci", "settings-values.yaml"))
		v["settings"], v["reports"] = every["settings"], every["reports"]
		v["account"] = map[string]any{"name": "example", "namespace": operatorNamespace}
		return v
	}
	c.installValues(t, teamChart, "sales", "team", inTeam(""))
	before := identities(c.managed(t))
	if len(before) != 13 {
		t.Fatalf("%d objects: %v", len(before), before)
	}

	// The operator saves a token that GoTo has rotated; no step of a release takes it back.
	c.patch(t, credentials(""), map[string]any{"stringData": map[string]any{"refresh-token": "rotated"}})
	fewer := inTeam("")
	fewer["users"] = fewer["users"].([]any)[:1]
	for _, step := range []struct {
		what string
		do   func()
		gone []string
	}{
		{"the operator's upgrade", func() { c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, values(t, withAccount), false) }, nil},
		{"its upgrade with --force", func() { c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, values(t, withAccount), true) }, nil},
		{"its upgrade with --atomic, which fails", func() { c.atomic(t) }, nil},
		{"the team's upgrade", func() { c.upgrade(t, teamChart, "sales", "team", inTeam(""), false) }, nil},
		{"its upgrade with --force", func() { c.upgrade(t, teamChart, "sales", "team", inTeam(""), true) }, nil},
		{"its upgrade without a user", func() { c.upgrade(t, teamChart, "sales", "team", fewer, false) }, []string{"GoToUser/max-manager-example-test-37e8b2e1"}},
		{"the operator's rollback", func() { c.rollback(t, "goto-operator", operatorNamespace) }, []string{"GoToUser/max-manager-example-test-37e8b2e1"}},
	} {
		step.do()
		after := identities(c.managed(t))
		want := maps.Clone(before)
		for _, gone := range step.gone {
			delete(want, gone)
		}
		if diff := cmp.Diff(want, after); diff != "" {
			t.Errorf("%s:\n%s", step.what, diff)
		}
		if token := c.token(t); token != "rotated" {
			t.Errorf("%s leaves the token %q", step.what, token)
		}
	}
	c.rollback(t, "sales", "team")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(c.managed(t)))); diff != "" {
		t.Errorf("the team's rollback:\n%s", diff)
	}
	c.uninstallTeam(t)
	c.uninstallOperator(t)
}

// uninstallTeam: each object is suspended when it is marked for deletion, so that the operator lets it go and leaves GoTo as it is.
func (c *cluster) uninstallTeam(t *testing.T) {
	t.Helper()
	for _, o := range c.managed(t) {
		c.patch(t, o, map[string]any{"metadata": map[string]any{"finalizers": []string{"goto-operator.dev/finalizer"}}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- c.kubelet(ctx, "team", "sales-suspend") }()
	uninstall := action.NewUninstall(c.helm(t, "team"))
	uninstall.Timeout = time.Minute
	if _, err := uninstall.Run("sales"); err != nil {
		t.Error(err)
	}
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	marked := 0
	for key, o := range c.managed(t) {
		if o.GetNamespace() != "team" {
			continue
		}
		marked++
		if o.GetDeletionTimestamp() == nil || field(o, "spec", "suspend") != true {
			t.Errorf("%s: deleted at %v, suspended: %v", key, o.GetDeletionTimestamp(), field(o, "spec", "suspend"))
		}
		c.patch(t, o, map[string]any{"metadata": map[string]any{"finalizers": nil}})
	}
	if marked != 12 {
		t.Errorf("%d objects were marked for deletion", marked)
	}
}

// helmWaits is for how long Helm waits for a hook, where no --timeout says otherwise.
const helmWaits = 5 * time.Minute

// Uninstalling a team of 2,000 needs no --timeout: its Job has suspended them all in half of the time that Helm waits for it.
func TestUninstallSuspendsTwoThousandInTime(t *testing.T) {
	c, r := start(t), team(t, twoThousand())
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}})
	c.run(t, "apply", "--server-side", "-k", filepath.Join(root, "config", "crd"))
	c.served(t)
	c.run(t, "create", "-f", file(t, r.Manifest+"\n"+hooks(r)))
	ctx, cancel := context.WithTimeout(t.Context(), helmWaits/2)
	defer cancel()
	started := time.Now()
	if err := c.kubelet(ctx, "team", "sales-suspend"); err != nil {
		t.Error(err)
	}
	all := c.managed(t)
	t.Logf("%d objects: %s", len(all), time.Since(started).Round(100*time.Millisecond))
	for key, o := range all {
		if field(o, "spec", "suspend") != true {
			t.Errorf("%s is not suspended", key)
		}
	}
	if len(all) != 2002 {
		t.Errorf("%d objects", len(all))
	}
}

// uninstallOperator: kinds and account stay, and the next installation takes them up.
func (c *cluster) uninstallOperator(t *testing.T) {
	t.Helper()
	before := identities(c.managed(t))
	if _, err := action.NewUninstall(c.helm(t, operatorNamespace)).Run("goto-operator"); err != nil {
		t.Fatal(err)
	}
	deployment := &appsv1.Deployment{}
	err := c.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "goto-operator-controller-manager"}, deployment)
	if !apierrors.IsNotFound(err) {
		t.Errorf("the operator stays: %v", err)
	}
	c.install(t, operatorChart, "goto-operator", operatorNamespace, withAccount)
	after := c.managed(t)
	if diff := cmp.Diff(before, identities(after)); diff != "" || len(before) != 1 {
		t.Errorf("%d objects:\n%s", len(before), diff)
	}
	for key, o := range after {
		if o.GetDeletionTimestamp() != nil {
			t.Errorf("%s is marked for deletion", key)
		}
	}
	if token := c.token(t); token != "rotated" {
		t.Errorf("the token is %q", token)
	}
}

func credentials(token string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "goto-credentials"},
		StringData: map[string]string{"refresh-token": token}}
}

func (c *cluster) token(t *testing.T) string {
	t.Helper()
	secret := credentials("")
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(secret), secret); err != nil {
		t.Fatal(err)
	}
	return string(secret.Data["refresh-token"])
}

// identities of objects: one that was made anew has another.
func identities(all objects) map[string]string {
	out := map[string]string{}
	for key, o := range all {
		out[key] = string(o.GetUID())
	}
	return out
}

func (c *cluster) install(t *testing.T, chartName, name, namespace, with string) {
	t.Helper()
	c.installValues(t, chartName, name, namespace, values(t, with))
}

func (c *cluster) installValues(t *testing.T, chartName, name, namespace string, with map[string]any) {
	t.Helper()
	install := action.NewInstall(c.helm(t, namespace))
	install.ReleaseName, install.Namespace = name, namespace
	if _, err := install.Run(load(t, chartName), with); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) upgrade(t *testing.T, chartName, name, namespace string, with map[string]any, force bool) {
	t.Helper()
	upgrade := action.NewUpgrade(c.helm(t, namespace))
	upgrade.Namespace, upgrade.Force = namespace, force
	if _, err := upgrade.Run(name, load(t, chartName), with); err != nil {
		t.Fatal(err)
	}
}

// atomic upgrades the operator, whose Pods never become ready here, so that Helm takes the upgrade back.
func (c *cluster) atomic(t *testing.T) {
	t.Helper()
	upgrade := action.NewUpgrade(c.helm(t, operatorNamespace))
	upgrade.Namespace, upgrade.Atomic, upgrade.Wait, upgrade.Timeout = operatorNamespace, true, true, 2*time.Second
	with := values(t, withAccount)
	with["replicas"] = 1
	if _, err := upgrade.Run("goto-operator", load(t, operatorChart), with); err == nil {
		t.Error("Pods became ready where there are none")
	}
}

func (c *cluster) rollback(t *testing.T, name, namespace string) {
	t.Helper()
	rollback := action.NewRollback(c.helm(t, namespace))
	rollback.Version = 1
	if err := rollback.Run(name); err != nil {
		t.Fatal(err)
	}
}

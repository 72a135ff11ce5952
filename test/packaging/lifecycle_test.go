package packaging

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	for name, h := range helms(t) {
		t.Run(name, func(t *testing.T) {
			c := start(t)
			c.by = h
			c.lifeOfReleases(t)
		})
	}
}

func (c *cluster) lifeOfReleases(t *testing.T) {
	t.Helper()
	c.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: operatorNamespace}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}},
		credentials("first"))
	err := c.install(t, operatorChart, "goto-operator", operatorNamespace, withAccount)
	if err == nil || !strings.Contains(err.Error(), "run helm upgrade") {
		t.Fatalf("kind and object in one installation: %v", err)
	}
	must(t, c.install(t, operatorChart, "goto-operator", operatorNamespace, `{}`))
	c.served(t)
	must(t, c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, withAccount))
	example := read(t, "charts", teamChart, "ci", "example-values.yaml") + "\nuninstall: {policy: Suspend}\n"
	inTeam := func(users int) string {
		v, every := values(t, example), values(t, read(t, "charts", teamChart, "ci", "settings-values.yaml"))
		v["settings"], v["reports"] = every["settings"], every["reports"]
		v["account"] = map[string]any{"name": "example", "namespace": operatorNamespace}
		v["users"] = v["users"].([]any)[:users]
		text, err := json.Marshal(v)
		must(t, err)
		return string(text)
	}
	must(t, c.install(t, teamChart, "sales", "team", inTeam(2)))
	before := identities(c.managed(t))
	if len(before) != 13 {
		t.Fatalf("%d objects: %v", len(before), before)
	}

	// The operator saves a token that GoTo has rotated; no step of a release takes it back.
	c.patch(t, credentials(""), map[string]any{"stringData": map[string]any{"refresh-token": "rotated"}})
	for _, step := range []struct {
		what string
		do   func() error
		gone []string
	}{
		{"the operator's upgrade", func() error { return c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, withAccount) }, nil},
		{"its upgrade with --force", func() error {
			return c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, withAccount, c.by.force...)
		}, nil},
		{"its upgrade with --atomic, which fails", func() error { return c.atomic(t) }, nil},
		{"the team's upgrade by another Helm", func() error { return c.byAnother(t, inTeam(2)) }, nil},
		{"the team's upgrade", func() error { return c.upgrade(t, teamChart, "sales", "team", inTeam(2)) }, nil},
		{"its upgrade with --force", func() error { return c.upgrade(t, teamChart, "sales", "team", inTeam(2), c.by.force...) }, nil},
		{"its upgrade without a user", func() error { return c.upgrade(t, teamChart, "sales", "team", inTeam(1)) }, []string{"GoToUser/max-manager-example-test-37e8b2e1"}},
		{"the operator's rollback", func() error { return c.helm(t, operatorNamespace, "rollback", "goto-operator", "1") }, []string{"GoToUser/max-manager-example-test-37e8b2e1"}},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.what, err)
		}
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
	c.changedByHand(t, inTeam(1))
	must(t, c.helm(t, "team", "rollback", "sales", "1"))
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(c.managed(t)))); diff != "" {
		t.Errorf("the team's rollback:\n%s", diff)
	}
	c.uninstallTeam(t)
	c.uninstallOperator(t)
}

// byAnother upgrades the team by each Helm that the test is not about.
func (c *cluster) byAnother(t *testing.T, with string) error {
	t.Helper()
	var failed error
	for _, h := range helms(t) {
		if h.path != c.by.path {
			other := *c
			other.by = h
			failed = errors.Join(failed, other.upgrade(t, teamChart, "sales", "team", with))
		}
	}
	return failed
}

// changedByHand: what somebody else has written since stays, be it because Helm leaves it or because it refuses; by a flag it is taken back.
func (c *cluster) changedByHand(t *testing.T, with string) {
	t.Helper()
	name := func() any { return field(c.managed(t)["GoToGroup/sales"], "spec", "name") }
	before := name()
	c.patch(t, c.managed(t)["GoToGroup/sales"], map[string]any{"spec": map[string]any{"name": "By hand"}})
	err := c.upgrade(t, teamChart, "sales", "team", with, c.by.serverSide...)
	if (c.by.regain == nil) != (err == nil) || name() != "By hand" {
		t.Errorf("the name is %v: %v", name(), err)
	}
	if c.by.regain == nil {
		return
	}
	must(t, c.upgrade(t, teamChart, "sales", "team", with, c.by.regain...))
	if name() != before {
		t.Errorf("the name is %v, not %v", name(), before)
	}
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
	if err := c.helm(t, "team", "uninstall", "sales", "--timeout=1m"); err != nil {
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
	must(t, c.helm(t, operatorNamespace, "uninstall", "goto-operator"))
	deployment := &appsv1.Deployment{}
	err := c.Get(t.Context(), client.ObjectKey{Namespace: operatorNamespace, Name: "goto-operator-controller-manager"}, deployment)
	if !apierrors.IsNotFound(err) {
		t.Errorf("the operator stays: %v", err)
	}
	must(t, c.install(t, operatorChart, "goto-operator", operatorNamespace, withAccount))
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

func (c *cluster) install(t *testing.T, chart, name, namespace, with string) error {
	t.Helper()
	return c.helm(t, namespace, "install", name, folderOf(chart), "--values="+file(t, with))
}

func (c *cluster) upgrade(t *testing.T, chart, name, namespace, with string, flags ...string) error {
	t.Helper()
	return c.helm(t, namespace, append([]string{"upgrade", name, folderOf(chart), "--values=" + file(t, with)}, flags...)...)
}

// atomic upgrades the operator, whose Pods never become ready here, so that Helm takes the upgrade back.
func (c *cluster) atomic(t *testing.T) error {
	t.Helper()
	if c.upgrade(t, operatorChart, "goto-operator", operatorNamespace, withAccount, "--set=replicas=1", c.by.atomic, "--wait", "--timeout=2s") == nil {
		return errors.New("pods became ready where there are none")
	}
	return nil
}

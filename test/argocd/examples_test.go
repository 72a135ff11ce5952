package argocd

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

// The examples as they are shipped, but for where GoTo is, come to rest all Healthy: all at once, as one application has them.
func TestExamplesAtOnce(t *testing.T) {
	t.Parallel()
	w, from := strictWorld(t), time.Now()
	a := applicationOf(t, w, w.examples(t, "config/examples/objects"))
	a.sync(t, time.Minute)
	w.healthy(t, len(a.git))
	t.Logf("%d objects Healthy; the first user was Ready %s after an empty namespace", len(a.git), w.firstUser(t).Sub(from).Round(time.Second))
}

// So they do in the waves of the app of apps, each of which waits until the one before is Healthy; and a user who does not accept the
// invitation holds up none.
func TestExamplesInWaves(t *testing.T) {
	t.Parallel()
	w, from := strictWorld(t), time.Now()
	w.send(t, http.MethodPatch, "/switches", `{"invitedOrganizer":"legacyNoKey"}`)
	a := applicationOf(t, w, append(w.waves(t), w.invited(t)...))
	results := a.inWaves(t, time.Minute, scripts{t})
	for _, kind := range []string{"GoToMeeting/sales-weekly", "GoToReport/meetings"} {
		if results[kind].Status != common.ResultCodeSynced {
			t.Errorf("the last wave did not arrive: %s is %v", kind, results[kind])
		}
	}
	w.healthy(t, len(a.git))
	if got := condition(live(t, a.of(t, "GoToUser", "ivy-ingram")), "Ready"); got != "False/InvitationPending" {
		t.Errorf("the invited user is %s", got)
	}
	t.Logf("%d objects Healthy; the first user was Ready %s after an empty namespace", len(a.git), w.firstUser(t).Sub(from).Round(time.Second))
}

// optIn are the lines of the example of an account that vouch for an operation, as comments.
var optIn = regexp.MustCompile(`(?m)^  # (endpoints:|  .*)$`)

// What the examples leave out works too, once the account vouches for the operation.
func TestWhatTheExamplesLeaveOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	objects := w.examples(t, "config/examples/objects/teams")
	left := w.examples(t, "config/examples/unverified")
	account := parse(t, optIn.ReplaceAllString(read(t, filepath.Join(root, "config/examples/objects/account/account.yaml")), "  $1"))[0]
	account.SetNamespace(w.namespace)
	w.simulated(t, account)
	a := applicationOf(t, w, slices.Concat(objects, left, []*unstructured.Unstructured{account}))
	a.sync(t, time.Minute)
	w.healthy(t, len(a.git))
	if len(left) != 1 || w.writes(t)["updateUserSettings"] == 0 {
		t.Errorf("%d objects are left out, and GoTo got %v", len(left), w.writes(t))
	}
}

// unverified are the ids of the operations of docs/goto-api/endpoints.md that nobody has verified.
var unverified = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [A-Z]+ \\| `[^`]+` \\| U \\|")

// strictWorld is one whose GoTo has none of the paths that nobody has verified.
func strictWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	operations := unverified.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/goto-api/endpoints.md")), -1)
	if len(operations) < 50 {
		t.Fatalf("%d operations are unverified", len(operations))
	}
	for _, o := range operations {
		w.send(t, http.MethodPost, "/faults", `{"kind":"error-before","status":404,"operation":"`+o[1]+`"}`)
	}
	return w
}

// examples are the objects of a folder of examples and of those below, with the account at the world's simulator.
func (w *world) examples(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	err := filepath.WalkDir(filepath.Join(root, folder), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, o := range parse(t, read(t, file)) {
			o.SetNamespace(w.namespace)
			w.simulated(t, o)
			all = append(all, o)
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d objects in %s: %v", len(all), folder, err)
	}
	return all
}

// simulated puts an account at the world's simulator, and leaves everything else as it is.
func (w *world) simulated(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	if o.GetKind() != "GoToAccount" {
		return
	}
	for field, value := range map[string]string{"api": w.api, "token": w.api + "/oauth/token"} {
		if err := unstructured.SetNestedField(o.Object, value, "spec", "endpoints", field); err != nil {
			t.Fatal(err)
		}
	}
}

// waves are the objects of the app of apps, each in the wave of its application.
func (w *world) waves(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/examples/argocd/app-of-apps/apps/*.yaml"))
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	var all []*unstructured.Unstructured
	for _, file := range files {
		app := parse(t, read(t, file))[0]
		folder, _, _ := unstructured.NestedString(app.Object, "spec", "source", "path")
		for _, o := range w.examples(t, folder) {
			all = append(all, inWave(o, app.GetAnnotations()[common.AnnotationSyncWave]))
		}
	}
	return all
}

func inWave(o *unstructured.Unstructured, wave string) *unstructured.Unstructured {
	annotations := map[string]string{common.AnnotationSyncWave: wave}
	maps.Copy(annotations, o.GetAnnotations())
	o.SetAnnotations(annotations)
	return o
}

// invited are an account with organizers, whose token does not rotate, and a user there who is invited and does not answer.
func (w *world) invited(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "organizers"}, StringData: map[string]string{
		"client-id": "sim-client", "client-secret": "sim-secret", "personal-access-token": "sim-personal-access-token"}}
	if err := machine.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	objects := parse(t, `{apiVersion: goto-operator.dev/v1alpha1, kind: GoToAccount, metadata: {name: organizers}, spec: {provisioning: Organizers,
  credentials: {grant: PersonalAccessToken, secretRef: {name: organizers}}}}
---
{apiVersion: goto-operator.dev/v1alpha1, kind: GoToUser, metadata: {name: ivy-ingram}, spec: {accountRef: {name: organizers},
  email: ivy.ingram@example.test, firstName: Ivy, lastName: Ingram, products: [G2M]}}`)
	for i, wave := range []string{"0", "2"} {
		objects[i].SetNamespace(w.namespace)
		w.simulated(t, objects[i])
		inWave(objects[i], wave)
	}
	return objects
}

// healthy waits until so many objects are there, all of them Healthy for Argo CD, and at rest.
func (w *world) healthy(t *testing.T, count int) {
	t.Helper()
	defer func() {
		for _, o := range w.all(t) {
			if h, err := (scripts{t}).GetResourceHealth(&o); t.Failed() && (err != nil || h.Status != health.HealthStatusHealthy) {
				t.Logf("%s %s: %v, %v", o.GetKind(), o.GetName(), h, err)
			}
		}
	}()
	w.rests(t, count, func(o *unstructured.Unstructured) bool {
		h, err := (scripts{t}).GetResourceHealth(o)
		return err == nil && h.Status == health.HealthStatusHealthy
	})
}

// firstUser is when the first user became Ready.
func (w *world) firstUser(t *testing.T) time.Time {
	t.Helper()
	var times []time.Time
	for _, o := range w.all(t) {
		conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, c := range conditions {
			fields := c.(map[string]any)
			at, err := time.Parse(time.RFC3339, fields["lastTransitionTime"].(string))
			if o.GetKind() == "GoToUser" && fields["type"] == "Ready" && fields["status"] == "True" && err == nil {
				times = append(times, at)
			}
		}
	}
	return slices.MinFunc(times, time.Time.Compare)
}

// scripts judge health by those that are generated for Argo CD.
type scripts struct{ t *testing.T }

// GetResourceHealth evaluates the script of a kind; nothing is known of an object without one.
func (s scripts) GetResourceHealth(o *unstructured.Unstructured) (*health.HealthStatus, error) {
	if o.GetAPIVersion() != ourAPI {
		return nil, nil
	}
	script := read(s.t, filepath.Join(root, "config/argocd/resource_customizations/goto-operator.dev", o.GetKind(), "health.lua"))
	content, err := o.MarshalJSON()
	if err != nil {
		return nil, err
	}
	state := lua.NewState()
	defer state.Close()
	value, err := luajson.Decode(state, content)
	if err != nil {
		return nil, err
	}
	state.SetGlobal("obj", value)
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	if content, err = luajson.Encode(state.Get(-1)); err != nil {
		return nil, err
	}
	var judged health.HealthStatus
	return &judged, json.NewDecoder(bytes.NewReader(content)).Decode(&judged)
}

// send changes something by the simulator's control port.
func (w *world) send(t *testing.T, method, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.control+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %s", method, path, response.Status)
	}
}

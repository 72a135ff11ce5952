package argocd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const ourAPI = "goto-operator.dev/v1alpha1"

// world is a namespace, with a GoTo and an operator of its own.
type world struct {
	namespace    string
	api, control string // the simulator's two ports
}

// newWorld starts both; they end with the test.
func newWorld(t *testing.T) *world {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "team-"}}
	if err := machine.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	w := &world{namespace: namespace.Name}
	w.simulate(t)
	log := w.start(t, nil, machine.operator, "--leader-elect=false", "--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--watch-namespaces="+w.namespace, "--allowed-hosts="+w.api)
	t.Cleanup(func() {
		if content, err := os.ReadFile(log); t.Failed() && err == nil {
			t.Logf("the operator's log ends with:\n%s", content[max(0, len(content)-4000):])
		}
	})
	for _, o := range samples(t, w) {
		if o.GetKind() == "Secret" { // is made by hand, outside Git
			if err := machine.Create(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// simulate starts the simulator, which prints its two addresses.
func (w *world) simulate(t *testing.T) {
	t.Helper()
	out, in := io.Pipe()
	w.start(t, in, machine.simulator, "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0")
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		url := address.FindString(lines.Text())
		switch {
		case strings.Contains(lines.Text(), "GoTo API"):
			w.api = url
		case strings.Contains(lines.Text(), "control port"):
			w.control = url
		}
		if w.api != "" && w.control != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	t.Fatal("the simulator printed no addresses")
}

// start runs a program until the end of the test, and returns the path of its log.
func (w *world) start(t *testing.T, stdout io.Writer, name string, args ...string) string {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(name, args...)
	program.Env = append(os.Environ(), "KUBECONFIG="+machine.kubeconfig)
	program.Stdout, program.Stderr = log, log
	if stdout != nil {
		program.Stdout = stdout
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Signal(os.Interrupt)
		_ = program.Wait()
		_ = log.Close()
	})
	return log.Name()
}

// samples are the objects of config/samples, in the world's namespace and for its simulator.
func samples(t *testing.T, w *world) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config", "samples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all []*unstructured.Unstructured
	for _, file := range files {
		for _, o := range parse(t, strings.ReplaceAll(read(t, file), "http://127.0.0.1:8480", w.api)) {
			o.SetNamespace(w.namespace)
			all = append(all, o)
		}
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func parse(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		o := &unstructured.Unstructured{}
		if err := decoder.Decode(&o.Object); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
}

// until waits for something that takes the operator a moment.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// live reads an object; nil if it is gone.
func live(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	found := &unstructured.Unstructured{}
	found.SetGroupVersionKind(o.GroupVersionKind())
	err := machine.Get(t.Context(), client.ObjectKeyFromObject(o), found)
	if client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	if err != nil {
		return nil
	}
	return found
}

// condition is status and reason of a condition; empty where there is none for the generation.
func condition(o *unstructured.Unstructured, name string) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		fields, _ := c.(map[string]any)
		if fields["type"] == name && fields["observedGeneration"] == o.GetGeneration() {
			return fields["status"].(string) + "/" + fields["reason"].(string)
		}
	}
	return ""
}

// all are the live objects of the operator's kinds.
func (w *world) all(t *testing.T) []unstructured.Unstructured {
	t.Helper()
	var all []unstructured.Unstructured
	for _, kind := range machine.kinds {
		list := &unstructured.UnstructuredList{}
		list.SetAPIVersion(ourAPI)
		list.SetKind(kind)
		if err := machine.List(t.Context(), list, client.InNamespace(w.namespace)); err != nil {
			t.Fatal(err)
		}
		all = append(all, list.Items...)
	}
	return all
}

// settled waits until so many objects are there, all Ready, and at rest.
func (w *world) settled(t *testing.T, count int) {
	t.Helper()
	w.rests(t, count, func(o *unstructured.Unstructured) bool { return strings.HasPrefix(condition(o, "Ready"), "True/") })
}

// rests waits until so many objects are there, all of them well, and have stayed as they are for a while: counts of seats follow the users
// by a moment.
func (w *world) rests(t *testing.T, count int, well func(*unstructured.Unstructured) bool) {
	t.Helper()
	before, since := "", time.Now()
	until(t, "all are well and nothing changes", func() bool {
		now, all := "", w.all(t)
		for i := range all {
			if !well(&all[i]) {
				return false
			}
			now += all[i].GetResourceVersion() + " "
		}
		if now != before {
			before, since = now, time.Now()
		}
		return len(all) == count && time.Since(since) > 2*time.Second
	})
}

// patch merges into an object, as a person does.
func patch(t *testing.T, o *unstructured.Unstructured, merge string) {
	t.Helper()
	found := live(t, o)
	if err := machine.Patch(t.Context(), found, client.RawPatch("application/merge-patch+json", []byte(merge)), client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
}

// writes counts the requests to GoTo that were no readings.
func (w *world) writes(t *testing.T) map[string]int {
	t.Helper()
	var seen struct{ Calls map[string]int }
	w.ask(t, "/calls", &seen)
	for operation := range seen.Calls {
		if strings.HasPrefix(operation, "list") || strings.HasPrefix(operation, "get") || operation == "token" {
			delete(seen.Calls, operation)
		}
	}
	return seen.Calls
}

// users are the names in GoTo, by address.
func (w *world) users(t *testing.T) map[string]string {
	t.Helper()
	var state struct {
		Accounts []struct {
			Users []struct{ Email, FirstName string }
		}
	}
	w.ask(t, "/state", &state)
	users := map[string]string{}
	for _, u := range state.Accounts[0].Users {
		users[u.Email] = u.FirstName
	}
	return users
}

// ask reads JSON from the simulator's control port.
func (w *world) ask(t *testing.T, path string, into any) {
	t.Helper()
	response, err := http.Get(w.control + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

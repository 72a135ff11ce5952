//go:build linux

package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/goto-operator/goto-operator/hack/rig"
	"github.com/goto-operator/goto-operator/test/rights"
)

// patience is for what takes seconds on an idle machine.
const patience = 5 * time.Minute

// What make has built, from the root of the repository.
const (
	simulatorBinary = "bin/goto-simulator"
	helmBinary      = "bin/helm"
)

func TestMain(m *testing.M) {
	ctrllog.SetLogger(logr.Discard())
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// cluster is a fresh API server and a node that runs what is to run in it.
type cluster struct {
	*rig.ControlPlane
	dir, audit string
	pardoned   int64 // bytes of the audit log in which refusals are meant
	services   []service
	images     map[string]*image
	since      time.Time // when there was nothing in it

	// The API server as Pods see it: by an address of a cluster, and so with a certificate for that.
	roots  string
	front  func(net.Listener) net.Listener
	behind dialer
}

// auditPolicy has the API server write down what the Pods ask for, in one line each, and for a watch already when it begins.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: None
`

// start starts it; it ends with the test.
func start(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS names no control plane: make test-cluster does")
	}
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root may give a Pod namespaces of its own")
		}
		t.Skip("only root may give a Pod namespaces of its own")
	}
	// The kernel kills the simulator with the thread that has started it.
	runtime.LockOSThread()
	dir := t.TempDir()
	policy := filepath.Join(dir, "audit-policy.yaml")
	write(t, policy, auditPolicy)
	c := &cluster{dir: dir, audit: filepath.Join(dir, "audit.log"), images: map[string]*image{}}
	var err error
	c.ControlPlane, err = rig.StartControlPlane(dir, map[string]string{
		"audit-policy-file": policy, "audit-log-path": c.audit, "audit-log-maxsize": "100000",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
	c.presented(t)
	c.since = time.Now()
	return c
}

// presented puts another certificate before the API server's, whose own is for its address on this machine.
func (c *cluster) presented(t *testing.T) {
	t.Helper()
	host, _, _ := strings.Cut(apiServer, ":")
	config, roots := certified(t, []string{host})
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(c.Config.CAData)
	config.NextProtos = []string{"h2"}
	own := &tls.Dialer{Config: &tls.Config{RootCAs: trusted, NextProtos: config.NextProtos, MinVersion: tls.VersionTLS12}}
	c.roots, c.behind = roots, own.DialContext
	c.front = func(l net.Listener) net.Listener { return tls.NewListener(l, config) }
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// until waits for something that takes a moment.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// conditions has kubectl show what each object says.
const conditions = `jsonpath={range .items[*]}{.kind}/{.metadata.name}: {.status.conditions}{"\n"}{end}`

// try runs a command, and returns what it prints whether it fails or not.
func (c *cluster) try(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = c.environment()
	out, err := command.CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return string(out)
}

// must runs a command as a person would in a terminal, and returns what it prints.
func (c *cluster) must(t *testing.T, stdin string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = c.environment()
	command.Stdin = strings.NewReader(stdin)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// environment has kubectl and helm on the path, and the cluster as theirs.
func (c *cluster) environment() []string {
	bin, _ := filepath.Abs("bin") // fails where there is no working directory
	return append(os.Environ(), "KUBECONFIG="+c.Kubeconfig, "HELM_CACHE_HOME="+c.dir, "HELM_CONFIG_HOME="+c.dir, "HELM_DATA_HOME="+c.dir,
		"PATH="+strings.Join([]string{bin, filepath.Dir(c.Kubectl), os.Getenv("PATH")}, ":"))
}

func (c *cluster) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return c.must(t, "", c.Kubectl, args...)
}

func (c *cluster) apply(t *testing.T, manifests string) {
	t.Helper()
	c.must(t, manifests, c.Kubectl, "apply", "--server-side", "-f", "-")
}

// kinds are the project's, as kubectl names them.
func (c *cluster) kinds(t *testing.T) string {
	t.Helper()
	return strings.Join(strings.Fields(c.kubectl(t, "api-resources", "--api-group=goto-operator.dev", "-o", "name")), ",")
}

// ready waits until so many objects are there and all of them are Ready.
func (c *cluster) ready(t *testing.T, count int) {
	t.Helper()
	kinds := c.kinds(t)
	out := c.try(t, c.Kubectl, "wait", kinds, "--all", "-A", "--for=condition=Ready", "--timeout="+patience.String())
	if got := strings.Count(out, "condition met"); got != count {
		t.Fatalf("%d objects are Ready, not %d:\n%s\n%s", got, count, out, c.try(t, c.Kubectl, "get", kinds, "-A", "-o", conditions))
	}
	t.Logf("%d objects Ready, %s after an empty cluster", count, time.Since(c.since).Round(time.Second))
}

// parse reads a stream of YAML documents.
func parse(t *testing.T, text string) []unstructured.Unstructured {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	var out []unstructured.Unstructured
	for {
		var o unstructured.Unstructured
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Object) > 0 {
			out = append(out, o)
		}
	}
}

// entry is what is read of a line of the audit log.
type entry struct {
	Verb       string
	RequestURI string
	User       struct{ Username string }
	ObjectRef  *struct{ Resource, Subresource, APIGroup string }
	// ResponseStatus has the code alone.
	ResponseStatus struct{ Code int }
}

// asked are the rights that a ServiceAccount has used so far, and what was refused to it.
func (c *cluster) asked(t *testing.T, serviceAccount string) (used map[rights.Right]bool, refused []string) {
	t.Helper()
	file, err := os.Open(c.audit)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	used = map[rights.Right]bool{}
	for decoder := json.NewDecoder(bufio.NewReader(file)); ; {
		var e entry
		err := decoder.Decode(&e)
		if err != nil { // the end, or half a line of it
			return used, refused
		}
		switch {
		case e.User.Username != "system:serviceaccount:"+rig.OperatorNamespace+":"+serviceAccount:
		case e.ResponseStatus.Code == http.StatusForbidden || e.ResponseStatus.Code == http.StatusUnauthorized:
			if decoder.InputOffset() > c.pardoned {
				refused = append(refused, e.Verb+" "+e.RequestURI)
			}
		case e.ObjectRef != nil:
			used[e.right()] = true
		}
	}
}

// pardon leaves out what was refused until now.
func (c *cluster) pardon(t *testing.T) {
	t.Helper()
	info, err := os.Stat(c.audit)
	if err != nil {
		t.Fatal(err)
	}
	c.pardoned = info.Size()
}

func (e entry) right() rights.Right {
	resource := e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		resource += "/" + e.ObjectRef.Subresource
	}
	return rights.Right{Verb: e.Verb, Group: e.ObjectRef.APIGroup, Resource: resource}
}

// without leaves out the manifests of a kind and name.
func without(all []unstructured.Unstructured, kind, name string) []unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(all), func(o unstructured.Unstructured) bool {
		return o.GetKind() == kind && o.GetName() == name
	})
}

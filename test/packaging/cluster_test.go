package packaging

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// cluster is a real API server, without anything that would run what is installed in it.
type cluster struct {
	client.Client
	kubeconfig, kubectl string
	by                  helm
}

// start starts it, for one test.
func start(t *testing.T) *cluster {
	t.Helper()
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		t.Skip("KUBEBUILDER_ASSETS names no control plane: make test-packaging does")
	}
	env := &envtest.Environment{}
	config, err := env.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = env.Stop() })
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := env.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := admin.KubeConfig()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	return &cluster{Client: c, kubeconfig: path, kubectl: filepath.Join(assets, "kubectl")}
}

// helm runs the Helm that a test is about, for a namespace.
func (c *cluster) helm(t *testing.T, namespace string, args ...string) error {
	t.Helper()
	_, err := c.by.run(t, append([]string{"--kubeconfig=" + c.kubeconfig, "--namespace=" + namespace}, args...)...)
	return err
}

// create makes objects of the built-in kinds.
func (c *cluster) create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if err := c.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

// managed are all objects of the project's kinds.
func (c *cluster) managed(t *testing.T) objects {
	t.Helper()
	out := objects{}
	for _, crd := range kustomized(t, "crd") {
		kind, _ := field(crd, "spec", "names", "kind").(string)
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(schema.GroupVersionKind{Group: own, Version: "v1alpha1", Kind: kind})
		if err := c.List(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			out[kind+"/"+list.Items[i].GetName()] = &list.Items[i]
		}
	}
	return out
}

// served returns once the API server serves the kinds of the CRDs that it has just got.
func (c *cluster) served(t *testing.T) {
	t.Helper()
	c.run(t, "wait", "crd", "--all", "--for=condition=Established", "--timeout=1m")
}

// run runs kubectl, and returns what it prints.
func (c *cluster) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), c.kubectl, append([]string{"--kubeconfig=" + c.kubeconfig}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// kubelet runs the Job of a hook once it is there: its command, with the rights of its ServiceAccount. It stands for the
// controllers and the node that the API server alone does not have.
func (c *cluster) kubelet(ctx context.Context, namespace, name string) error {
	job := &batchv1.Job{}
	for c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, job) != nil {
		select {
		case <-ctx.Done():
			return errors.New("there was no Job")
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := c.runJob(ctx, job); err != nil {
		return err
	}
	now := metav1.Now()
	job.Status = batchv1.JobStatus{StartTime: &now, CompletionTime: &now, Succeeded: 1}
	for _, done := range []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete} {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: done, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	return c.Status().Update(ctx, job)
}

// runJob runs a Job's command, with the files that it mounts where it looks for them.
func (c *cluster) runJob(ctx context.Context, job *batchv1.Job) error {
	pod := job.Spec.Template.Spec
	files := &corev1.ConfigMap{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: pod.Volumes[0].ConfigMap.Name}, files); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "job-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for name, content := range files.Data {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	args := []string{"--kubeconfig=" + c.kubeconfig, "--as=system:serviceaccount:" + job.Namespace + ":" + pod.ServiceAccountName}
	for _, arg := range pod.Containers[0].Args {
		args = append(args, strings.Replace(arg, "="+pod.Containers[0].VolumeMounts[0].MountPath, "="+folder, 1))
	}
	if out, err := exec.CommandContext(ctx, c.kubectl, args...).CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	return nil
}

// patch merges into an object.
func (c *cluster) patch(t *testing.T, o client.Object, with map[string]any) {
	t.Helper()
	text, err := json.Marshal(with)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", text)); err != nil {
		t.Fatal(err)
	}
}

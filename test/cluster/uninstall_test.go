//go:build linux

package cluster

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// uninstallsBesideTheOperator: a team that has an object of every kind goes, and what it has in GoTo stays.
func (r *releases) uninstallsBesideTheOperator(t *testing.T) {
	t.Helper()
	more := filepath.Join(r.dir, "more.yaml")
	write(t, more, valuesOfMore)
	r.helm(t, "upgrade", sales, teamChart, "--namespace", sales, "--reuse-values", "--values", more)
	r.settle(t)
	has := map[string]bool{}
	for _, o := range of(sales, r.objects(t)) {
		has[o.GetKind()] = true
	}
	for _, kind := range r.every {
		if !has[kind.Kind] && kind.Kind != "GoToAccount" {
			t.Errorf("the team has no %s", kind.Kind)
		}
	}

	inGoTo := r.sim.accounts(t)
	r.sim.ask(t, http.MethodDelete, "/log", "", nil)
	r.uninstallTeam(t, sales)
	until(t, "the team's objects are gone", func() bool { return len(of(sales, r.objects(t))) == 0 })
	r.untouched(t, "a team's uninstall", inGoTo)
}

// uninstallsWithoutAnOperator: a user is marked for deletion, a team uninstalled and the operator too, while none is at work. Then the
// next one lets go of all that is marked, and GoTo is as it was.
func (r *releases) uninstallsWithoutAnOperator(t *testing.T) {
	t.Helper()
	inGoTo, before := r.sim.accounts(t), r.objects(t)
	r.sim.ask(t, http.MethodDelete, "/log", "", nil)
	r.operator.stop(t)
	r.operator = nil
	r.kubectl(t, "delete", "gotousers", "--all", "-n", support, "--wait=false")
	r.uninstallTeam(t, support)
	said := r.helm(t, "uninstall", "goto-operator", "--namespace", rig.OperatorNamespace)
	r.saysWhatStays(t, said)
	if d := r.kubectl(t, "get", "deployments,clusterroles", "-A", "-l", "app.kubernetes.io/name=goto-operator", "-o", "name"); d != "" {
		t.Errorf("there is still %s", d)
	}
	stay := r.objects(t)
	if len(stay) != len(before) {
		t.Errorf("%d objects of %d stay", len(stay), len(before))
	}
	for name, o := range of(support, stay) {
		if suspended := o.Object["spec"].(map[string]any)["suspend"]; o.GetDeletionTimestamp() == nil || suspended != true {
			t.Errorf("%s is marked at %v, and suspended: %v", name, o.GetDeletionTimestamp(), suspended)
		}
	}

	r.helm(t, "install", "goto-operator", operatorChart, "--namespace", rig.OperatorNamespace, "--set", "simulator.enabled=true", "--set", withAccount)
	r.rollOut(t)
	until(t, "what was marked is gone", func() bool { return len(of(support, r.objects(t))) == 0 })
	r.settle(t)
	r.untouched(t, "the next installation", inGoTo)
}

// saysWhatStays: Helm tells of each CRD and of the account that they stay.
func (r *releases) saysWhatStays(t *testing.T, said string) {
	t.Helper()
	stay := []string{"[GoToAccount] example"}
	for _, crd := range parse(t, r.kubectl(t, "get", "crds", "-o", "yaml"))[0].Object["items"].([]any) {
		stay = append(stay, "[CustomResourceDefinition] "+crd.(map[string]any)["metadata"].(map[string]any)["name"].(string))
	}
	for _, want := range stay {
		if !strings.Contains(said, want) {
			t.Errorf("helm uninstall does not say that %s stays: %s", want, said)
		}
	}
	if len(stay) < 9 {
		t.Errorf("only %v stay", stay)
	}
}

// uninstallTeam has Helm uninstall a team, and runs the Job of its hook meanwhile.
func (r *releases) uninstallTeam(t *testing.T, team string) {
	t.Helper()
	uninstall := exec.CommandContext(t.Context(), helmBinary, "uninstall", team, "--namespace", team, "--timeout", patience.String())
	uninstall.Env = r.environment()
	said := make(chan string, 1)
	go func() {
		out, err := uninstall.CombinedOutput()
		if err != nil {
			out = append(out, err.Error()...)
		}
		said <- string(out)
	}()
	r.job(t, team, team+"-suspend")
	if out := <-said; !strings.Contains(out, "uninstalled") {
		t.Fatalf("helm uninstall %s: %s", team, out)
	}
}

// job runs the Pod of a Job once that is there, as its controller and a kubelet do.
func (c *cluster) job(t *testing.T, namespace, name string) {
	t.Helper()
	job := &batchv1.Job{}
	until(t, "there is the Job "+name, func() bool {
		return c.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, job) == nil
	})
	p := c.pod(t, job, job.Spec.Template)
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%s ends with %d:\n%s", p.Name, code, rig.Tail(p.log, 20))
	}
	now := metav1.Now()
	job.Status = batchv1.JobStatus{StartTime: &now, CompletionTime: &now, Succeeded: 1}
	for _, done := range []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete} {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: done, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	if err := c.Client.Status().Update(t.Context(), job); err != nil {
		t.Fatal(err)
	}
}

// accounts are all that GoTo holds, as the simulator shows it.
func (s *simulated) accounts(t *testing.T) any {
	t.Helper()
	var state struct{ Accounts json.RawMessage }
	s.ask(t, http.MethodGet, "/state", "", &state)
	var all any
	if err := json.Unmarshal(state.Accounts, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// requests are those since the log was emptied: how many read, tokens included, and which ones write.
func (s *simulated) requests(t *testing.T) (reads int, writes []string) {
	t.Helper()
	var log []struct{ Operation, Method, Path, Body string }
	s.ask(t, http.MethodGet, "/requests", "", &log)
	for _, r := range log {
		if r.Method == http.MethodGet || r.Operation == "token" {
			reads++
		} else {
			writes = append(writes, r.Method+" "+r.Path+" "+r.Body)
		}
	}
	return reads, writes
}

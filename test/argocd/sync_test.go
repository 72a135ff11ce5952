package argocd

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	finalizer = "goto-operator.dev/finalizer"
	identity  = "goto-operator.dev/identity"
	approval  = "goto-operator.dev/approve-deletions-until"
	options   = "argocd.argoproj.io/sync-options"
)

// ways are those in which Argo CD brings manifests into a cluster.
var ways = map[string][]sync.SyncOpt{
	"apply": nil, "server-side apply": {sync.WithServerSideApply(true)}, "replace": {sync.WithReplace(true)},
}

// synced is an application that was brought into a cluster of its own, and that the operator has worked on.
func synced(t *testing.T, way ...sync.SyncOpt) (*world, *application) {
	t.Helper()
	w, from := newWorld(t), time.Now()
	a := newApplication(t, w)
	a.sync(t, time.Minute, way...)
	w.settled(t, len(a.git))
	t.Logf("%d objects Ready, %s after an empty namespace", len(a.git), time.Since(from).Round(time.Second))
	return w, a
}

// Whatever way the samples come into the cluster, and whatever way Argo CD looks for differences: once the operator has worked, there
// is none, and nothing has to be ignored. A second sync, by whatever way, makes none, and nothing of it reaches GoTo.
func TestNeverOutOfSync(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a := synced(t, way...)
			w.owned(t, name == "server-side apply")
			a.different(t, "after the first sync")
			made := w.writes(t)
			for again, way := range ways {
				a.sync(t, time.Minute, way...)
				w.settled(t, len(a.git))
				w.owned(t, false)
				a.different(t, "after "+again)
			}
			if after := w.writes(t); total(after) != total(made) || total(made) == 0 {
				t.Errorf("later syncs reached GoTo: %v, after %v", after, made)
			}
		})
	}
}

// owned says that every object has what the operator puts into its metadata, and a status that is the operator's alone.
func (w *world) owned(t *testing.T, applied bool) {
	t.Helper()
	all := w.all(t)
	for i := range all {
		o := &all[i]
		none := strings.HasPrefix(condition(o, "Ready"), "True/Observed")
		known := o.GetKind() == "GoToLicenseBinding" || o.GetAnnotations()[identity] != ""
		if !none && (!slices.Contains(o.GetFinalizers(), finalizer) || !known) {
			t.Errorf("%s %s lacks its finalizer or its identity: %v %v", o.GetKind(), o.GetName(), o.GetFinalizers(), o.GetAnnotations())
		}
		applies, reports := 0, 0
		for _, m := range o.GetManagedFields() {
			if m.Manager == manager && m.Operation == metav1.ManagedFieldsOperationApply {
				applies++
			}
			if m.Subresource == "status" && m.Manager != manager {
				reports++
			}
		}
		if reports != 1 || (applied && applies != 1) {
			t.Errorf("%s %s is of %v", o.GetKind(), o.GetName(), o.GetManagedFields())
		}
	}
}

// An edit by hand of what is in Git is found and put back, in the cluster and in GoTo. What Git does not name is a person's, whatever
// the way: spec.suspend, and what the CRD sets by default.
func TestSelfHeal(t *testing.T) {
	t.Parallel()
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a := synced(t, way...)
			ada, ben, cleo := a.of(t, "GoToUser", "ada-abt"), a.of(t, "GoToUser", "ben-brandt"), a.of(t, "GoToUser", "cleo-conti")
			patch(t, ben, `{"spec":{"suspend":true}}`)
			patch(t, cleo, `{"spec":{"recreatePolicy":"Report"}}`)
			patch(t, ada, `{"spec":{"firstName":"Eve"}}`)
			until(t, "the edit is in GoTo", func() bool { return w.users(t)["ada.abt@example.test"] == "Eve" })
			a.different(t, "after the edits", "GoToUser/ada-abt")
			a.sync(t, time.Minute, way...)
			until(t, "it is put back in GoTo", func() bool { return w.users(t)["ada.abt@example.test"] == "Ada" })
			a.different(t, "after self-heal")
			suspended, _, _ := unstructured.NestedBool(live(t, ben).Object, "spec", "suspend")
			policy, _, _ := unstructured.NestedString(live(t, cleo).Object, "spec", "recreatePolicy")
			if stays := name != "replace"; suspended != stays || (policy == "Report") != stays {
				t.Errorf("suspended: %v, recreatePolicy: %s", suspended, policy)
			}
		})
	}
}

// Replace=true takes away what is in no manifest, which a release of the brake is.
func TestReplaceTakesTheReleaseOfTheBrakeAway(t *testing.T) {
	t.Parallel()
	w, a := synced(t)
	account := a.of(t, "GoToAccount", "example")
	w.approve(t, account)
	a.different(t, "while the brake is released")
	a.sync(t, time.Minute)
	if live(t, account).GetAnnotations()[approval] == "" {
		t.Error("an apply takes the release away")
	}
	a.sync(t, time.Minute, sync.WithReplace(true))
	if live(t, account).GetAnnotations()[approval] != "" {
		t.Error("a replace leaves the release")
	}
}

// Users that are gone from Git wait for a person twice: for who confirms the prune, and for who releases the brake. Then what the
// operator made in GoTo goes, and the account last of all.
func TestPrune(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	strangers := len(w.users(t))
	a := newApplication(t, w)
	for _, o := range a.git {
		if o.GetKind() == "GoToUser" {
			annotations := o.GetAnnotations()
			annotations[options] = "Prune=confirm"
			o.SetAnnotations(annotations)
		}
	}
	a.sync(t, time.Minute)
	w.settled(t, len(a.git))
	before, account, whole := len(w.users(t)), a.of(t, "GoToAccount", "example"), len(a.git)

	background := metav1.DeletePropagationBackground // for Argo CD's default, foreground, there would have to be a garbage collector
	prune := []sync.SyncOpt{sync.WithPrune(true), sync.WithPrunePropagationPolicy(&background)}
	a.git = a.without("GoToUser")
	a.sync(t, 10*time.Second, prune...)
	if all := w.all(t); len(all) != whole || deleted(all) != 0 {
		t.Errorf("unconfirmed, %d objects are there and %d deleted", len(all), deleted(all))
	}
	results := a.sync(t, 10*time.Second, append(prune, sync.WithPruneConfirmed(true))...)
	if r := results["GoToUser/ada-abt"]; r.Status != common.ResultCodePruned {
		t.Errorf("ada: %v", r)
	}
	until(t, "the brake holds the others", func() bool { return blocked(w.all(t)) > 0 && blocked(w.all(t)) == deleted(w.all(t)) })
	if now := len(w.users(t)); now != before-3 { // of some forty users five in a hundred are less than three, which may always go
		t.Errorf("%d users in GoTo, of %d", now, before)
	}
	held := w.all(t)
	for i := range held {
		if held[i].GetDeletionTimestamp() != nil {
			h, err := health.GetResourceHealth(&held[i], nil) // before it asks any script
			if err != nil || h.Status != health.HealthStatusProgressing || h.Message != "Pending deletion" {
				t.Errorf("%s: %v, %v", held[i].GetName(), h, err)
			}
		}
	}

	w.approve(t, account)
	until(t, "the users are gone", func() bool { return deleted(w.all(t)) == 0 })
	if now := len(w.users(t)); now != strangers {
		t.Errorf("%d users in GoTo, and %d before all", now, strangers)
	}
	a.git = nil
	a.sync(t, 20*time.Second, prune...)
	until(t, "everything is gone", func() bool { return len(w.all(t)) == 0 })
}

func (w *world) approve(t *testing.T, account *unstructured.Unstructured) {
	t.Helper()
	patch(t, account, `{"metadata":{"annotations":{"`+approval+`":"`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}}}`)
}

// deleted counts the objects that somebody has deleted and that are there.
func deleted(all []unstructured.Unstructured) int {
	n := 0
	for i := range all {
		if all[i].GetDeletionTimestamp() != nil {
			n++
		}
	}
	return n
}

// blocked counts the objects whose deletion waits for the brake.
func blocked(all []unstructured.Unstructured) int {
	n := 0
	for i := range all {
		if strings.HasPrefix(condition(&all[i], "DeletionBlocked"), "True/") && all[i].GetKind() == "GoToUser" {
			n++
		}
	}
	return n
}

func total(counts map[string]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

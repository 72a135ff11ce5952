package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func subject() *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{}
	u.Generation = 7
	u.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
	return u
}

var (
	synced    = outcome{ready: metav1.ConditionTrue, reason: v1alpha1.ReasonSynced, message: "synced"}
	suspended = outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonSuspended, message: "suspended"}
	stuck     = &StalledError{Reason: v1alpha1.ReasonConflict, Message: "conflict"}
	missing   = &BlockedReference{v1alpha1.ReasonAccountNotFound, "missing"}
	braked    = &account.BlockedError{Limit: 1, RetryAt: time.Now().Add(time.Hour)}
	throttled = answer(gotoclient.OpCreateUsers, 429)
)

func states(u *v1alpha1.GoToUser) map[string]string {
	out := map[string]string{}
	for _, c := range u.Status.Conditions {
		out[c.Type] = string(c.Status) + " " + c.Reason
	}
	return out
}

var conditionRows = map[string]struct {
	out  outcome
	want map[string]string
}{
	"synced": {synced, map[string]string{"Ready": "True Synced", "ReferencesResolved": "True Resolved"}},
	// A suspended object was not looked at, so nothing is said of its references.
	"suspended": {suspended, map[string]string{"Ready": "False Suspended"}},
	"stalled": {outcomeOf(stuck), map[string]string{
		"Ready": "False Conflict", "Stalled": "True Conflict", "ReferencesResolved": "True Resolved",
	}},
	"reference": {outcomeOf(missing), map[string]string{"Ready": "False AccountNotFound", "ReferencesResolved": "False AccountNotFound"}},
	"brake": {outcomeOf(braked), map[string]string{
		"Ready": "False DeletionBrake", "Reconciling": "True DeletionBrake", "DeletionBlocked": "True DeletionBrake", "ReferencesResolved": "True Resolved",
	}},
	"throttled": {outcomeOf(throttled), map[string]string{
		"Ready": "False Throttled", "Reconciling": "True Throttled", "ReferencesResolved": "True Resolved",
	}},
}

func TestConditions(t *testing.T) {
	for name, row := range conditionRows {
		t.Run(name, func(t *testing.T) {
			u := subject()
			setConditions(u, row.out)
			if d := cmp.Diff(row.want, states(u)); d != "" {
				t.Error(d)
			}
			if u.Status.ObservedGeneration != 7 || u.Status.LastHandledReconcileAt != "now" {
				t.Errorf("generation %d, request %q", u.Status.ObservedGeneration, u.Status.LastHandledReconcileAt)
			}
			for _, c := range u.Status.Conditions {
				if c.ObservedGeneration != 7 || c.Message == "" || c.LastTransitionTime.IsZero() {
					t.Errorf("incomplete: %+v", c)
				}
			}
		})
	}
}

// What was true before must not show beside what is true now, whichever follows which.
func TestConditionsOfTheOutcomeBeforeAreTakenBack(t *testing.T) {
	for before, first := range conditionRows {
		for after, second := range conditionRows {
			if after == "suspended" {
				continue // keeps what was said of the references
			}
			u := subject()
			setConditions(u, first.out)
			setConditions(u, second.out)
			if d := cmp.Diff(second.want, states(u)); d != "" {
				t.Errorf("%s, then %s: %s", before, after, d)
			}
		}
	}
}

func TestConditionDriftedFollowsTheList(t *testing.T) {
	u := subject()
	u.Status.Drift = drift([]Change{{Field: "email", Current: "a", Desired: "b", Locked: true}}, v1alpha1.ReasonReadOnly)
	setConditions(u, synced)
	if !meta.IsStatusConditionTrue(u.Status.Conditions, v1alpha1.ConditionDrifted) {
		t.Error("not Drifted with a difference in status.drift")
	}
	if d := cmp.Diff([]v1alpha1.FieldDrift{{Field: "email", Current: "a", Desired: "b", Reason: "ReadOnlyInGoTo"}}, u.Status.Drift); d != "" {
		t.Error(d)
	}
	u.Status.Drift = drift(nil, "")
	setConditions(u, synced)
	if c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionDrifted); c != nil || u.Status.Drift != nil {
		t.Errorf("still there without a difference: %+v, %+v", c, u.Status.Drift)
	}
}

// The status is written only when it differs, so an outcome that repeats itself must leave every byte of it.
func TestConditionsDoNotMoveWithoutNews(t *testing.T) {
	long := metav1.NewTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	for name, row := range conditionRows {
		u := subject()
		setConditions(u, row.out)
		for i := range u.Status.Conditions {
			u.Status.Conditions[i].LastTransitionTime = long
		}
		before := u.DeepCopy()
		setConditions(u, row.out)
		if d := cmp.Diff(before.Status, u.Status); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}

	u := subject()
	setConditions(u, outcomeOf(throttled))
	for i := range u.Status.Conditions {
		u.Status.Conditions[i].LastTransitionTime = long
	}
	u.Generation++
	setConditions(u, outcomeOf(errors.New("something else")))
	if ready := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady); !ready.LastTransitionTime.Equal(&long) ||
		ready.Reason != v1alpha1.ReasonInternalError || ready.ObservedGeneration != 8 {
		t.Errorf("another reason is no transition: %+v", ready)
	}
	setConditions(u, synced)
	if ready := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady); ready.LastTransitionTime.Equal(&long) {
		t.Error("Ready became True, and its transition time says it always was")
	}
}

package engine

import (
	"slices"
	"strings"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// setConditions writes an outcome into the status of an object. It is the only place that does.
func setConditions(obj Object, out outcome) {
	_, status := obj.Managed()
	generation := obj.GetGeneration()
	set := func(kind string, value metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: value, Reason: reason, Message: Bounded(message, 32768), ObservedGeneration: generation,
		})
	}
	while := func(kind string, on bool, reason, message string) {
		if on {
			set(kind, metav1.ConditionTrue, reason, message)
		} else {
			meta.RemoveStatusCondition(&status.Conditions, kind)
		}
	}
	set(v1alpha1.ConditionReady, out.ready, out.reason, out.message)
	while(v1alpha1.ConditionReconciling, out.reconciling, out.reason, out.message)
	while(v1alpha1.ConditionStalled, out.stalled, out.reason, out.message)
	while(v1alpha1.ConditionDeletionBlocked, out.blocked, out.reason, out.message)
	while(v1alpha1.ConditionDrifted, len(status.Drift) > 0, v1alpha1.ReasonDrifted, "status.drift lists the differences")
	while(v1alpha1.ConditionContested, len(status.Contested) > 0, v1alpha1.ReasonContested,
		"somebody else keeps changing back in GoTo what the operator corrects; status.contested lists the fields")
	if out.reference {
		set(v1alpha1.ConditionReferencesResolved, metav1.ConditionFalse, out.reason, out.message)
	} else if out.reason != v1alpha1.ReasonSuspended && out.reason != v1alpha1.ReasonInternalError { // they may not have been looked at
		set(v1alpha1.ConditionReferencesResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved, "everything that the spec names can be used")
	}
	for _, c := range out.conditions {
		if c.Status == metav1.ConditionUnknown {
			meta.RemoveStatusCondition(&status.Conditions, c.Type)
		} else {
			set(c.Type, c.Status, c.Reason, c.Message)
		}
	}
	status.ObservedGeneration = generation
	status.LastHandledReconcileAt = requested(obj)
}

// requested is the value of the annotation that asks for a reconcile.
func requested(obj Object) string {
	return Bounded(obj.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation], 256)
}

// Asked is true if a person has asked for a reconcile that has not taken place yet.
func Asked(obj Object) bool {
	_, status := obj.Managed()
	return requested(obj) != status.LastHandledReconcileAt
}

// Bounded is a text of at most so many characters, as the API server counts them. A status that is too long is refused
// whole, and an object without a status tells nobody why.
func Bounded(text string, characters int) string {
	if utf8.RuneCountInString(text) <= characters {
		return text
	}
	return string([]rune(text)[:characters-1]) + "…"
}

// BoundedList is a list of at most so many texts, of at most so many characters each.
func BoundedList(texts []string, entries, characters int) []string {
	out := slices.Clone(texts[:min(len(texts), entries)])
	for i := range out {
		out[i] = Bounded(out[i], characters)
	}
	return out
}

// WaitsForBrake is true for an object that waits for the deletion brake of its account.
func WaitsForBrake(obj Object) bool {
	_, status := obj.Managed()
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionDeletionBlocked)
}

// steady is true for an object that waits for nothing: it is as its spec says, and nothing of it is under way.
func steady(obj Object) bool {
	_, status := obj.Managed()
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) && len(status.Contested) == 0 && urgency(obj) == budget.Bulk
}

// isForbidden is true for an object that GoTo does not permit what it asks for.
func isForbidden(obj Object) bool {
	_, status := obj.Managed()
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Reason == v1alpha1.ReasonForbidden
}

func fields(changes []Change) string {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Field
	}
	return strings.Join(names, ", ")
}

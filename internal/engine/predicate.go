package engine

import (
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// ReconcileRequested lets through an update that gives the annotation that asks for a reconcile a new value. Other
// annotations, the operator's own among them, start nothing.
func ReconcileRequested() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation] !=
			e.ObjectNew.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	}}
}

// MetadataLost lets through an update that takes away the finalizer or the identity of an object, as a PUT of its manifest
// does (kubectl replace, helm --force, Argo CD's Replace=true), or that changes the identity to say something else than
// before. The operator's own writes of an identity start nothing: they say what status says, or what is about to be, or again what they said
// before that.
func MetadataLost() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		had, has := controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer), controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer)
		was, is := identityOf(e.ObjectOld), identityOf(e.ObjectNew)
		lost := was.Intent != "" && is.Intent == "" && is.Origin == "" && hasCounterpart(e.ObjectNew)
		return had && !has || was.Key != "" && was.Key != is.Key && !is.open() || lost
	}}
}

// hasCounterpart is false for an object that a create was refused for: the operator itself takes the intent back then, and would try
// again at once, for ever.
func hasCounterpart(o client.Object) bool {
	obj, managed := o.(Object)
	if !managed {
		return false
	}
	_, status := obj.Managed()
	return status.Origin != ""
}

// adoptionAllowed lets through an update that annotates an object to adopt what exists in GoTo: without it, it would stay
// refused.
func adoptionAllowed() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return !adopts(e.ObjectOld) && adopts(e.ObjectNew) }}
}

// adopts is true for an object that is annotated to adopt what exists.
func adopts(obj client.Object) bool { return obj.GetAnnotations()[v1alpha1.AdoptAnnotation] == "true" }

// KeyChanged lets through an update that makes a difference to those who name an object: it has another counterpart than before.
func KeyChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, _ := e.ObjectOld.(Object)
		now, _ := e.ObjectNew.(Object)
		return *before.RemoteKey() != *now.RemoteKey()
	}}
}

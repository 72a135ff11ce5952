// Package v1alpha1 is the API of the operator: one file per kind, the types they share in common.go, and every
// condition type and reason in conditions.go. The items of a list are pointers, so that reading thousands from a cache copies none.
//
// It may import k8s.io/apimachinery and nothing else, so that any program can use the types without taking on the
// operator.
//
// +kubebuilder:object:generate=true
// +groupName=goto-operator.dev
package v1alpha1

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GoToAttributeSpec is the custom attribute that the account should define for its users.
type GoToAttributeSpec struct {
	ManagedSpec `json:",inline"`

	// name of the attribute, and the natural key by which an existing one is found and adopted. Changing it renames the
	// attribute in GoTo, where the users' values stay; GoToUsers have to name it by the new name then.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^\S(.*\S)?$`
	Name string `json:"name,omitempty"`
}

// GoToAttributeStatus is what GoTo says of the attribute, as of the last change.
type GoToAttributeStatus struct {
	ManagedStatus `json:",inline"`

	// attributeKey identifies the attribute in GoTo. It is what the operator remembers the attribute by.
	// +optional
	AttributeKey Key `json:"attributeKey,omitempty"`
}

// GoToAttribute is a custom attribute of the users of a GoTo account. The values are in the attributes of GoToUsers.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtattribute,categories=goto
// +kubebuilder:printcolumn:name="Attribute",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Key",type=string,JSONPath=`.status.attributeKey`,priority=1
// +kubebuilder:printcolumn:name="Origin",type=string,JSONPath=`.status.origin`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToAttribute struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the attribute that should exist.
	// +required
	Spec GoToAttributeSpec `json:"spec,omitzero"`

	// status is what was last seen.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToAttributeStatus `json:"status,omitzero"`
}

// GoToAttributeList is a list of GoToAttribute.
//
// +kubebuilder:object:root=true
type GoToAttributeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToAttribute `json:"items"`
}

// Managed returns the parts of a GoToAttribute that every managed kind has.
func (a *GoToAttribute) Managed() (*ManagedSpec, *ManagedStatus) {
	return &a.Spec.ManagedSpec, &a.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.attributeKey.
func (a *GoToAttribute) RemoteKey() *Key { return &a.Status.AttributeKey }

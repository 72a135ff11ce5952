package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TemplateReference names a GoToEmailTemplate in the object's own namespace.
type TemplateReference struct {
	// name of the GoToEmailTemplate.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// GoToEmailTemplateSpec is the welcome e-mail template that the account should have.
type GoToEmailTemplateSpec struct {
	ManagedSpec `json:",inline"`

	// title of the template, by which people choose it in GoTo, and the natural key by which an existing one is found and
	// adopted.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^\S(.*\S)?$`
	Title string `json:"title,omitempty"`

	// subject of the mail.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Subject string `json:"subject,omitempty"`

	// text of the mail.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=10000
	Text string `json:"text,omitempty"`
}

// GoToEmailTemplateStatus is what GoTo says of the template, as of the last change.
type GoToEmailTemplateStatus struct {
	ManagedStatus `json:",inline"`

	// templateKey identifies the template in GoTo. It is what the operator remembers the template by.
	// +optional
	TemplateKey Key `json:"templateKey,omitempty"`
}

// GoToEmailTemplate is a welcome e-mail of a GoTo account. GoToUsers name it in welcomeEmail.templateRef.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gttemplate,categories=goto
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.title`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Key",type=string,JSONPath=`.status.templateKey`,priority=1
// +kubebuilder:printcolumn:name="Origin",type=string,JSONPath=`.status.origin`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToEmailTemplate struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the template that should exist.
	// +required
	Spec GoToEmailTemplateSpec `json:"spec,omitzero"`

	// status is what was last seen.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToEmailTemplateStatus `json:"status,omitzero"`
}

// GoToEmailTemplateList is a list of GoToEmailTemplate.
//
// +kubebuilder:object:root=true
type GoToEmailTemplateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToEmailTemplate `json:"items"`
}

// Managed returns the parts of a GoToEmailTemplate that every managed kind has.
func (e *GoToEmailTemplate) Managed() (*ManagedSpec, *ManagedStatus) {
	return &e.Spec.ManagedSpec, &e.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.templateKey.
func (e *GoToEmailTemplate) RemoteKey() *Key { return &e.Status.TemplateKey }

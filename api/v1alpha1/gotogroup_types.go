package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GroupReference names a GoToGroup in the object's own namespace.
type GroupReference struct {
	// name of the GoToGroup.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// GoToGroupSpec is the group that should exist in the account.
//
// +kubebuilder:validation:XValidation:rule="!has(self.parentRef) || !has(self.parentKey)",message="parentRef and parentKey exclude each other"
// +kubebuilder:validation:XValidation:rule="has(self.parentRef) == has(oldSelf.parentRef) && (!has(self.parentRef) || self.parentRef.name == oldSelf.parentRef.name)",message="a group cannot get another parent: no call for it is known. Create a new group and move its users"
// +kubebuilder:validation:XValidation:rule="has(self.parentKey) == has(oldSelf.parentKey) && (!has(self.parentKey) || self.parentKey == oldSelf.parentKey)",message="a group cannot get another parent: no call for it is known. Create a new group and move its users"
type GoToGroupSpec struct {
	ManagedSpec `json:",inline"`

	// name of the group, unique in the account, and the natural key by which an existing group under the same parent is
	// found and adopted. Changing it renames the group; it never makes a second one.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^\S(.*\S)?$`
	Name string `json:"name,omitempty"`

	// parentRef names the GoToGroup above this one, in the same namespace. GoTo knows two levels: the parent must not have
	// one itself. It cannot be changed.
	// +optional
	ParentRef GroupReference `json:"parentRef,omitzero"`

	// parentKey is the key of the group above this one, for a parent that no GoToGroup stands for. It cannot be changed.
	// +optional
	ParentKey Key `json:"parentKey,omitempty"`
}

// GoToGroupStatus is what GoTo says of the group, as of the last change.
type GoToGroupStatus struct {
	ManagedStatus `json:",inline"`

	// groupKey identifies the group in GoTo. It is what the operator remembers the group by.
	// +optional
	GroupKey Key `json:"groupKey,omitempty"`

	// path of names from the top to the group itself.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=512
	Path []string `json:"path,omitempty"`

	// members of the group itself, whether a GoToUser stands for them or not.
	// +optional
	Members *int64 `json:"members,omitempty"`

	// totalMembers of the group and of the groups below it.
	// +optional
	TotalMembers *int64 `json:"totalMembers,omitempty"`
}

// GoToGroup is a group of users of a GoTo account.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtgroup,categories=goto
// +kubebuilder:printcolumn:name="Group",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Total",type=integer,JSONPath=`.status.totalMembers`
// +kubebuilder:printcolumn:name="Key",type=string,JSONPath=`.status.groupKey`,priority=1
// +kubebuilder:printcolumn:name="Origin",type=string,JSONPath=`.status.origin`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToGroup struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the group that should exist.
	// +required
	Spec GoToGroupSpec `json:"spec,omitzero"`

	// status is what was last seen.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToGroupStatus `json:"status,omitzero"`
}

// GoToGroupList is a list of GoToGroup.
//
// +kubebuilder:object:root=true
type GoToGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToGroup `json:"items"`
}

// Managed returns the parts of a GoToGroup that every managed kind has.
func (g *GoToGroup) Managed() (*ManagedSpec, *ManagedStatus) {
	return &g.Spec.ManagedSpec, &g.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.groupKey.
func (g *GoToGroup) RemoteKey() *Key { return &g.Status.GroupKey }

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OnExhausted says what becomes of users for whom a licence has no free seat.
//
// +kubebuilder:validation:Enum=Wait;Fail
type OnExhausted string

const (
	// OnExhaustedWait lets the user wait in the licence's queue; the user is Ready without the licence.
	OnExhaustedWait OnExhausted = "Wait"
	// OnExhaustedFail lets the user wait too, and says that it is not Ready and stalled.
	OnExhaustedFail OnExhausted = "Fail"
)

// GoToLicenseBindingSpec gives one licence to users.
//
// +kubebuilder:validation:XValidation:rule="!has(self.managementPolicy) || self.managementPolicy == 'Manage'",message="a binding writes nothing itself: set managementPolicy: Observe on the users, or suspend the binding"
type GoToLicenseBindingSpec struct {
	ManagedSpec `json:",inline"`

	// license is the licence that is given.
	// +required
	License LicenseSelector `json:"license,omitzero"`

	// subjects are the GoToUsers that get the licence, all in the binding's own namespace and of its account. One that
	// several subjects or bindings name gets it once.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	Subjects []LicenseSubject `json:"subjects,omitempty"`

	// priority decides who gets a scarce seat first: the higher before the lower, then the older GoToUser before the younger.
	// Nobody who has a seat loses it to another.
	// +optional
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=-1000000
	// +kubebuilder:validation:Maximum=1000000
	Priority *int32 `json:"priority,omitempty"`

	// onExhausted is Wait to let users without a seat wait and be Ready all the same, or Fail to show them as stalled.
	// Either way they get a seat once one is free.
	// +optional
	// +kubebuilder:default=Wait
	OnExhausted OnExhausted `json:"onExhausted,omitempty"`
}

// LicenseSelector names one licence of the account.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="has(self.key) != (has(self.product) || has(self.description))",message="set key, or else product, description or both"
type LicenseSelector struct {
	// key of the licence.
	// +optional
	Key Key `json:"key,omitempty"`

	// product that the licence gives, such as G2M, where one enabled licence of the account alone has it as its main
	// product. A licence for G2W or G2T includes G2M.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Product string `json:"product,omitempty"`

	// description of the licence, word for word, where one licence of the account alone has it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`
}

// LicenseSubject selects GoToUsers: one by name, the members of a group, or those with given labels.
//
// +kubebuilder:validation:XValidation:rule="(has(self.userRef) ? 1 : 0) + (has(self.groupRef) ? 1 : 0) + (has(self.selector) ? 1 : 0) == 1",message="a subject is one of userRef, groupRef and selector"
// +kubebuilder:validation:XValidation:rule="!has(self.subgroups) || has(self.groupRef)",message="subgroups has a meaning with groupRef alone"
type LicenseSubject struct {
	// userRef names one GoToUser.
	// +optional
	UserRef UserReference `json:"userRef,omitzero"`

	// groupRef names a GoToGroup: its GoToUsers get the licence, those that the spec puts there and those that GoTo shows
	// there.
	// +optional
	GroupRef GroupReference `json:"groupRef,omitzero"`

	// subgroups says whether the members of the groups below count too.
	// +optional
	Subgroups SubgroupPolicy `json:"subgroups,omitempty"`

	// selector matches labels of GoToUsers. The empty selector matches all.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// SubgroupPolicy says whether the members of the groups below a group count as its own.
//
// +kubebuilder:validation:Enum=Include;Exclude
type SubgroupPolicy string

const (
	// IncludeSubgroups counts them.
	IncludeSubgroups SubgroupPolicy = "Include"
	// ExcludeSubgroups does not; so does no policy.
	ExcludeSubgroups SubgroupPolicy = "Exclude"
)

// UserReference names a GoToUser in the object's own namespace.
type UserReference struct {
	// name of the GoToUser.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// GoToLicenseBindingStatus counts. It never lists users.
type GoToLicenseBindingStatus struct {
	ManagedStatus `json:",inline"`

	// licenseKey of the licence that spec.license selects.
	// +optional
	LicenseKey Key `json:"licenseKey,omitempty"`

	// selected GoToUsers.
	// +optional
	Selected *int64 `json:"selected,omitempty"`

	// assigned are those of them that have the licence.
	// +optional
	Assigned *int64 `json:"assigned,omitempty"`

	// waiting are those of them that wait for a seat.
	// +optional
	Waiting *int64 `json:"waiting,omitempty"`

	// failed are those of them that neither have the licence nor wait for a seat nor are being worked on: they are suspended,
	// only observed, or stalled.
	// +optional
	Failed *int64 `json:"failed,omitempty"`
}

// GoToLicenseBinding gives a licence of a GoTo account to users.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtlicense,categories=goto
// +kubebuilder:printcolumn:name="License",type=string,JSONPath=`.status.licenseKey`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Selected",type=integer,JSONPath=`.status.selected`,priority=1
// +kubebuilder:printcolumn:name="Assigned",type=integer,JSONPath=`.status.assigned`
// +kubebuilder:printcolumn:name="Waiting",type=integer,JSONPath=`.status.waiting`
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToLicenseBinding struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the licence and who gets it.
	// +required
	Spec GoToLicenseBindingSpec `json:"spec,omitzero"`

	// status counts who has it.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToLicenseBindingStatus `json:"status,omitzero"`
}

// GoToLicenseBindingList is a list of GoToLicenseBinding.
//
// +kubebuilder:object:root=true
type GoToLicenseBindingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToLicenseBinding `json:"items"`
}

// Managed returns the parts of a GoToLicenseBinding that every managed kind has.
func (b *GoToLicenseBinding) Managed() (*ManagedSpec, *ManagedStatus) {
	return &b.Spec.ManagedSpec, &b.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.licenseKey.
func (b *GoToLicenseBinding) RemoteKey() *Key { return &b.Status.LicenseKey }

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Brake limits the deletions of one account, each kind by itself. Beyond a limit nothing of that kind is deleted until the
// window has moved on or a person approves.
type Brake struct {
	// window is the time over which deletions are counted; it moves with the clock.
	// +optional
	// +kubebuilder:default="1h"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('168h')",message="window must be between 1m and 168h"
	Window metav1.Duration `json:"window,omitempty,omitzero"`

	// users that may be deleted, of all users.
	// +optional
	// +kubebuilder:default={}
	Users BrakeLimit `json:"users,omitzero"`

	// groups that may be deleted, of all groups.
	// +optional
	// +kubebuilder:default={}
	Groups BrakeLimit `json:"groups,omitzero"`

	// meetings that may be deleted, of the upcoming meetings of the credentials' user.
	// +optional
	// +kubebuilder:default={}
	Meetings BrakeLimit `json:"meetings,omitzero"`

	// licenses that may be taken from users, one of a user at a time, of all users.
	// +optional
	// +kubebuilder:default={}
	Licenses BrakeLimit `json:"licenses,omitzero"`

	// definitions of custom attributes and e-mail templates, together, that may be deleted, of those that are known.
	// +optional
	// +kubebuilder:default={}
	Definitions BrakeLimit `json:"definitions,omitzero"`
}

// BrakeLimit is how many things of one kind may be deleted within the window: at most percent of those that there are,
// but at least minimum and at most maximum.
//
// +kubebuilder:validation:XValidation:rule="!has(self.minimum) || !has(self.maximum) || self.minimum <= self.maximum",message="minimum must not be greater than maximum"
type BrakeLimit struct {
	// percent of those that there are.
	// +optional
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Percent *int32 `json:"percent,omitempty"`

	// minimum that may always be deleted within the window; 0 with percent 0 means that every deletion needs approval.
	// +optional
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	Minimum *int32 `json:"minimum,omitempty"`

	// maximum that may be deleted within the window, however large the account is.
	// +optional
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	Maximum *int32 `json:"maximum,omitempty"`
}

// DeletionStatus is the state of the deletion brake. It is kept in status so that a restart does not release the brake.
type DeletionStatus struct {
	// limits of deletions within the window, now.
	// +optional
	Limits DeletionLimits `json:"limits,omitzero"`

	// waiting is the number of objects whose deletion waits for the brake.
	// +optional
	Waiting int64 `json:"waiting,omitempty"`

	// approvedUntil is the time until which a person has released the brake.
	// +optional
	ApprovedUntil metav1.Time `json:"approvedUntil,omitempty,omitzero"`

	// recent are the deletions that count against the limits. An allotment is recorded before it is used.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1024
	Recent []DeletionAllotment `json:"recent,omitempty"`
}

// DeletionLimits are how many deletions of each kind the brake allows within its window.
type DeletionLimits struct {
	// users that may be deleted.
	// +optional
	Users int64 `json:"users,omitempty"`

	// groups that may be deleted.
	// +optional
	Groups int64 `json:"groups,omitempty"`

	// meetings that may be deleted.
	// +optional
	Meetings int64 `json:"meetings,omitempty"`

	// licenses that may be taken from users.
	// +optional
	Licenses int64 `json:"licenses,omitempty"`

	// definitions that may be deleted.
	// +optional
	Definitions int64 `json:"definitions,omitempty"`
}

// Above is true if one of the limits is higher than it was before.
func (l DeletionLimits) Above(before DeletionLimits) bool {
	return l.Users > before.Users || l.Groups > before.Groups || l.Meetings > before.Meetings || l.Licenses > before.Licenses ||
		l.Definitions > before.Definitions
}

// DeletionKind is a kind of deletion that has a limit of its own.
//
// +kubebuilder:validation:Enum=users;groups;meetings;licenses;definitions
type DeletionKind string

// DeletionAllotment is a number of deletions of one kind that were allowed together.
type DeletionAllotment struct {
	// kind of the deletions.
	// +required
	Kind DeletionKind `json:"kind,omitempty"`

	// time by which they were made. They count against the limit until it is a window ago.
	// +required
	Time metav1.Time `json:"time,omitempty,omitzero"`

	// count of deletions in it.
	// +required
	// +kubebuilder:validation:Minimum=0
	Count *int64 `json:"count,omitempty"`
}

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// Finalizer keeps an object until what it created in GoTo is deleted or deliberately left behind.
	Finalizer = "goto-operator.dev/finalizer"

	// ReconcileRequestedAtAnnotation asks for one reconcile now; any new value will do. The value last handled is
	// echoed in status.lastHandledReconcileAt. On a GoToAccount it also reads the account again at once.
	ReconcileRequestedAtAnnotation = "goto-operator.dev/reconcile-requested-at"

	// CreateIntentAnnotation records, before the request is sent, what the operator is about to create: of a user the e-mail
	// address, of a meeting all that it was asked to be. GoTo has no idempotency key; with this mark what was created and
	// never confirmed is recognised as the operator's own after a crash.
	CreateIntentAnnotation = "goto-operator.dev/create-intent"

	// ApproveDeletionsUntilAnnotation on a GoToAccount releases the deletion brake until the time it gives
	// (RFC 3339, at most 24 hours ahead).
	ApproveDeletionsUntilAnnotation = "goto-operator.dev/approve-deletions-until"
)

// Key identifies a user, group, licence or account in GoTo: a positive 64-bit integer, written in decimal.
//
// +kubebuilder:validation:Pattern=`^[0-9]+$`
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=19
type Key string

// AdminRole is a permission that a user has in the administration of a GoTo account.
//
// +kubebuilder:validation:Enum=SUPER_USER;ADD_USERS;MANAGE_USERS;MANAGE_SEATS;MANAGE_SETTINGS;MANAGE_GROUPS;RUN_REPORTS;MANAGE_ACCOUNT
type AdminRole string

// ManagementPolicy says whether the operator may write to GoTo for an object.
//
// +kubebuilder:validation:Enum=Manage;Observe
type ManagementPolicy string

const (
	// Manage creates, corrects and deletes.
	Manage ManagementPolicy = "Manage"
	// Observe only reads, and lists in status.drift what Manage would change.
	Observe ManagementPolicy = "Observe"
)

// DeletionPolicy says what happens in GoTo when an object is deleted.
//
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes the remote object too.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyOrphan leaves the remote object as it is.
	DeletionPolicyOrphan DeletionPolicy = "Orphan"
)

// Origin says how an object came by its counterpart in GoTo.
//
// +kubebuilder:validation:Enum=Created;Adopted
type Origin string

const (
	// Created means that the operator made the remote object.
	Created Origin = "Created"
	// Adopted means that it existed before.
	Adopted Origin = "Adopted"
)

// AccountReference names the GoToAccount through which an object is managed.
type AccountReference struct {
	// name of the GoToAccount.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// namespace of the GoToAccount; the object's own namespace when empty. Another namespace is allowed only where
	// the account's spec.allowedNamespaces says so.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
}

// FieldDrift is one field whose value in GoTo is not the one that the object asks for.
type FieldDrift struct {
	// field is the name of the field, as in the spec of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Field string `json:"field,omitempty"`

	// current is the value in GoTo.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Current string `json:"current,omitempty"`

	// desired is the value that the object asks for.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Desired string `json:"desired,omitempty"`
}

// ManagedSpec is the part of a spec that every kind with a counterpart in GoTo has.
type ManagedSpec struct {
	// accountRef names the GoToAccount that this object belongs to. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="accountRef cannot be changed; create a new object for another account"
	AccountRef AccountReference `json:"accountRef,omitzero"`

	// managementPolicy is Manage to create, correct and delete in GoTo, or Observe to only report the differences.
	// +optional
	// +kubebuilder:default=Manage
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// deletionPolicy says what becomes of the counterpart in GoTo when this object is deleted. When it is not set, what
	// the operator created is deleted and what it adopted is left as it is.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend stops all work on this object until it is false again; its condition Ready then says so. A suspended object can
	// be deleted; its counterpart in GoTo is then left as it is.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// ManagedStatus is the part of a status that every kind with a counterpart in GoTo has.
type ManagedStatus struct {
	// conditions are Ready, and Reconciling or Stalled while they are true, as kstatus reads them; others where they carry
	// news.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of; -1 before the first one.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// origin says whether the operator created the counterpart in GoTo or adopted one that existed.
	// +optional
	Origin Origin `json:"origin,omitempty"`

	// drift lists what is different in GoTo and has not been corrected: with managementPolicy Observe, all differences;
	// otherwise those that GoTo does not allow to be corrected.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=64
	Drift []FieldDrift `json:"drift,omitempty"`

	// lastHandledReconcileAt is the value of the annotation goto-operator.dev/reconcile-requested-at that was last
	// acted on.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

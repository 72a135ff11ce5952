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

	// IdentityAnnotation is what the operator remembers of an object's counterpart in GoTo beside the status: a status is lost
	// where an object is restored or moved, metadata travels with it. It says for which kind, namespace and name it is, so
	// that a copy under another name says nothing. It is the operator's own; removed or changed, it is written again.
	IdentityAnnotation = "goto-operator.dev/identity"

	// AdoptAnnotation on an object, with the value "true", lets it adopt a counterpart that exists in GoTo, in an account
	// with adoption: Annotated.
	AdoptAnnotation = "goto-operator.dev/adopt"

	// PublishedByAnnotation on a Secret that the operator made says for which object, as kind and name in its namespace. By
	// it an object that was restored, and has another UID, takes its Secret over again.
	PublishedByAnnotation = "goto-operator.dev/published-by"

	// ApproveDeletionsUntilAnnotation on a GoToAccount releases the deletion brake until the time it gives
	// (RFC 3339, at most 24 hours ahead).
	ApproveDeletionsUntilAnnotation = "goto-operator.dev/approve-deletions-until"
)

// Key identifies a user, group, licence or account in GoTo: a positive 64-bit integer, written in decimal without leading
// zeros.
//
// +kubebuilder:validation:Pattern=`^[1-9][0-9]*$`
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=19
type Key string

// AdminRole is a permission that a user has in the administration of a GoTo account, as GoTo names it. Known are SUPER_USER,
// MANAGE_ACCOUNT, ADD_USERS, MANAGE_USERS, MANAGE_SEATS, MANAGE_SETTINGS, MANAGE_GROUPS, RUN_REPORTS, MANAGE_DEVICE_GROUPS,
// MANAGE_SETTINGS_PROFILES, VIEW_INVOICES, VIEW_AND_PAY_INVOICES, VIEW_CALL_RECORDINGS and MANAGE_EMERGENCY_SERVICES; GoTo
// may know others.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Z][A-Z0-9_]*$`
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

// RecreatePolicy says what becomes of an object whose counterpart somebody deleted in GoTo.
//
// +kubebuilder:validation:Enum=Recreate;Report
type RecreatePolicy string

const (
	// Recreate makes another counterpart in its place, with another key.
	Recreate RecreatePolicy = "Recreate"
	// ReportMissing makes none, and says so in the conditions.
	ReportMissing RecreatePolicy = "Report"
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

	// reason why it is not corrected: Observed, ReadOnlyInGoTo, NotKept (GoTo keeps something else than what was written),
	// or Contested (somebody else changes it back).
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Reason string `json:"reason,omitempty"`
}

// ContestedField is a field that somebody else changes back again and again.
type ContestedField struct {
	// field is the name of the field, as in the spec of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Field string `json:"field,omitempty"`

	// desired is the value that the object asks for.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Desired string `json:"desired,omitempty"`

	// corrections in a row, by the operator.
	// +required
	// +kubebuilder:validation:Minimum=1
	Corrections int32 `json:"corrections,omitempty"`

	// lastCorrected is when it was last corrected. The time until the next correction grows with their number.
	// +required
	LastCorrected metav1.Time `json:"lastCorrected,omitempty,omitzero"`
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

	// accountKey of the GoTo account in which the counterpart is. Nothing is concluded about it in another one.
	// +optional
	AccountKey Key `json:"accountKey,omitempty"`

	// drift lists what is different in GoTo and has not been corrected: with managementPolicy Observe, all differences;
	// otherwise those that GoTo does not allow to be corrected, that it does not keep, and that somebody else changes back.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=64
	Drift []FieldDrift `json:"drift,omitempty"`

	// contested are the fields that somebody else keeps changing back.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=64
	Contested []ContestedField `json:"contested,omitempty"`

	// lastHandledReconcileAt is the value of the annotation goto-operator.dev/reconcile-requested-at that was last
	// acted on.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GoToAccountStatus is what the operator knows of the account. Times in it move only when what they speak of changed:
// an account in which nothing happens is not written to.
type GoToAccountStatus struct {
	// conditions are Ready, CredentialsValid, SnapshotCurrent, DeletionBlocked, Contested once objects were, SettingsApplied with
	// spec.settings, and Reconciling or Stalled while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of; -1 before the first one.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// accountKey of the account in use.
	// +optional
	AccountKey Key `json:"accountKey,omitempty"`

	// accountName as GoTo gives it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	AccountName string `json:"accountName,omitempty"`

	// admin is the user whose credentials are used.
	// +optional
	Admin AccountAdmin `json:"admin,omitzero"`

	// products of the admin's user, as GoTo gives them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=64
	Products []string `json:"products,omitempty"`

	// snapshot counts what was read from the account.
	// +optional
	Snapshot SnapshotStatus `json:"snapshot,omitzero"`

	// licenses of the account and their seats.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=500
	Licenses []LicenseStatus `json:"licenses,omitempty"`

	// unmanagedUsers is the number of users in GoTo that no GoToUser stands for; absent before the first reading.
	// +optional
	UnmanagedUsers *int64 `json:"unmanagedUsers,omitempty"`

	// requestsPerSecond is the budget in force: that of the spec, or less after GoTo answered 429.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	RequestsPerSecond string `json:"requestsPerSecond,omitempty"`

	// deletions is the state of the deletion brake.
	// +optional
	Deletions DeletionStatus `json:"deletions,omitzero"`

	// settings is what became of spec.settings.
	// +optional
	Settings AccountSettingsStatus `json:"settings,omitzero"`

	// lastHandledReconcileAt is the value of the annotation goto-operator.dev/reconcile-requested-at that was last
	// acted on.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

// AccountAdmin is the user whose credentials are used.
type AccountAdmin struct {
	// key of the user.
	// +optional
	Key Key `json:"key,omitempty"`

	// roles of the user in the account.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=64
	Roles []string `json:"roles,omitempty"`
}

// SnapshotStatus counts what was read from the account.
type SnapshotStatus struct {
	// time of the reading that first showed these counts. Later readings that found the same are not recorded here; the
	// metric goto_operator_snapshot_age_seconds is the age of the last one.
	// +optional
	Time metav1.Time `json:"time,omitempty,omitzero"`

	// users in the account.
	// +optional
	Users int64 `json:"users,omitempty"`

	// groups in the account.
	// +optional
	Groups int64 `json:"groups,omitempty"`

	// licenses of the account.
	// +optional
	Licenses int64 `json:"licenses,omitempty"`
}

// LicenseStatus is a licence of the account and its seats.
type LicenseStatus struct {
	// key of the licence.
	// +required
	Key Key `json:"key,omitempty"`

	// description as GoTo gives it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`

	// products that the licence gives.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=64
	Products []string `json:"products,omitempty"`

	// seats that were bought.
	// +optional
	Seats int64 `json:"seats,omitempty"`

	// assigned seats.
	// +optional
	Assigned int64 `json:"assigned,omitempty"`

	// waiting GoToUsers that a binding selects and for whom no seat is free.
	// +optional
	Waiting int64 `json:"waiting,omitempty"`

	// unmanaged is the number of assigned seats that no GoToLicenseBinding gave.
	// +optional
	Unmanaged int64 `json:"unmanaged,omitempty"`
}

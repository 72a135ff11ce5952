package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SettingsProduct is a product of GoTo that has settings, as GoTo names it.
//
// +kubebuilder:validation:Enum=G2M;G2W;G2T;OPENVOICE
type SettingsProduct string

const (
	// ProductMeeting is GoToMeeting.
	ProductMeeting SettingsProduct = "G2M"
	// ProductWebinar is GoToWebinar.
	ProductWebinar SettingsProduct = "G2W"
	// ProductTraining is GoToTraining.
	ProductTraining SettingsProduct = "G2T"
	// ProductOpenVoice is OpenVoice.
	ProductOpenVoice SettingsProduct = "OPENVOICE"
)

// SettingsDeletionPolicy says what becomes of settings when the profile that wrote them is deleted.
//
// +kubebuilder:validation:Enum=Restore;Orphan
type SettingsDeletionPolicy string

const (
	// SettingsRestore puts back what was there before the profile.
	SettingsRestore SettingsDeletionPolicy = "Restore"
	// SettingsOrphan leaves them as they are.
	SettingsOrphan SettingsDeletionPolicy = "Orphan"
)

// GoToSettingsProfileSpec gives settings of one product to users, to users who will come, or to the account.
//
// +kubebuilder:validation:XValidation:rule="has(self.settings) || has(self.additional)",message="set settings, additional or both"
// +kubebuilder:validation:XValidation:rule="!has(self.settings) || self.product == 'G2M'",message="the settings that are named are those of G2M: for another product set additional"
// +kubebuilder:validation:XValidation:rule="has(self.targets) || has(self.newUsers) && self.newUsers || has(self.account) && self.account",message="set targets, newUsers or account"
// +kubebuilder:validation:XValidation:rule="self.product == oldSelf.product",message="product cannot be changed; create a new object for another product"
type GoToSettingsProfileSpec struct {
	// accountRef names the GoToAccount that this object belongs to. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="accountRef cannot be changed; create a new object for another account"
	AccountRef AccountReference `json:"accountRef,omitzero"`

	// managementPolicy is Manage to write, or Observe to only report the differences.
	// +optional
	// +kubebuilder:default=Manage
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// deletionPolicy is Restore to put back, when this object is deleted, what newUsers and account had before it, or Orphan to
	// leave them as they are. Users keep what they have: another profile that selects them takes over.
	// +optional
	// +kubebuilder:default=Orphan
	DeletionPolicy SettingsDeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend stops all work on this object until it is false again; its condition Ready then says so.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// product whose settings these are. It cannot be changed.
	// +required
	Product SettingsProduct `json:"product,omitempty"`

	// settings of G2M, by the names that GoTo gives them. What is not set is not managed.
	// +optional
	Settings *MeetingSettings `json:"settings,omitempty"`

	// additional are settings that settings does not name, by the name that GoTo gives them: a boolean, a number, a string
	// or a list of strings each. A name that ends in Accessible, or begins with allowed, is what the licence allows, and cannot
	// be set.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:pruning:PreserveUnknownFields
	Additional map[string]SettingValue `json:"additional,omitempty"`

	// priority decides between profiles that say different things of one setting of one user: the higher wins, then the
	// older. So it does between profiles for newUsers, and for account.
	// +optional
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=-1000000
	// +kubebuilder:validation:Maximum=1000000
	Priority *int32 `json:"priority,omitempty"`

	// targets are the GoToUsers that get the settings, all in the profile's own namespace and of its account.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	Targets []SettingsTarget `json:"targets,omitempty"`

	// newUsers makes the settings those with which users begin who are made in GoTo from now on, whoever makes them.
	// +optional
	NewUsers bool `json:"newUsers,omitempty"`

	// account makes the settings those of the account. What is written there may overwrite the settings of its users, so it is
	// announced in the condition AccountWriteAnnounced first.
	// +optional
	Account bool `json:"account,omitempty"`
}

// SettingsTarget selects GoToUsers: one by name, the members of a group, those with given labels, or those with a licence.
//
// +kubebuilder:validation:XValidation:rule="(has(self.userRef) ? 1 : 0) + (has(self.groupRef) ? 1 : 0) + (has(self.selector) ? 1 : 0) + (has(self.license) ? 1 : 0) == 1",message="a target is one of userRef, groupRef, selector and license"
// +kubebuilder:validation:XValidation:rule="!has(self.subgroups) || has(self.groupRef)",message="subgroups has a meaning with groupRef alone"
type SettingsTarget struct {
	// userRef names one GoToUser.
	// +optional
	UserRef UserReference `json:"userRef,omitzero"`

	// groupRef names a GoToGroup: its GoToUsers are meant, those that the spec puts there and those that GoTo shows there.
	// +optional
	GroupRef GroupReference `json:"groupRef,omitzero"`

	// subgroups says whether the members of the groups below count too.
	// +optional
	Subgroups SubgroupPolicy `json:"subgroups,omitempty"`

	// selector matches labels of GoToUsers. The empty selector matches all.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// license is one that the GoToUsers have in GoTo.
	// +optional
	License LicenseSelector `json:"license,omitzero"`
}

// GoToSettingsProfileStatus counts. It never lists users.
type GoToSettingsProfileStatus struct {
	ManagedStatus `json:",inline"`

	// selected GoToUsers.
	// +optional
	Selected *int64 `json:"selected,omitempty"`

	// applied are those of them that have every setting of the profile that no other profile overrides.
	// +optional
	Applied *int64 `json:"applied,omitempty"`

	// pending are those of them that are being worked on.
	// +optional
	Pending *int64 `json:"pending,omitempty"`

	// refused are those of them that do not have the settings and are not being worked on: they are suspended, only observed or
	// stalled, or GoTo did not keep what was written.
	// +optional
	Refused *int64 `json:"refused,omitempty"`

	// notEntitled are those of them whose licence or account does not grant a setting.
	// +optional
	NotEntitled *int64 `json:"notEntitled,omitempty"`

	// overridden are those of them for whom another profile decides at least one setting.
	// +optional
	Overridden *int64 `json:"overridden,omitempty"`

	// conflicts are the settings that other profiles decide, and on how many users.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Conflicts []SettingConflict `json:"conflicts,omitempty"`

	// found is what newUsers and account had before the profile wrote them, for deletionPolicy: Restore.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=256
	Found []FoundSetting `json:"found,omitempty"`

	// announced is when the write to the account's settings that is about to be made was announced.
	// +optional
	Announced *metav1.Time `json:"announced,omitempty"`

	// announcedSettings is a fingerprint of the settings, with their values, that are announced: other ones are announced anew.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	AnnouncedSettings string `json:"announcedSettings,omitempty"`
}

// SettingConflict is a setting that another profile decides.
type SettingConflict struct {
	// name of the setting.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name,omitempty"`

	// by is the GoToSettingsProfile that decides it, as namespace/name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=320
	By string `json:"by,omitempty"`

	// level is Users, NewUsers or Account.
	// +required
	Level SettingsLevel `json:"level,omitempty"`

	// users is on how many users, with level Users.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Users *int64 `json:"users,omitempty"`
}

// SettingsLevel is where settings are kept in GoTo.
//
// +kubebuilder:validation:Enum=Users;NewUsers;Account
type SettingsLevel string

const (
	// LevelUsers are the settings of each user.
	LevelUsers SettingsLevel = "Users"
	// LevelNewUsers are those with which users begin.
	LevelNewUsers SettingsLevel = "NewUsers"
	// LevelAccount are those of the account.
	LevelAccount SettingsLevel = "Account"
)

// FoundSetting is a setting as it was before the profile.
type FoundSetting struct {
	// level is NewUsers or Account.
	// +required
	Level SettingsLevel `json:"level,omitempty"`

	// name of the setting.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name,omitempty"`

	// value of it, as JSON; none where GoTo showed none, or one that is too long to keep. That cannot be put back.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Value string `json:"value,omitempty"`
}

// GoToSettingsProfile gives settings of a product to users of a GoTo account, to those who will come, or to the account.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtsettings,categories=goto
// +kubebuilder:printcolumn:name="Product",type=string,JSONPath=`.spec.product`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Selected",type=integer,JSONPath=`.status.selected`,priority=1
// +kubebuilder:printcolumn:name="Applied",type=integer,JSONPath=`.status.applied`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.pending`
// +kubebuilder:printcolumn:name="Overridden",type=integer,JSONPath=`.status.overridden`,priority=1
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToSettingsProfile struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the settings and who gets them.
	// +required
	Spec GoToSettingsProfileSpec `json:"spec,omitzero"`

	// status counts who has them.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToSettingsProfileStatus `json:"status,omitzero"`
}

// GoToSettingsProfileList is a list of GoToSettingsProfile.
//
// +kubebuilder:object:root=true
type GoToSettingsProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToSettingsProfile `json:"items"`
}

// Managed returns the parts of a GoToSettingsProfile that every managed kind has. There is nothing to delete in GoTo: to the
// engine, Restore is what has to be done before the object may go.
func (p *GoToSettingsProfile) Managed() (*ManagedSpec, *ManagedStatus) {
	spec := &ManagedSpec{
		AccountRef: p.Spec.AccountRef, ManagementPolicy: p.Spec.ManagementPolicy, Suspend: p.Spec.Suspend, DeletionPolicy: DeletionPolicyOrphan,
	}
	if p.Spec.DeletionPolicy == SettingsRestore {
		spec.DeletionPolicy = DeletionPolicyDelete
	}
	return spec, &p.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: settings are of an account that is always there.
func (p *GoToSettingsProfile) RemoteKey() *Key { return &p.Status.AccountKey }

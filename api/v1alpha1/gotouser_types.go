package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GoToUserSpec is the user that should exist in the account. An optional field that is not set is not managed: whatever
// GoTo holds stays.
//
// +kubebuilder:validation:XValidation:rule="!has(self.groupRef) || !has(self.groupKey)",message="groupRef and groupKey exclude each other"
type GoToUserSpec struct {
	ManagedSpec `json:",inline"`

	// email is the address the user signs in with and the natural key by which an existing user is found and adopted,
	// compared without case. Changing it renames the user; it never makes a second one.
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[^@\s,;<>"()]+@[^@\s,;<>"()]+\.[^@\s,;<>"().]+$`
	Email string `json:"email,omitempty"`

	// firstName of the user, at most 32 characters. GoTo needs it to create a user; without the field, the first name of one
	// that exists is not managed.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^\S(.*\S)?$`
	FirstName string `json:"firstName,omitempty"`

	// lastName of the user, at most 32 characters. GoTo needs it to create a user; without the field, the last name of one
	// that exists is not managed.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^\S(.*\S)?$`
	LastName string `json:"lastName,omitempty"`

	// locale is a language and a country, for example en_US.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]{2}_[A-Z]{2}$`
	// +kubebuilder:validation:MaxLength=5
	Locale string `json:"locale,omitempty"`

	// timeZone is a name of the IANA time zone database, for example Europe/Berlin.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// adminRoles are the admin roles that the user is to have. GoTo shows more roles than were set, since some contain others,
	// so others are left alone unless adminRolesMatch says Exactly. An empty list takes every role away; without the field,
	// roles are not managed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=32
	AdminRoles []AdminRole `json:"adminRoles,omitzero"`

	// adminRolesMatch is AtLeast to leave roles alone that adminRoles does not name, or Exactly to take them away; those that
	// a named role contains stay.
	// +optional
	// +kubebuilder:default=AtLeast
	AdminRolesMatch RolesMatch `json:"adminRolesMatch,omitempty"`

	// managedGroupKeys limits the admin roles to these groups, by key. An empty list removes the limit; without the
	// field, the groups are not managed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=500
	ManagedGroupKeys []Key `json:"managedGroupKeys,omitzero"`

	// roleSets are custom roles that the user is to have, by name or id; newer accounts have them. Others are left alone
	// unless adminRolesMatch says Exactly. An empty list takes every custom role away; without the field, they are not managed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=16
	RoleSets []RoleSet `json:"roleSets,omitzero"`

	// attributes are values of custom attributes, by the name of the attribute, which the account has to define: see
	// GoToAttribute. Only those that are named are managed; an empty value takes the value away.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(name, size(name) >= 1 && size(name) <= 128)",message="the name of an attribute has 1 to 128 characters"
	Attributes map[string]AttributeValue `json:"attributes,omitempty"`

	// groupRef names the GoToGroup that the user is in, in the same namespace. Taking it away takes the user out of the
	// group that it was put into; a user whose spec never named a group is left where it is.
	// +optional
	GroupRef GroupReference `json:"groupRef,omitzero"`

	// groupKey is the key of the group that the user is in, for a group that no GoToGroup stands for.
	// +optional
	GroupKey Key `json:"groupKey,omitempty"`

	// welcomeEmail says whether GoTo sends the new user a mail, and with what text. It is used once, when the user is
	// created.
	// +optional
	WelcomeEmail *WelcomeEmail `json:"welcomeEmail,omitempty"`

	// products are all products that the user may use, in an account with provisioning Organizers; at least one is needed
	// to invite a user. G2W and G2T bring G2M with them. GoTo cannot take a single product away: one too many is reported.
	// Without the field, products are not managed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Products []Product `json:"products,omitempty"`

	// state is Active, or Suspended to take all products from the user until it is Active again; key and history stay. It
	// is for accounts with provisioning Organizers. Without the field, a user who should have products is made active, and
	// nobody is suspended.
	// +optional
	State UserState `json:"state,omitempty"`

	// recreatePolicy says what to do when somebody deleted the user in GoTo: Recreate makes another one, Report only says so.
	// +optional
	// +kubebuilder:default=Recreate
	RecreatePolicy RecreatePolicy `json:"recreatePolicy,omitempty"`
}

// RoleSet is the name or the id of a custom role.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
type RoleSet string

// AttributeValue is the value of a custom attribute.
//
// +kubebuilder:validation:MaxLength=1024
type AttributeValue string

// RolesMatch says what becomes of admin roles that a spec does not name.
//
// +kubebuilder:validation:Enum=AtLeast;Exactly
type RolesMatch string

const (
	// RolesAtLeast leaves them alone.
	RolesAtLeast RolesMatch = "AtLeast"
	// RolesExactly takes them away.
	RolesExactly RolesMatch = "Exactly"
)

// Product is something that an organizer may use, as the GoToMeeting API names it. Known are G2M, G2W, G2T, OPENVOICE,
// G2ASEEIT, G2ARS and G2ASD; GoTo may know others.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Z][A-Z0-9_]*$`
type Product string

// UserState says whether an organizer has products.
//
// +kubebuilder:validation:Enum=Active;Suspended
type UserState string

const (
	// UserActive has the products of the spec.
	UserActive UserState = "Active"
	// UserSuspended has no products.
	UserSuspended UserState = "Suspended"
)

// WelcomeEmailPolicy says whether a welcome mail is sent.
//
// +kubebuilder:validation:Enum=Send;Suppress
type WelcomeEmailPolicy string

const (
	// SendWelcomeEmail lets GoTo send its mail, or the given one.
	SendWelcomeEmail WelcomeEmailPolicy = "Send"
	// SuppressWelcomeEmail lets GoTo send nothing.
	SuppressWelcomeEmail WelcomeEmailPolicy = "Suppress"
)

// WelcomeEmail is the mail that a new user gets from GoTo.
//
// +kubebuilder:validation:XValidation:rule="has(self.subject) == has(self.text)",message="subject and text belong together: set both or neither"
// +kubebuilder:validation:XValidation:rule="!has(self.subject) || !has(self.policy) || self.policy != 'Suppress'",message="subject and text have no use with policy Suppress"
// +kubebuilder:validation:XValidation:rule="!has(self.templateRef) || !has(self.subject)",message="templateRef takes the place of subject and text"
// +kubebuilder:validation:XValidation:rule="!has(self.templateRef) || !has(self.policy) || self.policy != 'Suppress'",message="templateRef has no use with policy Suppress"
type WelcomeEmail struct {
	// policy is Send or Suppress.
	// +optional
	// +kubebuilder:default=Send
	Policy WelcomeEmailPolicy `json:"policy,omitempty"`

	// subject of the mail, in place of GoTo's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Subject string `json:"subject,omitempty"`

	// text of the mail, in place of GoTo's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=10000
	Text string `json:"text,omitempty"`

	// templateRef names the GoToEmailTemplate whose subject and text are sent, in the same namespace. It is looked up once,
	// when the user is created.
	// +optional
	TemplateRef TemplateReference `json:"templateRef,omitzero"`
}

// GoToUserStatus is what GoTo says of the user, as of the last change.
type GoToUserStatus struct {
	ManagedStatus `json:",inline"`

	// userKey identifies the user in GoTo. It is what the operator remembers the user by.
	// +optional
	UserKey Key `json:"userKey,omitempty"`

	// invitation is the address of an invited organizer who has no key before the invitation is accepted. It is what the
	// operator remembers the user by until then.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Invitation string `json:"invitation,omitempty"`

	// state of the user as GoTo reports it: INVITED, ACTIVE, INACTIVE or SUSPENDED. GoTo shows a user without licence
	// and role as SUSPENDED.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	State string `json:"state,omitempty"`

	// products that the user can use through the licences, for example G2M.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=64
	Products []string `json:"products,omitempty"`

	// licenseKeys of the user.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	LicenseKeys []Key `json:"licenseKeys,omitempty"`

	// group the user is in.
	// +optional
	Group UserGroupStatus `json:"group,omitzero"`

	// managedGroupKeys are the groups whose users the user administers, as GoTo shows them or, where it does not, as they were
	// last written (whether it does is UNVERIFIED). Absent while nothing is known of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	ManagedGroupKeys []Key `json:"managedGroupKeys,omitzero"`

	// roleSets are the ids of the user's custom roles.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=128
	RoleSets []string `json:"roleSets,omitempty"`

	// attributes are the values of those custom attributes that the spec names, as GoTo shows them or, where it does not, as
	// they were last written (whether it does is UNVERIFIED).
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Attributes map[string]AttributeValue `json:"attributes,omitempty"`

	// placedGroupKeys are the groups that the operator put the user into, or is about to: one, but for a moment. A user whose
	// spec no longer names a group is taken out of these alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	PlacedGroupKeys []Key `json:"placedGroupKeys,omitempty"`

	// givenLicenses are the licences that bindings gave the user, and which bindings. Other licences of the user are left
	// alone.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=64
	GivenLicenses []GivenLicense `json:"givenLicenses,omitempty"`
}

// GivenLicense is a licence that bindings gave to a user.
type GivenLicense struct {
	// key of the licence.
	// +required
	Key Key `json:"key,omitempty"`

	// bindings are the names of the GoToLicenseBindings that give it, in the user's namespace; 16 of them at most.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=253
	Bindings []string `json:"bindings,omitempty"`
}

// UserGroupStatus is the group that a user is in.
type UserGroupStatus struct {
	// key of the group.
	// +optional
	Key Key `json:"key,omitempty"`

	// name of the group.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Name string `json:"name,omitempty"`
}

// GoToUser is a user of a GoTo account.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtuser,categories=goto
// +kubebuilder:printcolumn:name="Email",type=string,JSONPath=`.spec.email`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Key",type=string,JSONPath=`.status.userKey`,priority=1
// +kubebuilder:printcolumn:name="Group",type=string,JSONPath=`.status.group.name`,priority=1
// +kubebuilder:printcolumn:name="Origin",type=string,JSONPath=`.status.origin`,priority=1
// +kubebuilder:printcolumn:name="Seats",type=string,JSONPath=`.status.conditions[?(@.type=="SeatAssigned")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToUser struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the user that should exist.
	// +required
	Spec GoToUserSpec `json:"spec,omitzero"`

	// status is what was last seen.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToUserStatus `json:"status,omitzero"`
}

// GoToUserList is a list of GoToUser.
//
// +kubebuilder:object:root=true
type GoToUserList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToUser `json:"items"`
}

// Welcome returns welcomeEmail, the zero WelcomeEmail where the spec has none.
func (s *GoToUserSpec) Welcome() WelcomeEmail {
	if s.WelcomeEmail == nil {
		return WelcomeEmail{}
	}
	return *s.WelcomeEmail
}

// Managed returns the parts of a GoToUser that every managed kind has.
func (u *GoToUser) Managed() (*ManagedSpec, *ManagedStatus) {
	return &u.Spec.ManagedSpec, &u.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.userKey.
func (u *GoToUser) RemoteKey() *Key { return &u.Status.UserKey }

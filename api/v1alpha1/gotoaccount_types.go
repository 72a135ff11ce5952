package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Grant is the OAuth grant by which the operator gets its access tokens.
//
// +kubebuilder:validation:Enum=RefreshToken;PersonalAccessToken;Password
type Grant string

const (
	// GrantRefreshToken uses and rotates a stored refresh token.
	GrantRefreshToken Grant = "RefreshToken"
	// GrantPersonalAccessToken swaps a personal access token.
	GrantPersonalAccessToken Grant = "PersonalAccessToken"
	// GrantPassword is the "direct login" that GoTo has closed for new OAuth clients.
	GrantPassword Grant = "Password"
)

// Keys of the Secret that a GoToAccount names. Each grant reads the client and its own part.
const (
	SecretKeyClientID            = "client-id"
	SecretKeyClientSecret        = "client-secret"
	SecretKeyRefreshToken        = "refresh-token"
	SecretKeyPersonalAccessToken = "personal-access-token"
	SecretKeyUsername            = "username"
	SecretKeyPassword            = "password"
)

// Provisioning says which of GoTo's APIs the users of an account are managed through.
//
// +kubebuilder:validation:Enum=Admin;Organizers
type Provisioning string

const (
	// ProvisioningAdmin uses the Administration API: users, groups and licences.
	ProvisioningAdmin Provisioning = "Admin"
	// ProvisioningOrganizers uses the organizers of the GoToMeeting API: users and their products.
	ProvisioningOrganizers Provisioning = "Organizers"
)

// AdoptionPolicy says what happens when what an object asks for exists in GoTo already.
//
// +kubebuilder:validation:Enum=IfExists;Never;Annotated
type AdoptionPolicy string

const (
	// AdoptIfExists adopts it.
	AdoptIfExists AdoptionPolicy = "IfExists"
	// AdoptNever refuses: the object is Stalled, and what exists is left alone.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptAnnotated adopts it for an object that has the annotation goto-operator.dev/adopt: "true".
	AdoptAnnotated AdoptionPolicy = "Annotated"
)

// GoToAccountSpec is the connection to one GoTo account and the limits the operator keeps to in it.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.accountKey) || (has(self.accountKey) && self.accountKey == oldSelf.accountKey)",message="accountKey cannot be changed once it is set; create a new GoToAccount for another account"
type GoToAccountSpec struct {
	// credentials name the Secret and how it is used.
	// +required
	Credentials AccountCredentials `json:"credentials,omitzero"`

	// accountKey of the account to manage. When it is not set, it is the account of the credentials' own user; it must
	// be set if that user administers several, or, with provisioning Organizers, if the Administration API does not tell. It
	// cannot be changed once it is set.
	// +optional
	AccountKey Key `json:"accountKey,omitempty"`

	// provisioning is Admin to manage users through the Administration API, or Organizers for an account that it does not
	// serve: users are then organizers of the GoToMeeting API. It cannot be changed.
	// +optional
	// +kubebuilder:default=Admin
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="provisioning cannot be changed; create a new GoToAccount"
	Provisioning Provisioning `json:"provisioning,omitempty"`

	// endpoints replace GoTo's own, for a simulator or a proxy, on hosts that the operator's flag --allowed-hosts lists; and
	// say where single operations are, and what is to become of those that nobody has verified.
	// +optional
	Endpoints Endpoints `json:"endpoints,omitzero"`

	// requestBudget limits and groups the requests to GoTo.
	// +optional
	// +kubebuilder:default={}
	RequestBudget RequestBudget `json:"requestBudget,omitzero"`

	// resyncInterval is the time between two readings of the account, which find what was changed in GoTo by others. Each
	// costs one request per page of users, groups and licences.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="resyncInterval must be between 10s and 24h"
	ResyncInterval metav1.Duration `json:"resyncInterval,omitempty,omitzero"`

	// brake limits how many things in GoTo may be deleted, of each kind, before a person has to approve.
	// +optional
	// +kubebuilder:default={}
	Brake Brake `json:"brake,omitzero"`

	// allowedNamespaces are the namespaces whose objects may use this account.
	// +optional
	// +kubebuilder:default={from: Same}
	AllowedNamespaces AllowedNamespaces `json:"allowedNamespaces,omitzero"`

	// wholeAccountNamespaces are those of the allowed namespaces whose objects may be about the account as a whole: a
	// GoToSettingsProfile with newUsers or account, and a GoToReport that selects neither users nor groups. By default it is
	// the account's own namespace alone.
	// +optional
	// +kubebuilder:default={from: Same}
	WholeAccountNamespaces AllowedNamespaces `json:"wholeAccountNamespaces,omitzero"`

	// managementPolicy is Manage, or Observe to write nothing to GoTo for any object of this account: each object lists in
	// status.drift what it would change. It is how to start with an account that is in use.
	// +optional
	// +kubebuilder:default=Manage
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// adoption says what happens when what an object asks for exists in GoTo already, and the operator did not make it:
	// IfExists adopts it, Never leaves it alone, Annotated adopts it for objects with the annotation
	// goto-operator.dev/adopt: "true".
	// +optional
	// +kubebuilder:default=IfExists
	Adoption AdoptionPolicy `json:"adoption,omitempty"`

	// allowedAdminRoles are the admin roles that GoToUsers in other namespaces than the account's own may give. There are
	// none by default: who may edit GoToUsers in a team's namespace must not be able to make an administrator.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	AllowedAdminRoles []AdminRole `json:"allowedAdminRoles,omitempty"`

	// settings of the account itself, in GoTo: its name, and the logo of GoToMeeting. None is managed when it is not set.
	// +optional
	Settings *AccountSettings `json:"settings,omitempty"`

	// allowedRoleSets are the custom roles, by name or id, that GoToUsers in other namespaces than the account's own may give
	// and take. There are none unless they are listed: a custom role may hold any right of an administrator.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	AllowedRoleSets []RoleSet `json:"allowedRoleSets,omitempty"`

	// suspend stops all work on this account and on every object that uses it.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// AccountCredentials say where the credentials are and which grant they are for.
type AccountCredentials struct {
	// grant is the OAuth grant to use.
	// +optional
	// +kubebuilder:default=RefreshToken
	Grant Grant `json:"grant,omitempty"`

	// secretRef names a Secret in the namespace of the GoToAccount. Its keys: client-id and client-secret, and
	// refresh-token, or personal-access-token, or username and password.
	// +required
	SecretRef SecretReference `json:"secretRef,omitzero"`
}

// SecretReference names a Secret in the same namespace.
type SecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// Endpoints are the addresses of the GoTo services, and of their operations.
type Endpoints struct {
	// api is the base address of the APIs; https://api.getgo.com when empty.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^https?://[^\s/?#@]+/?$`
	API string `json:"api,omitempty"`

	// token is the address of the OAuth token endpoint; https://authentication.logmeininc.com/oauth/token when empty.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^https?://[^\s/?#@]+(/[^\s?#]*)?$`
	Token string `json:"token,omitempty"`

	// operations say where operations of the APIs are, in place of the operator's own table: docs/goto-api/endpoints.md lists
	// their ids, methods and paths. Whoever names an operation here vouches for it: it counts as verified.
	// +optional
	// +listType=map
	// +listMapKey=operation
	// +kubebuilder:validation:MaxItems=128
	Operations []OperationEndpoint `json:"operations,omitempty"`

	// unverified is Deny to send no write to a method and path that nobody has verified (grade U of
	// docs/goto-api/endpoints.md) and that operations does not name, or Allow to send it on a guess: for the simulator and
	// for trials. What is denied leaves an object not Ready, with reason EndpointUnverified and the id of the operation.
	// +optional
	// +kubebuilder:default=Deny
	Unverified UnverifiedPolicy `json:"unverified,omitempty"`
}

// UnverifiedPolicy says what becomes of a write to an endpoint that nobody has verified.
//
// +kubebuilder:validation:Enum=Deny;Allow
type UnverifiedPolicy string

const (
	// DenyUnverified does not send it.
	DenyUnverified UnverifiedPolicy = "Deny"
	// AllowUnverified sends it on a guess.
	AllowUnverified UnverifiedPolicy = "Allow"
)

// OperationEndpoint says where one operation of the APIs is.
//
// +kubebuilder:validation:XValidation:rule="has(self.method) || has(self.path)",message="name a method, a path or both, be they those of docs/goto-api/endpoints.md"
type OperationEndpoint struct {
	// operation is the id in docs/goto-api/endpoints.md: addSeat, assignRoleSet, clearRoleSets, createAttribute,
	// createGroup, createGroupOrganizer, createMeeting, createOrganizer, createTemplate, createUsers, deleteAttribute,
	// deleteGroup, deleteMeeting, deleteOrganizer, deleteOrganizerByEmail, deleteSession, deleteSessionAttendees,
	// deleteSessionRecordings, deleteTemplate, deleteUsers, getAccount, getAccountSettings, getAttribute, getGroup,
	// getLicense, getMe, getMeeting, getNewUserSettings, getOrganizer, getProducts, getStartUrl, getTemplate, getUser,
	// leaveGroups, listAccounts, listAttributes, listGroupAttendees, listGroupHistoricalMeetings, listGroupMeetings,
	// listGroupOrganizers, listGroupUpcomingMeetings, listGroupUsers, listGroups, listHistoricalMeetings, listLicenses,
	// listMeetingAttendees, listMeetingGroups, listMeetings, listOrganizerAttendees, listOrganizerHistoricalMeetings,
	// listOrganizerMeetings, listOrganizerUpcomingMeetings, listOrganizers, listRoleSets, listSubgroups, listTemplates,
	// listTollCountries, listTollFreeCountries, listUpcomingMeetings, listUsers, moveUsers, removeSeat, setUserAttributes,
	// setUserRoleSets, token, updateAccount, updateAccountSettings, updateAttribute, updateGroup, updateGroupSettings,
	// updateLicenseSettings, updateMeeting, updateNewUserSettings, updateOrganizer, updateTemplate, updateUserSettings,
	// updateUsers, uploadLogo; of reports report and the kind, with OfUsers, OfGroups or OfLicenses where they are about
	// some, such as reportActivityOfGroups, and reportTollFreeUsage.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9]*$`
	Operation string `json:"operation,omitempty"`

	// method is that of docs/goto-api/endpoints.md when empty. A read stays a GET; DELETE is for what deletes.
	// +optional
	// +kubebuilder:validation:Enum=GET;POST;PUT;PATCH;DELETE
	Method string `json:"method,omitempty"`

	// path from the host on, that of docs/goto-api/endpoints.md when empty. It has the placeholders of that one, such as
	// {userKey}, each once and as a segment of its own, in any order.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/admin/rest/') || self.startsWith('/G2M/rest/')",message="path must begin with /admin/rest/ or /G2M/rest/, and have neither scheme nor host"
	Path string `json:"path,omitempty"`
}

// RequestBudget limits and groups the requests to GoTo.
type RequestBudget struct {
	// requestsPerSecond at most, for everything the operator does in this account. GoTo publishes a limit of 10; the
	// default leaves room for others that use the same OAuth client. After an answer 429 the operator slows down by
	// itself.
	// +optional
	// +kubebuilder:default=8
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	RequestsPerSecond int32 `json:"requestsPerSecond,omitempty"`

	// batchSize is the number of users that one request creates or changes at most. GoTo's own limit is not known; a
	// batch that is refused is halved.
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	BatchSize int32 `json:"batchSize,omitempty"`

	// pageSize is the number of records to ask for in one request. Whatever the service gives is followed.
	// +optional
	// +kubebuilder:default=1000
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	PageSize int32 `json:"pageSize,omitempty"`
}

// NamespacesFrom says which namespaces may use an account.
//
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

const (
	// NamespacesFromSame allows the account's own namespace only.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll allows every namespace.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector allows the namespaces that the selector matches, and the account's own.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces are the namespaces whose objects may use an account.
//
// +kubebuilder:validation:XValidation:rule="(has(self.from) && self.from == 'Selector') == has(self.selector)",message="selector is required with from: Selector, and has no use otherwise"
type AllowedNamespaces struct {
	// from is Same (the account's own namespace), All, or Selector.
	// +optional
	// +kubebuilder:default=Same
	From NamespacesFrom `json:"from,omitempty"`

	// selector matches the labels of the allowed namespaces. The label kubernetes.io/metadata.name holds a namespace's
	// name.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// GoToAccount is the connection to a GoTo account.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtaccount,categories=goto
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.accountKey`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Users",type=integer,JSONPath=`.status.snapshot.users`
// +kubebuilder:printcolumn:name="Unmanaged",type=integer,JSONPath=`.status.unmanagedUsers`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToAccount struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the connection.
	// +required
	Spec GoToAccountSpec `json:"spec,omitzero"`

	// status is what is known of the account.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToAccountStatus `json:"status,omitzero"`
}

// GoToAccountList is a list of GoToAccount.
//
// +kubebuilder:object:root=true
type GoToAccountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToAccount `json:"items"`
}

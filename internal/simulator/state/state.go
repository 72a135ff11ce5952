// Package state is what the simulated service holds: accounts with their users, groups, licences and meetings, credentials, and the
// e-mails that it would have sent. It knows neither HTTP nor JSON of the API, neither switches nor faults, and imports no other room
// of the simulator. Nothing in it locks: package live does.
package state

import (
	"encoding/json"
	"time"
)

// State is everything the simulator remembers, in a form that can be written to a file and read back. Keys are strings of digits.
type State struct {
	Accounts []Account `json:"accounts"`
	OAuth    OAuth     `json:"oauth"`
	// Outbox holds every e-mail that the service would have sent, oldest first.
	Outbox []Mail `json:"outbox,omitempty"`
}

// Account is one GoTo account. Accounts are neither created nor deleted through the API (D).
type Account struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	// NoAdminAccess says that the account cannot give admin roles; it is shown as hasAdminAccess=false (D).
	NoAdminAccess bool      `json:"noAdminAccess,omitempty"`
	Users         []User    `json:"users,omitempty"`
	Groups        []Group   `json:"groups,omitempty"`
	Licenses      []License `json:"licenses,omitempty"`
	Defined
	// Free says that this is a free account: the GoToMeeting API answers it with 412 (L).
	Free bool `json:"free,omitempty"`
	// Illegal says that the account is provisioned for toll-free calls and has no billing id: the service refuses all work on it with
	// 502 and the words "Illegal Account" (D, as transcribed elsewhere).
	Illegal bool `json:"illegal,omitempty"`
	// Logo is what GoToMeeting shows for the account: a GIF or JPG, as it was sent. Nothing reads it through the API (U).
	Logo     []byte    `json:"logo,omitempty"`
	Meetings []Meeting `json:"meetings,omitempty"`
	// Settings are those of the account, and NewUserSettings those with which new users begin, by product: objects of name and value.
	Settings        map[string]json.RawMessage `json:"settings,omitempty"`
	NewUserSettings map[string]json.RawMessage `json:"newUserSettings,omitempty"`
	// Sessions are the meetings that were held, or are running.
	Sessions []Session `json:"sessions,omitempty"`
	// Deleted holds users who were removed. Adding the e-mail of one again revives the user with the old key (L).
	Deleted []User `json:"deleted,omitempty"`
}

// User is one user of an account. The fields marked "derived" are computed on every read and ignored on every write.
type User struct {
	Key              string   `json:"key"`
	Email            string   `json:"email"`
	FirstName        string   `json:"firstName"`
	LastName         string   `json:"lastName"`
	Locale           string   `json:"locale,omitempty"`
	TimeZone         string   `json:"timeZone,omitempty"`
	LicenseKeys      []string `json:"licenseKeys,omitempty"`
	GroupKey         string   `json:"groupKey,omitempty"`
	AdminRoles       []string `json:"adminRoles,omitempty"`
	ManagedGroupKeys []string `json:"managedGroupKeys,omitempty"`
	// Attributes are values of custom attributes, by the key of the attribute.
	Attributes map[string]string `json:"attributes,omitempty"`
	// RoleSets are ids of custom roles.
	RoleSets []string        `json:"roleSets,omitempty"`
	Settings json.RawMessage `json:"settings,omitempty"`
	// PasswordCreated says that the user accepted the invitation; it makes a licensed user ACTIVE instead of INVITED (L).
	PasswordCreated bool `json:"passwordCreated,omitempty"`
	// Inactive makes a user who has a password INACTIVE instead of ACTIVE. What the service derives it from is not known (U).
	Inactive bool `json:"inactive,omitempty"`
	// InvitedDate is in milliseconds since 1970, 0 for the founder of the account (L).
	InvitedDate      int64 `json:"invitedDate,omitempty"`
	InviteCount      int   `json:"inviteCount,omitempty"`
	NameLocked       bool  `json:"nameLocked,omitempty"`
	EmailLocked      bool  `json:"emailLocked,omitempty"`
	IdentityReadOnly bool  `json:"identityReadOnly,omitempty"`
	// VisibleFrom hides the user from reads until then; see the switch visibilityLag.
	VisibleFrom time.Time `json:"visibleFrom,omitzero"`

	// Status is derived: SUSPENDED, INVITED, ACTIVE or INACTIVE.
	Status string `json:"status,omitempty"`
	// Products is derived from the licences.
	Products []string `json:"products,omitempty"`
}

// The values of User.Status (L).
const (
	StatusInvited   = "INVITED"
	StatusActive    = "ACTIVE"
	StatusInactive  = "INACTIVE"
	StatusSuspended = "SUSPENDED"
)

// Group is a user group. A child has one parent and groups have two levels (D).
type Group struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	ParentKey string `json:"parentKey,omitempty"`
}

// License is a purchased product with a number of seats.
type License struct {
	Key         string `json:"key"`
	Description string `json:"description"`
	Seats       int    `json:"seats"`
	// Products are the product codes a holder gets. Webinar and Training licences list themselves and G2M (L).
	Products []string `json:"products"`
	// Type is free text; the service's values are not known (U). Empty means "named".
	Type     string `json:"type,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

// Mail is an e-mail that the service would have sent. Subject and Text are empty when it would have used its own template.
type Mail struct {
	Time       time.Time `json:"time"`
	AccountKey string    `json:"accountKey"`
	To         string    `json:"to"`
	Subject    string    `json:"subject,omitempty"`
	Text       string    `json:"text,omitempty"`
}

// OAuth is what the token endpoint knows. Everything in it is invented and protects nothing.
type OAuth struct {
	Clients       []OAuthClient         `json:"clients"`
	RefreshTokens []RefreshToken        `json:"refreshTokens,omitempty"`
	PATs          []PersonalAccessToken `json:"personalAccessTokens,omitempty"`
	Passwords     []Password            `json:"passwords,omitempty"`
	AccessTokens  []AccessToken         `json:"accessTokens,omitempty"`
	Codes         []AuthorizationCode   `json:"codes,omitempty"`
	// Issued counts the tokens given out, so that names stay unique over a restart.
	Issued int `json:"issued,omitempty"`
}

// OAuthClient is a registered application.
type OAuthClient struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// RefreshToken lives 30 days (D). A zero IssuedAt means: issued when the state was loaded.
type RefreshToken struct {
	Token    string    `json:"token"`
	ClientID string    `json:"clientId"`
	UserKey  string    `json:"userKey"`
	Scope    string    `json:"scope"`
	IssuedAt time.Time `json:"issuedAt,omitzero"`
}

// AuthorizationCode is what a consent gives: it is swapped once (D) for tokens, by who names the same redirect URI (RFC 6749).
type AuthorizationCode struct {
	Code        string    `json:"code"`
	ClientID    string    `json:"clientId"`
	RedirectURI string    `json:"redirectUri"`
	UserKey     string    `json:"userKey"`
	Scope       string    `json:"scope"`
	IssuedAt    time.Time `json:"issuedAt"`
}

// PersonalAccessToken can be swapped for an access token any number of times; its lifetime is not known (U), here it has no end.
type PersonalAccessToken struct {
	Token   string `json:"token"`
	UserKey string `json:"userKey"`
	Scope   string `json:"scope"`
}

// Password is a user who may use the deprecated password grant.
type Password struct {
	Username string `json:"username"`
	Password string `json:"password"`
	UserKey  string `json:"userKey"`
	Scope    string `json:"scope"`
}

// AccessToken is a bearer token of the API; it lives 3600 seconds (D).
type AccessToken struct {
	Token     string    `json:"token"`
	ClientID  string    `json:"clientId"`
	UserKey   string    `json:"userKey"`
	Scope     string    `json:"scope"`
	ExpiresAt time.Time `json:"expiresAt"`
}

package gotoclient

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"
)

// UserStatus is the state of a user as the service reports it.
type UserStatus string

// The values of UserStatus (L). What they correlate with is known, their exact
// meaning is not: a user with neither licence nor role reads SUSPENDED although
// nobody suspended it (L).
const (
	UserInvited   UserStatus = "INVITED"   // has a licence, never logged in
	UserActive    UserStatus = "ACTIVE"    // has a licence and a password
	UserInactive  UserStatus = "INACTIVE"  // likewise; what tells the two apart is UNVERIFIED
	UserSuspended UserStatus = "SUSPENDED" // has neither licence nor role
)

// Admin roles (D, C).
const (
	RoleSuperUser      = "SUPER_USER"
	RoleAddUsers       = "ADD_USERS"
	RoleManageUsers    = "MANAGE_USERS"
	RoleManageSeats    = "MANAGE_SEATS"
	RoleManageSettings = "MANAGE_SETTINGS"
	RoleManageGroups   = "MANAGE_GROUPS"
	RoleRunReports     = "RUN_REPORTS"
	RoleManageAccount  = "MANAGE_ACCOUNT" // meaning UNVERIFIED
)

// User is a user of an account. The service omits what is empty (L).
type User struct {
	Key           Key      `json:"key"`
	Email         string   `json:"email"`
	FirstName     string   `json:"firstName"`
	LastName      string   `json:"lastName"`
	Locale        string   `json:"locale"`   // such as en_US
	TimeZone      string   `json:"timeZone"` // IANA name
	LicenseKeys   []Key    `json:"licenseKeys"`
	Products      []string `json:"products"` // follow from the licences (L)
	GroupKey      Key      `json:"groupKey"`
	GroupName     string   `json:"groupName"`
	GroupKeyPath  []Key    `json:"groupKeyPath"` // from the root to the group
	GroupNamePath []string `json:"groupNamePath"`
	AdminRoles    []string `json:"adminRoles"`
	// ManagedGroupKeys can be written (D); whether reads carry it is UNVERIFIED, so
	// nil does not mean none.
	ManagedGroupKeys []Key `json:"managedGroupKeys"`
	// RoleSets are ids of custom roles on newer accounts (C).
	RoleSets IDs `json:"roleSets"`
	// Settings is an object by product code (L), as it came.
	Settings        json.RawMessage `json:"settings"`
	PasswordCreated bool            `json:"passwordCreated"`
	// InvitedDate is in milliseconds since 1970 (L); 0 for the account's founder.
	InvitedDate int64 `json:"invitedDate"`
	// NameLocked and EmailLocked: name or e-mail may not be changed (L; exact
	// meaning UNVERIFIED).
	NameLocked  bool `json:"nameLocked"`
	EmailLocked bool `json:"emailLocked"`
	// IdentityReadOnly: this is not the user's primary account, so that name,
	// e-mail and locale cannot be changed from here (D, L).
	IdentityReadOnly bool       `json:"identityReadOnly"`
	CanAuthenticate  bool       `json:"canAuthenticate"`
	Status           UserStatus `json:"status"`
	InviteCount      int        `json:"inviteCount"`
	Admin            bool       `json:"admin"` // C
	// Attributes are values of custom fields; that reads show them is UNVERIFIED.
	Attributes AttributeValues `json:"attributes"`
}

// InvitedAt returns InvitedDate as a time; the zero Time if there is none.
func (u *User) InvitedAt() time.Time {
	if u.InvitedDate == 0 {
		return time.Time{}
	}
	return time.UnixMilli(u.InvitedDate)
}

func (u *User) key() Key { return u.Key }

// UserPatch names what Update is to change. A nil field stays as it is (C), an
// empty one is cleared (C for roles, UNVERIFIED for the others).
type UserPatch struct {
	Email, FirstName, LastName *string
	Locale, TimeZone           *string
	AdminRoles                 *[]string
	ManagedGroupKeys           *[]Key
	// LicenseKeys is the complete new list (C; not proven).
	LicenseKeys *[]Key
	// GroupKey moves the user (C, weak: the service may want more than this; see
	// GroupsService.Move). The empty Key is refused by the contract: a user leaves
	// a group by GroupsService.Leave.
	GroupKey *Key
	// Attributes are values of custom fields. They are a request of their own, see
	// Update.
	Attributes *AttributeValues
}

// MarshalJSON encodes the fields that are set; an empty list as [] and never as
// null, which a service may take for "unchanged". There is never a "key": the
// service refuses it here (C).
func (p UserPatch) MarshalJSON() ([]byte, error) {
	out := make(map[string]any)
	set(out, "email", p.Email)
	set(out, "firstName", p.FirstName)
	set(out, "lastName", p.LastName)
	set(out, "locale", p.Locale)
	set(out, "timeZone", p.TimeZone)
	setList(out, "adminRoles", p.AdminRoles)
	setList(out, "managedGroupKeys", p.ManagedGroupKeys)
	setList(out, "licenseKeys", p.LicenseKeys)
	set(out, "groupKey", p.GroupKey)
	set(out, "attributes", p.Attributes)
	return json.Marshal(out)
}

func set[T any](out map[string]any, name string, v *T) {
	if v != nil {
		out[name] = *v
	}
}

func setList[T any](out map[string]any, name string, v *[]T) {
	if v != nil {
		out[name] = append([]T{}, *v...)
	}
}

// UsersService reads and writes the users of one account.
type UsersService struct {
	client  *Client
	account Key
}

// Users returns the service for the users of an account.
func (c *Client) Users(account Key) *UsersService { return &UsersService{c, account} }

// Pages returns the pages of the list. It can be ranged more than once; each
// time the list is read anew. After an error there is nothing more. Each user is
// given to reduce (nil for nothing) before the next one is decoded: of the large settings
// that it takes away, a page never holds more than one user's.
func (s *UsersService) Pages(ctx context.Context, opts ListOptions, reduce func(*User)) iter.Seq2[*Page[User], error] {
	p := s.pager(opts)
	p.each = reduce
	return p.pages(ctx)
}

// List returns the users one by one, in the manner of Pages.
func (s *UsersService) List(ctx context.Context, opts ListOptions) iter.Seq2[User, error] {
	return s.pager(opts).items(ctx)
}

func (s *UsersService) pager(opts ListOptions) pager[User] {
	return pager[User]{client: s.client, operation: OpListUsers, account: s.account, opts: opts, key: (*User).key}
}

// WithEmail returns the first two of the users whom the filter of an e-mail address
// chooses, the one of [RoleSetsService.Assign] and Clear. Whether the service heeds it is
// UNVERIFIED: it may be everybody. An address that a filter cannot hold is an error, and
// nothing is sent.
func (s *UsersService) WithEmail(ctx context.Context, email string) (*Page[User], error) {
	filter, err := byEmail(OpListUsers, email)
	if err != nil {
		return nil, err
	}
	p := s.pager(ListOptions{PageSize: 2})
	p.filter = filter
	return p.page(ctx, 0, nil)
}

// Get returns one user. A user that was created a moment ago may not be visible
// yet (C).
func (s *UsersService) Get(ctx context.Context, key Key) (*User, error) {
	var user User
	if err := s.client.get(ctx, request{operation: OpGetUser, account: s.account, keys: []Key{key}}, &user); err != nil {
		return nil, err
	}
	if user.Key != key {
		return nil, newDecodeError(OpGetUser, errOtherKey)
	}
	return &user, nil
}

// Update applies one patch to all of the users or, on an error that is not
// IsAmbiguous, to none (allOrNothing=true: D). Without keys, or with an empty
// patch, nothing is sent.
//
// Attributes are set by a request of their own, and must be all that the patch has:
// path and verb are UNVERIFIED, so it is an *[UnverifiedError] unless Config.Unverified
// or an override, which may be the change of a user, allows it.
func (s *UsersService) Update(ctx context.Context, keys []Key, patch UserPatch) error {
	if len(keys) == 0 || patch == (UserPatch{}) {
		return nil
	}
	if patch.Attributes != nil {
		body := map[string]any{"attributes": patch.Attributes}
		return s.client.change(ctx, request{operation: OpSetUserAttributes, account: s.account, keys: keys, body: body})
	}
	return s.client.change(ctx, request{operation: OpUpdateUsers, account: s.account, keys: keys, body: patch})
}

// change sends a write about users, all or nothing where it is the change of users (D):
// others may be moved onto that, and say all the same nothing but their own.
func (c *Client) change(ctx context.Context, r request) error {
	if c.routes[r.operation].shape() == c.routes[OpUpdateUsers].shape() {
		r.query = encodeQuery(url.Values{"allOrNothing": {"true"}})
	}
	_, err := c.do(ctx, r)
	return err
}

// Delete removes users from the account. Their meetings go with them; adding
// the e-mail address again brings the same user back (D). Without keys nothing
// is sent. That users are already gone is an error of IsNotFound, unless an
// earlier attempt of this very call may have removed them.
func (s *UsersService) Delete(ctx context.Context, keys []Key) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := s.client.do(ctx, request{operation: OpDeleteUsers, account: s.account, keys: keys})
	if err != nil && allAbsent(err, keys) && IsAmbiguous(err) {
		return nil
	}
	return err
}

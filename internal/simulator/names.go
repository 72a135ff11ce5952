package simulator

import (
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/limit"
	"github.com/goto-operator/goto-operator/internal/simulator/oauth"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
)

// The names of the rooms, as tests write them; what each means is said in full where it is declared.

type (
	// State is everything the simulator remembers.
	State = state.State
	// Account is one GoTo account.
	Account = state.Account
	// User is one user of an account.
	User = state.User
	// Group is a user group.
	Group = state.Group
	// Definition is a custom attribute, a template or a custom role.
	Definition = state.Definition
	// Definitions are those of one kind.
	Definitions = state.Definitions
	// Defined are the definitions of an account.
	Defined = state.Defined
	// License is a purchased product with a number of seats.
	License = state.License
	// Mail is an e-mail that the service would have sent.
	Mail = state.Mail
	// OAuth is what the token endpoint knows.
	OAuth = state.OAuth
	// OAuthClient is a registered application.
	OAuthClient = state.OAuthClient
	// RefreshToken is a refresh token.
	RefreshToken = state.RefreshToken
	// PersonalAccessToken is a token that can be swapped for access tokens.
	PersonalAccessToken = state.PersonalAccessToken
	// Password is a user who may use the password grant.
	Password = state.Password
	// AccessToken is a bearer token of the API.
	AccessToken = state.AccessToken
	// Meeting is a meeting that somebody has planned.
	Meeting = state.Meeting
	// Session is one time that a meeting was held.
	Session = state.Session
	// Attendee is one stay of one person in a session.
	Attendee = state.Attendee
	// Recording is the recording of a session.
	Recording = state.Recording

	// Switches are the points on which the real service's behaviour is not known.
	Switches = switches.Switches
	// Request is one entry of the request log.
	Request = journal.Request

	// Fault makes some requests go wrong.
	Fault = fault.Fault
	// FaultKind is a way in which a request can go wrong.
	FaultKind = fault.Kind
	// FaultStatus is an injected fault and what became of it.
	FaultStatus = fault.Status
)

// DefaultState returns a fresh copy of the state that a simulator starts with.
func DefaultState() State { return state.DefaultState() }

// DefaultSwitches returns every switch in its default position.
func DefaultSwitches() Switches { return switches.Default() }

// SwitchPositions returns the positions of every switch by name, the default first.
func SwitchPositions() map[string][]string { return switches.Positions() }

// SwitchNames returns the name of every switch.
func SwitchNames() []string { return switches.Names() }

// Limits and lifetimes.
const (
	DefaultRate = limit.DefaultRate
	NoRateLimit = limit.NoRateLimit

	AccessTokenLife      = oauth.AccessTokenLife
	RefreshTokenLife     = oauth.RefreshTokenLife
	RefreshTokenRotation = oauth.RefreshTokenRotation
)

// Kinds of faults.
const (
	FaultLatency     = fault.Latency
	FaultThrottle    = fault.Throttle
	FaultErrorBefore = fault.ErrorBefore
	FaultErrorAfter  = fault.ErrorAfter
	FaultCutBefore   = fault.CutBefore
	FaultCutAfter    = fault.CutAfter
	FaultCutBody     = fault.CutBody
	FaultTruncate    = fault.Truncate
	FaultHTML        = fault.HTML
	FaultEmptyList   = fault.EmptyList
	FaultShortList   = fault.ShortList
	FaultPartialList = fault.PartialList
	FaultExpireToken = fault.ExpireToken
	FaultHang        = fault.Hang
	FaultBlock       = fault.Block
)

// What is in the default state.
const (
	DefaultAccountKey                 = state.DefaultAccountKey
	DefaultAccountName                = state.DefaultAccountName
	DefaultAdminKey                   = state.DefaultAdminKey
	DefaultAdminEmail                 = state.DefaultAdminEmail
	DefaultMeetingLicenseKey          = state.DefaultMeetingLicenseKey
	DefaultWebinarLicenseKey          = state.DefaultWebinarLicenseKey
	DefaultClientID                   = state.DefaultClientID
	DefaultClientSecret               = state.DefaultClientSecret
	DefaultRefreshToken               = state.DefaultRefreshToken
	DefaultPersonalAccessToken        = state.DefaultPersonalAccessToken
	DefaultUsername                   = state.DefaultUsername
	DefaultPassword                   = state.DefaultPassword
	NoAdminScopePersonalAccessToken   = state.NoAdminScopePersonalAccessToken
	NoMeetingScopePersonalAccessToken = state.NoMeetingScopePersonalAccessToken
	HostToken                         = state.HostToken
	OtherAccountKey                   = state.OtherAccountKey
	OtherAccountName                  = state.OtherAccountName
	OtherAdminKey                     = state.OtherAdminKey
	OtherAdminEmail                   = state.OtherAdminEmail
	OtherAccountPersonalAccessToken   = state.OtherAccountPersonalAccessToken
	ScopeAdmin                        = state.ScopeAdmin
	ScopeCollab                       = state.ScopeCollab
	ScopeProfile                      = state.ScopeProfile
)

// Values of the state.
const (
	StatusInvited      = state.StatusInvited
	StatusActive       = state.StatusActive
	StatusInactive     = state.StatusInactive
	StatusSuspended    = state.StatusSuspended
	MeetingImmediate   = state.MeetingImmediate
	MeetingRecurring   = state.MeetingRecurring
	MeetingScheduled   = state.MeetingScheduled
	RoleSuperUser      = state.RoleSuperUser
	RoleAddUsers       = state.RoleAddUsers
	RoleManageUsers    = state.RoleManageUsers
	RoleManageSeats    = state.RoleManageSeats
	RoleManageSettings = state.RoleManageSettings
	RoleManageGroups   = state.RoleManageGroups
	RoleRunReports     = state.RoleRunReports
	RoleManageAccount  = state.RoleManageAccount
)

// Names of the operations.
const (
	OpToken                           = call.OpToken
	OpRevokeToken                     = call.OpRevokeToken
	OpAuthorize                       = call.OpAuthorize
	OpGetMe                           = call.OpGetMe
	OpListAccounts                    = call.OpListAccounts
	OpGetAccount                      = call.OpGetAccount
	OpUpdateAccount                   = call.OpUpdateAccount
	OpGetProducts                     = call.OpGetProducts
	OpUploadLogo                      = call.OpUploadLogo
	OpGetLicense                      = call.OpGetLicense
	OpListUsers                       = call.OpListUsers
	OpCreateUsers                     = call.OpCreateUsers
	OpGetUser                         = call.OpGetUser
	OpUpdateUsers                     = call.OpUpdateUsers
	OpDeleteUsers                     = call.OpDeleteUsers
	OpLeaveGroups                     = call.OpLeaveGroups
	OpListGroups                      = call.OpListGroups
	OpCreateGroup                     = call.OpCreateGroup
	OpGetGroup                        = call.OpGetGroup
	OpUpdateGroup                     = call.OpUpdateGroup
	OpDeleteGroup                     = call.OpDeleteGroup
	OpListSubgroups                   = call.OpListSubgroups
	OpListGroupUsers                  = call.OpListGroupUsers
	OpMoveUsers                       = call.OpMoveUsers
	OpListLicenses                    = call.OpListLicenses
	OpAddSeat                         = call.OpAddSeat
	OpRemoveSeat                      = call.OpRemoveSeat
	OpListAttributes                  = call.OpListAttributes
	OpCreateAttribute                 = call.OpCreateAttribute
	OpGetAttribute                    = call.OpGetAttribute
	OpUpdateAttribute                 = call.OpUpdateAttribute
	OpDeleteAttribute                 = call.OpDeleteAttribute
	OpSetUserAttributes               = call.OpSetUserAttributes
	OpListTemplates                   = call.OpListTemplates
	OpCreateTemplate                  = call.OpCreateTemplate
	OpGetTemplate                     = call.OpGetTemplate
	OpUpdateTemplate                  = call.OpUpdateTemplate
	OpDeleteTemplate                  = call.OpDeleteTemplate
	OpListRoleSets                    = call.OpListRoleSets
	OpAssignRoleSet                   = call.OpAssignRoleSet
	OpClearRoleSets                   = call.OpClearRoleSets
	OpSetUserRoleSets                 = call.OpSetUserRoleSets
	OpUpdateUserSettings              = call.OpUpdateUserSettings
	OpUpdateGroupSettings             = call.OpUpdateGroupSettings
	OpUpdateLicenseSettings           = call.OpUpdateLicenseSettings
	OpGetNewUserSettings              = call.OpGetNewUserSettings
	OpUpdateNewUserSettings           = call.OpUpdateNewUserSettings
	OpGetAccountSettings              = call.OpGetAccountSettings
	OpUpdateAccountSettings           = call.OpUpdateAccountSettings
	OpListTollCountries               = call.OpListTollCountries
	OpListTollFreeCountries           = call.OpListTollFreeCountries
	OpCreateMeeting                   = call.OpCreateMeeting
	OpGetMeeting                      = call.OpGetMeeting
	OpUpdateMeeting                   = call.OpUpdateMeeting
	OpDeleteMeeting                   = call.OpDeleteMeeting
	OpGetStartURL                     = call.OpGetStartURL
	OpListMeetingAttendees            = call.OpListMeetingAttendees
	OpListUpcomingMeetings            = call.OpListUpcomingMeetings
	OpListHistoricalMeetings          = call.OpListHistoricalMeetings
	OpListMeetings                    = call.OpListMeetings
	OpCreateOrganizer                 = call.OpCreateOrganizer
	OpListOrganizers                  = call.OpListOrganizers
	OpDeleteOrganizerByEmail          = call.OpDeleteOrganizerByEmail
	OpGetOrganizer                    = call.OpGetOrganizer
	OpUpdateOrganizer                 = call.OpUpdateOrganizer
	OpDeleteOrganizer                 = call.OpDeleteOrganizer
	OpListOrganizerAttendees          = call.OpListOrganizerAttendees
	OpListOrganizerHistoricalMeetings = call.OpListOrganizerHistoricalMeetings
	OpListOrganizerUpcomingMeetings   = call.OpListOrganizerUpcomingMeetings
	OpListOrganizerMeetings           = call.OpListOrganizerMeetings
	OpDeleteSession                   = call.OpDeleteSession
	OpDeleteSessionAttendees          = call.OpDeleteSessionAttendees
	OpDeleteSessionRecordings         = call.OpDeleteSessionRecordings
	OpListMeetingGroups               = call.OpListMeetingGroups
	OpListGroupOrganizers             = call.OpListGroupOrganizers
	OpCreateGroupOrganizer            = call.OpCreateGroupOrganizer
	OpListGroupAttendees              = call.OpListGroupAttendees
	OpListGroupHistoricalMeetings     = call.OpListGroupHistoricalMeetings
	OpListGroupUpcomingMeetings       = call.OpListGroupUpcomingMeetings
	OpListGroupMeetings               = call.OpListGroupMeetings
	OpUnknown                         = call.OpUnknown
)

package state

// What [DefaultState] holds. The keys are above 2^53, as real ones are (L), so that a reader who parses them as floating point
// numbers is found out.
const (
	DefaultAccountKey  = "7200000000000000001"
	DefaultAccountName = "Example Corp"

	DefaultAdminKey   = "7100000000000000001"
	DefaultAdminEmail = "ops@example.test"

	// DefaultMeetingLicenseKey has 10,000 seats of GoToMeeting.
	DefaultMeetingLicenseKey = "7300000000000000001"
	// DefaultWebinarLicenseKey has 10 seats of GoToWebinar, which brings GoToMeeting with it.
	DefaultWebinarLicenseKey = "7300000000000000002"

	DefaultClientID     = "sim-client"
	DefaultClientSecret = "sim-secret"

	DefaultRefreshToken        = "sim-refresh-token"
	DefaultPersonalAccessToken = "sim-personal-access-token"
	DefaultUsername            = DefaultAdminEmail
	DefaultPassword            = "sim-password"

	// NoAdminScopePersonalAccessToken belongs to the same admin, but was granted without the Admin API's scope.
	NoAdminScopePersonalAccessToken = "sim-pat-no-admin-scope"
	// NoMeetingScopePersonalAccessToken belongs to the same admin, but was granted without the GoToMeeting API's scope.
	NoMeetingScopePersonalAccessToken = "sim-pat-no-meeting-scope"

	// HostToken is the secret in every URL by which a meeting can be started.
	HostToken = "sim-host-token"

	// OtherAccountKey is an account that the default admin does not belong to.
	OtherAccountKey  = "7200000000000000002"
	OtherAccountName = "Other Corp"
	OtherAdminKey    = "7100000000000000002"
	OtherAdminEmail  = "owner@other.test"
	// OtherAccountPersonalAccessToken belongs to the admin of the other account, who is not in the default account.
	OtherAccountPersonalAccessToken = "sim-pat-other-account"
)

// Scopes of the OAuth server; the colon is part of the name (D, L).
const (
	ScopeAdmin   = "identity:"
	ScopeCollab  = "collab:"
	ScopeProfile = "identity:scim.me"

	fullScope    = ScopeAdmin + " " + ScopeCollab + " " + ScopeProfile
	noAdminScope = ScopeCollab + " " + ScopeProfile

	noMeetingScope = ScopeAdmin + " " + ScopeProfile
)

// DefaultState returns a fresh copy of the state that a simulator starts with: one account with one admin, two licences and a custom role, one
// OAuth client with a credential for every grant, and a second account that the first one's admin must not reach.
func DefaultState() State {
	return State{
		Accounts: []Account{
			{
				Key:     DefaultAccountKey,
				Name:    DefaultAccountName,
				Users:   []User{founder(DefaultAdminKey, DefaultAdminEmail, "Olive", "Ops")},
				Defined: Defined{RoleSets: Definitions{{Key: "help-desk-1", Name: "Help desk"}}},
				Licenses: []License{
					{Key: DefaultMeetingLicenseKey, Description: "GoToMeeting Business", Seats: 10_000, Products: []string{"G2M"}},
					{Key: DefaultWebinarLicenseKey, Description: "GoToWebinar", Seats: 10, Products: []string{"G2W", "G2M"}},
				},
			},
			{
				Key:   OtherAccountKey,
				Name:  OtherAccountName,
				Users: []User{founder(OtherAdminKey, OtherAdminEmail, "Otis", "Owner")},
			},
		},
		OAuth: OAuth{
			Clients: []OAuthClient{{ID: DefaultClientID, Secret: DefaultClientSecret}},
			RefreshTokens: []RefreshToken{
				{Token: DefaultRefreshToken, ClientID: DefaultClientID, UserKey: DefaultAdminKey, Scope: fullScope},
			},
			PATs: []PersonalAccessToken{
				{Token: DefaultPersonalAccessToken, UserKey: DefaultAdminKey, Scope: fullScope},
				{Token: NoAdminScopePersonalAccessToken, UserKey: DefaultAdminKey, Scope: noAdminScope},
				{Token: NoMeetingScopePersonalAccessToken, UserKey: DefaultAdminKey, Scope: noMeetingScope},
				{Token: OtherAccountPersonalAccessToken, UserKey: OtherAdminKey, Scope: fullScope},
			},
			Passwords: []Password{
				{Username: DefaultUsername, Password: DefaultPassword, UserKey: DefaultAdminKey, Scope: fullScope},
			},
		},
	}
}

// founder returns the user who opened an account: an administrator who holds no seat, with one invitation and no date of it, as captured
// (L).
func founder(key, email, first, last string) User {
	return User{
		Key: key, Email: email, FirstName: first, LastName: last, Locale: DefaultLocale, TimeZone: DefaultTimeZone,
		AdminRoles: []string{RoleSuperUser}, PasswordCreated: true, InviteCount: 1,
	}
}

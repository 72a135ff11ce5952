// Package switches holds the points on which the real service's behaviour is not known, and what each position makes of a text or a
// status. It imports no other room of the simulator.
package switches

import "time"

// Switches are the points on which the real service's behaviour is not known (U), is contradicted between sources, or was only
// seen through somebody else's client. Each has a default, which is a choice and not a fact. The zero value of a field means its
// default. Positions and defaults are listed in table.go and table_meeting.go; [Positions] enumerates them.
type Switches struct {
	// ClientAuthentication says how the token endpoint lets a client show who it is: basicOrPost (the server's metadata lists
	// client_secret_basic and client_secret_post, L), basic (what the guide shows, D).
	ClientAuthentication string
	// InvalidGrantStatus is the status of "invalid_grant": 400 (RFC 6749) or 401. U.
	InvalidGrantStatus string
	// UnsupportedGrantStatus is the status of "unsupported_grant_type": 400 (RFC 6749) or 401. U.
	UnsupportedGrantStatus string
	// PATRefreshToken says whether swapping a personal access token also gives a refresh token: no, yes. U.
	PATRefreshToken string
	// ExpiresInType is the JSON type of expires_in: number (D) or string, as a retired server sent it (L, old).
	ExpiresInType string
	// Revocation says whether /oauth/revoke works: unavailable, available. The server's metadata lists the path (L), a client's
	// documentation denies it (C).
	Revocation string
	// ExpiredTokenAnswer is how the Admin API answers an expired or unknown token: 401, or 403InvalidToken as the gateway of the
	// sister APIs does (L there, U here).
	ExpiredTokenAnswer string
	// MissingRoleStatus is the status when the caller lacks the role for an operation: 403, 401. U.
	MissingRoleStatus string
	// ForeignAccountStatus is the status for an account that the caller does not belong to: 403, 404. U.
	ForeignAccountStatus string
	// IllegalAccountBody is the form in which a 502 says "Illegal Account": text, errors (as refusals of the Admin API), intErrCode (as
	// those of the gateway). The status and the words are known (D, as transcribed elsewhere), where they stand is U.
	IllegalAccountBody string
	// MeNesting says where /me shows adminRoles and products: both, the roles at the root and in each entry of accounts, the products
	// at the root (L), or everything in one place: root, account, as clients read it (C).
	MeNesting string
	// ListAccounts is the form of GET /accounts: array, envelope, notFound. One weak source for the path (C).
	ListAccounts string

	// KeyType is the JSON type of keys in answers of the Admin API: string (L), number (as the documentation shows, D).
	KeyType string
	// ToIndex says what toIndex of a page means: exclusive (L), inclusive (as one client reads it, C).
	ToIndex string
	// EmptyResults is how a list with nothing in it is shown: results is an empty array, or omitted. U.
	EmptyResults string
	// DefaultPageSize is used when the request names none. U.
	DefaultPageSize int
	// MaxPageSize is the largest page; 1000 is known to work (C), whether more does is U.
	MaxPageSize int
	// OversizePage is what a pageSize above the maximum gets: clamped to the maximum, or refused with 400. U.
	OversizePage string
	// ListOrder is the order of a users list without ascending or descending: email (as the one captured list has it, L), key.
	ListOrder string
	// FilterDialect is the filter language that is understood: both, regex (D, C), scim (C), ignored (every record is returned).
	FilterDialect string
	// VisibilityLag is how long a user who was just created, or revived, is missing from reads. Seen, but not measured (C).
	VisibilityLag time.Duration
	// ManagedGroupKeysInReads says whether users show managedGroupKeys: no, yes. U.
	ManagedGroupKeysInReads string

	// NotFound is what a request about a user, group, organizer or meeting that is not there gets: 404 with the code (D-t, C),
	// 404bare without one, 400 ("requested data not found", D-t), 403 ("wrong key", D-t).
	NotFound string
	// RolesInReads says which admin roles users show: written, or expanded: a SUPER_USER's list also holds all subordinate roles (L).
	RolesInReads string
	// UserSettings says whether users show all settings of GoToMeeting who have none of their own: sparse (an empty object), full (about
	// 2.2 KB each, as every captured user has them, L). The default is the one that costs tests least; measurements take the other.
	UserSettings string
	// InvitedDate says whether users show invitedDate: shown (L), absent, as with the founder.
	InvitedDate string
	// StoredText is what becomes of names of users and groups and of subjects: asSent, folded (white space trimmed and made one
	// space, U+00A0 too), escaped (in reads, as HTML), decomposed (in reads, NFD), truncated (to 24 characters), basicPlane (characters
	// beyond U+FFFF are replaced by "?"). U.
	StoredText string
	// IgnoredFields is a field that a PUT does not change, although the answer is 2xx: none, or the name of one. U; groupKeyInPut
	// and emailChange are about two others.
	IgnoredFields string

	// InvalidStatus is the status of a write whose body is well formed and asks for what cannot be, such as a name that is too long: 400,
	// 422 ("well formed, but semantically impossible", D-t). Which the service uses for what is U.
	InvalidStatus string
	// TextBooleans says whether a request may write booleans as texts ("false"): refused with 400, since they are declared booleans (D),
	// accepted, as some clients write them (C, weak).
	TextBooleans string
	// FlatCreate says whether a POST may create one user whose fields stand beside licenseKeys and not in users, and answers it with the
	// entry alone: refused (the guides know no such thing, D), accepted (as one client sends it, C, weak).
	FlatCreate string
	// CreateStatus is the status of a successful POST: 200 (C, D for users), 201 (L, through somebody else's façade). For groups U.
	CreateStatus string
	// CreateBody is the form of the answer to a POST of one user: array (L), object, scalar (the bare key, as sibling create
	// calls answer, L). A POST of several users is always answered with an array.
	CreateBody string
	// ConflictStatus is the status of a POST or PUT that is refused because an e-mail is taken: 409 (D), 400.
	ConflictStatus string
	// ConflictEntry is how a taken e-mail is shown in the answer to a POST with allOrNothing=false: withoutKey (D), withKey (as
	// a newer guide may be read, D).
	ConflictEntry string
	// InvalidEntry is what an invalid user does to a POST with allOrNothing=false: refuses the whole request, or is answered by
	// an entry without key. U.
	InvalidEntry string
	// LicenseRequired says whether a user can only be created with a licence or an admin role: no, yes. Sources contradict each
	// other (D).
	LicenseRequired string
	// SuppressedInvite is what suppressEmail leaves behind: uninvited (no invitedDate, no inviteCount), invited (both). U.
	SuppressedInvite string
	// SeatsExhausted is the status when a licence has no seat left: 409, 422, 400. U.
	SeatsExhausted string
	// SeatsExhaustedCode is the code that comes with it. All are invented (U); the last also stands for other things, so that
	// nothing tells what is wrong.
	SeatsExhaustedCode string
	// UnknownReferenceStatus is the status of a write whose body names an unknown licence or group: 400, 404. U.
	UnknownReferenceStatus string
	// MaxBatch is the largest number of users in one POST, PUT or DELETE; more are refused with 400. 0 means any number. U; the
	// console imports 100 at a time (D).
	MaxBatch int

	// UpdateStatus is the status of a successful PUT: 200 (C), 204.
	UpdateStatus string
	// DeleteStatus is the status of a successful DELETE: 204, 200. U.
	DeleteStatus string
	// WriteBody is the body of a successful PUT or DELETE that is answered with 200: empty (C), json (an empty object), null. U.
	WriteBody string
	// MultiKeyPut is what several comma-separated keys in a PUT do: allowed (D), refused (502, as an id that is not a number),
	// firstOnly (the rest is silently left alone).
	MultiKeyPut string
	// MultiKeyDelete is the same for DELETE. U.
	MultiKeyDelete string
	// PartialUpdate is the answer to a PUT with allOrNothing=false of which a part failed: success, error. U.
	PartialUpdate string
	// LicenseKeysInPut says what licenseKeys in a PUT do: replace the list (C), merge into it. U.
	LicenseKeysInPut string
	// GroupKeyInPut says what groupKey in a PUT does: applied (D), ignored (C, weak).
	GroupKeyInPut string
	// EmailChange says whether a PUT may change the e-mail: allowed (D), refused (as a console's help says, D).
	EmailChange string
	// NonNumericKeyStatus is the status for a user key that is not a number: 502 (L, indirect), 404.
	NonNumericKeyStatus string
	// SelfDelete says whether an admin may delete their own user: allowed, refused. U.
	SelfDelete string
	// LastSuperUserDelete says whether the last SUPER_USER of an account may be deleted: allowed, refused. U.
	LastSuperUserDelete string

	// GroupCreateBody is the JSON type of the bare key that POST groups answers with: number (L), string (as sibling calls have
	// it, L).
	GroupCreateBody string
	// GroupConflictStatus is the status when the name of a group is taken: 409, 400. The code is known (C), its status is U.
	GroupConflictStatus string
	// GroupNameScope says within what the name of a group is unique: account (the natural reading of the help, D), parent. U.
	GroupNameScope string
	// GroupDepth is how deep groups nest: two levels (D), any (as the help of the consoles reads, D). U.
	GroupDepth string
	// GroupParent says what parentKey in a POST of a group does: parentKey names the parent, ignored, refused with 400. U.
	GroupParent string
	// GroupWriteStatus is the status of a successful PUT of a group, of its users, or of a licence's user: 204, 200. U.
	GroupWriteStatus string
	// MembersOnDelete is what deleting a group does to the users in it: released (they are in no group), refused (with 409). U.
	MembersOnDelete string
	// SubgroupsOnDelete is what deleting a group does to the groups under it: refused (with 409), deleted, promoted (they take
	// its place). U.
	SubgroupsOnDelete string
	// MultiKeyMove is what several comma-separated keys do in a PUT of users into a group: allowed, refused, firstOnly. U.
	MultiKeyMove string
	// GroupLists says whether the sub-groups and the users of a group can be listed: unavailable, available (by the assumed paths),
	// elsewhere (by others). U.
	GroupLists string
	// LicenseDetails says whether one licence can be read: unavailable, available (by the assumed path), elsewhere (by another). U.
	LicenseDetails string
	// AccountProducts says whether the products of an account can be read by the assumed path, and in which form: unavailable, array,
	// envelope, or by another path: elsewhere (an array). U.
	AccountProducts string
	// LogoUpload says how the logo of GoToMeeting is sent: multipart (a form with a file), raw (the picture is the body), elsewhere (such a
	// form, to another path), unavailable.
	// That it can be sent is documented (D), path, verb and form are U.
	LogoUpload string
	// LogoVerb is the method that sends it: put, post. U.
	LogoVerb string
	// NothingToTake is the answer to taking a seat that the user does not hold, or the groups of a user who is in none: done,
	// 404. U.
	NothingToTake string
	// SeatAssignment says whether seats can be given by a PUT to the path of which the DELETE takes them: unavailable,
	// available. U.
	SeatAssignment string
	// SeatEmail says whether taking a seat by that DELETE sends an e-mail: unlessSuppressed (by suppressEmail), always (the
	// parameter is ignored), never. U.
	SeatEmail string

	// DefinitionItems says whether one attribute or template can be read, changed and deleted: available (by the assumed paths), elsewhere
	// (by others), unavailable. U.
	DefinitionItems string
	// DefinitionVerb is the method that changes an attribute or a template: put, patch, post. U.
	DefinitionVerb string
	// DefinitionWrite says what such a change does to members that it does not name: replace (they are empty then), merge. U.
	DefinitionWrite string
	// DefinitionCreateBody is the JSON type of the bare key that the creates of attributes and templates answer with: string (L), number.
	DefinitionCreateBody string
	// DefinitionConflict says what becomes of a second attribute of one name, or template of one title: 409, 400, allowed. U.
	DefinitionConflict string
	// AttributeValues says where values of attributes are set: ownPath, a path below the user; userPut, the change of a user;
	// unavailable. U.
	AttributeValues string
	// AttributeForm is the form of such values: byName (an object), byKey (an array of key and value), named (of name and value). U.
	AttributeForm string
	// AttributeWrite says what setting some values does to the others: merge, replace. U.
	AttributeWrite string
	// AttributesInReads says whether users show values: yes, no. U.
	AttributesInReads string
	// RoleSetWrites says how custom roles are given: filter, as a client does it (C); userPut, by the change of a user; ownPath. U.
	RoleSetWrites string
	// RoleSetAssign says whether a custom role is given beside those that the user has: adds, replaces. U.
	RoleSetAssign string

	// ThrottleBody is the body of a 429: empty, json, text. U.
	ThrottleBody string
	// RetryAfter is the Retry-After header of a 429: none, seconds, date. None is documented (D); another GoTo API sends seconds
	// (L).
	RetryAfter string
	// RateScope is what the rate limit is counted by: client, token, user ("for one user account", D-t, old). U.
	RateScope string
	// RateAPIs says whether Admin API and GoToMeeting API have a limit each, as "per API" may be read (D), or one together:
	// separate, shared. U.
	RateAPIs string

	// ReportPaths says where reports are: reports (the assumed paths), reporting (others), unavailable. U.
	ReportPaths string
	// ReportDates is the form of fromDate and toDate, whose names are known (D): times (RFC 3339), days. U.
	ReportDates string
	// ReportSheet is how a report begins: plain, with its columns, titled, with its title above them. U.
	ReportSheet string
	// EmptyReport is how a report without rows comes: sheet, with its columns, noContent, as a 204. U.
	EmptyReport string
	// TollFreeHTML says whether the report on toll-free calls, which is made as HTML too (D), comes so to whom accepts it: byAccept,
	// never. U.
	TollFreeHTML string

	// MeetingErrorBody is the form of a refusal of the GoToMeeting API, which declares no bodies (D): intErrCode, as the gateway
	// answers (L), errorCode, as clients of a sister API read (C), empty. U.
	MeetingErrorBody string
	// MeetingScopeAnswer is what the GoToMeeting API says to a token without the scope: 403, or 403InvalidToken. U.
	MeetingScopeAnswer string
	// UnlicensedOrganizer says whether somebody without a product may create meetings: allowed, 403. U.
	UnlicensedOrganizer string
	// SubjectInReads says how < and > are shown, which must be sent escaped (D): escaped, unescaped. U.
	SubjectInReads string
	// ConferenceCallInfo is how the audio is shown: verbatim, or expanded into the text of an invitation (L, old).
	ConferenceCallInfo string
	// PastStart says whether a meeting may begin in the past: accepted, refused, as a sister API does (L there). U.
	PastStart string
	// UpcomingAfterEnd says which meetings vanish from upcomingMeetings after their end: scheduled (recurring ones stay), all,
	// none. U.
	UpcomingAfterEnd string
	// RecurringInUpcoming says whether upcomingMeetings has recurring meetings: shown, hidden. U.
	RecurringInUpcoming string
	// ImmediateInUpcoming says whether it has immediate ones: hidden, shown. U.
	ImmediateInUpcoming string
	// EndedMeetingRead is the answer to reading a scheduled meeting after its end: found, 404. U.
	EndedMeetingRead string
	// ForeignMeeting is the status of GET, PUT and DELETE of somebody else's meeting: 404, 403. U.
	ForeignMeeting string
	// StartRefusal is the status when there is no URL to start a meeting, since there is no such meeting, or it is somebody
	// else's: 404, 403. No error is declared (D). U.
	StartRefusal string
	// TimeZoneKeyOmitted says whether timezonekey may be left out, which is called required (D): accepted (C), refused.
	TimeZoneKeyOmitted string
	// UnknownCoorganizer says what becomes of co-organizers whom the account does not have: refused, accepted. U.
	UnknownCoorganizer string
	// CoorganizersInReads says whether meetings show coorganizerKeys: yes (D, as optional), no. U.
	CoorganizersInReads string
	// PTSN says what becomes of the misspelling PTSN, which one document has for PSTN (D): accepted, as any text is, or refused. U.
	PTSN string
	// JoinURLHost is the host of the address for attendees. U.
	JoinURLHost string
	// UniqueMeetingID repeats the id of the meeting: same (D), or as a longer number: long (L, old).
	UniqueMeetingID string
	// MeetingTimes is the form of times: rfc3339 (D), legacy (L, old).
	MeetingTimes string
	// MeetingFlags is the JSON type of passwordRequired: boolean (D), text (L, old).
	MeetingFlags string
	// MeetingVisibilityLag is how long a new meeting is missing from upcomingMeetings. U; users were seen to lag (C).
	MeetingVisibilityLag time.Duration
	// HistoryWindow is the longest range of a history, in days; a longer one is refused with 400. 0 means any length. 60 was
	// documented once (D, old), a client asks for 120 (C). U.
	HistoryWindow int
	// EmptyHistory is the status of a history with nothing in it, where 404 is declared: 200, 404. U.
	EmptyHistory string
	// ErasedSession is how the history shows the sessionId of a session that was deleted: empty, omitted. U.
	ErasedSession string
	// InvitedOrganizer says when a new organizer has a key: keyed, at once (D), or legacyNoKey, when the invitation is accepted,
	// and the answer to the POST is empty (D, old).
	InvitedOrganizer string
	// SuspendedOrganizerPost is what a POST does to an organizer who exists and has no product: reactivated, 409. U.
	SuspendedOrganizerPost string
	// OrganizerWithoutGroup is how the group of an organizer in none is shown: zero (and an empty name, since both members are declared
	// as always there, D), omitted. U.
	OrganizerWithoutGroup string
	// UnknownOrganizerEmail is the status of the organizers of an e-mail that nobody has: 404 (declared, D), 200 with none. U.
	UnknownOrganizerEmail string
	// UnknownEmailDelete is the status of deleting such an organizer: 400 (the only one declared, D), 404, 204. U.
	UnknownEmailDelete string
	// UnknownMeetingGroup is the status for a group that does not exist: 400 (declared, D), 404. U.
	UnknownMeetingGroup string
	// LargeGroup is the status of reports on a group of more than 50 organizers, which are not made (D): 400, 403, 500 (declared
	// once). U.
	LargeGroup string
	// RangeEnds says whether a history has what begins at the very ends of its range: included, excluded. U.
	RangeEnds string
	// MeetingGroupLists says whether the lists of a group have the meetings of those in groups below it: members (they have not),
	// subtree. U.
	MeetingGroupLists string
	// MeetingsOfDeletedUser says what becomes of the meetings that a deleted user had planned: deleted (D), or restored with the
	// user (D, elsewhere).
	MeetingsOfDeletedUser string

	// SettingsPath says where settings of a product are: settings (…/settings/G2M), or products (…/products/G2M/settings). U.
	SettingsPath string
	// SettingsVerb is the method that writes settings: put, patch, post. U.
	SettingsVerb string
	// SettingsBody is the form of settings in requests and answers: flat, wrapped as a member named by the product, of which another form is
	// ignored (wrapped), or refused (wrappedOnly). U.
	SettingsBody string
	// SettingsWrite says what a write does to settings that it does not name: merges (they stay), or replaces (they begin anew). U.
	SettingsWrite string
	// MultiKeySettings is what several comma-separated users do in a write of settings: allowed, refused, firstOnly. U.
	MultiKeySettings string
	// SettingsStatus is the status of a successful write of settings: 204, 200. U.
	SettingsStatus string
	// SettingsNotEntitled is what becomes of a write that asks for what the licences do not grant, or countries that are not allowed:
	// refused with 403, or ignored (the rest is written). U.
	SettingsNotEntitled string
	// AccountSettings says whom a write of the account's settings is for, which an administrator chooses in the console (D): newUsers,
	// allUsers. U.
	AccountSettings string
	// CountryLists is the form of the lists of toll and toll-free countries: array, envelope. U.
	CountryLists string
}

package v1alpha1

// Condition types. Ready is always there once an object was seen; Reconciling and Stalled only while they are true, as
// kstatus expects; the others where they carry news.
const (
	// ConditionReady is true when GoTo holds what the spec says.
	ConditionReady = "Ready"
	// ConditionReconciling is true while the operator is still working, or waiting for something that will pass.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is true when only a person's change can help; nothing is retried until then.
	ConditionStalled = "Stalled"

	// ConditionReferencesResolved is false while something that the spec names is absent, not allowed or not ready.
	ConditionReferencesResolved = "ReferencesResolved"
	// ConditionDrifted is true when GoTo differs from the spec and the operator does not, or cannot, correct it.
	ConditionDrifted = "Drifted"
	// ConditionContested is true while somebody else keeps changing in GoTo what the operator corrects: another cluster,
	// another tool, or the vendor's own synchronisation of users. Corrections become slower and slower. On a GoToAccount it
	// is true while objects of it are contested.
	ConditionContested = "Contested"
	// ConditionDeletionBlocked is true when deletions wait for the brake of the account.
	ConditionDeletionBlocked = "DeletionBlocked"

	// ConditionCredentialsValid says whether GoTo accepts the credentials of an account.
	ConditionCredentialsValid = "CredentialsValid"
	// ConditionSnapshotCurrent says whether the last reading of an account was complete and in time.
	ConditionSnapshotCurrent = "SnapshotCurrent"
)

// Reasons that every kind uses.
const (
	// ReasonSynced: GoTo holds what the spec says.
	ReasonSynced = "Synced"
	// ReasonObserved: the object was read and, with managementPolicy Observe, nothing was written.
	ReasonObserved = "Observed"
	// ReasonDrifted: there are differences that are not corrected; status.drift lists them.
	ReasonDrifted = "Drifted"
	// ReasonNotFound: with managementPolicy Observe, there is nothing in GoTo to observe.
	ReasonNotFound = "NotFound"
	// ReasonSuspended: spec.suspend is true.
	ReasonSuspended = "Suspended"
	// ReasonDeleting: the object is being deleted.
	ReasonDeleting = "Deleting"
	// ReasonRetrying: GoTo or the way there failed in a manner that may pass; the request will be sent again.
	ReasonRetrying = "Retrying"
	// ReasonThrottled: GoTo answered 429, and the operator slowed down; or it asked to be left alone until the time in the message.
	ReasonThrottled = "Throttled"
	// ReasonRefused: GoTo refuses the request; the spec has to change.
	ReasonRefused = "RefusedByGoTo"
	// ReasonForbidden: GoTo does not permit the request to these credentials.
	ReasonForbidden = "ForbiddenByGoTo"
	// ReasonConflict: an older object claims the same thing in GoTo.
	ReasonConflict = "Conflict"
	// ReasonAccountNotFound: there is no GoToAccount of that name.
	ReasonAccountNotFound = "AccountNotFound"
	// ReasonAccountNotAllowed: the GoToAccount does not allow this namespace.
	ReasonAccountNotAllowed = "AccountNotAllowed"
	// ReasonWholeAccountDenied: the GoToAccount does not let objects of this namespace be about the account as a whole.
	ReasonWholeAccountDenied = "WholeAccountDenied"
	// ReasonAccountNotReady: the GoToAccount exists and is not Ready.
	ReasonAccountNotReady = "AccountNotReady"
	// ReasonAccountSuspended: the GoToAccount's spec.suspend is true.
	ReasonAccountSuspended = "AccountSuspended"
	// ReasonResolved: everything that the spec names is there and may be used.
	ReasonResolved = "Resolved"
	// ReasonDeletionBrake: more deletions than the brake allows; see the GoToAccount.
	ReasonDeletionBrake = "DeletionBrake"
	// ReasonWithinLimit: no deletion waits for the brake.
	ReasonWithinLimit = "WithinLimit"
	// ReasonDeletionApproved: a person has released the brake for a time.
	ReasonDeletionApproved = "DeletionApproved"
	// ReasonReadOnly: GoTo does not allow a field to be changed, for example outside the user's primary account.
	ReasonReadOnly = "ReadOnlyInGoTo"
	// ReasonNotKept: GoTo keeps something else than what was written, twice; status.drift lists what was asked and what GoTo
	// keeps. Nothing more is written until the spec or GoTo's value changes.
	ReasonNotKept = "NotKept"
	// ReasonContested: somebody else changes back what the operator corrects.
	ReasonContested = "Contested"
	// ReasonUncontested: nobody changes back what the operator corrects.
	ReasonUncontested = "Uncontested"
	// ReasonAdoptionNotAllowed: what the object asks for exists in GoTo, and the account's spec.adoption does not allow to
	// take it.
	ReasonAdoptionNotAllowed = "AdoptionNotAllowed"
	// ReasonOwnUser: the change would lock the operator out: it is about the user whose credentials it uses.
	ReasonOwnUser = "OwnUser"
	// ReasonRoleNotAllowed: the account's spec.allowedAdminRoles does not allow objects of this namespace to give the role.
	ReasonRoleNotAllowed = "RoleNotAllowed"
	// ReasonDeletedInGoTo: somebody deleted the counterpart in GoTo, and recreatePolicy is Report.
	ReasonDeletedInGoTo = "DeletedInGoTo"
	// ReasonAccountNotWatched: the GoToAccount is in a namespace that the operator does not watch.
	ReasonAccountNotWatched = "AccountNotWatched"
	// ReasonNameRequired: a user is created with first and last name, and the spec lacks one.
	ReasonNameRequired = "NameRequired"
	// ReasonEndpointUnverified: GoTo was not asked, since nobody has verified the operation's method and path, or it was and knows no
	// such path. The account's spec.endpoints says what to do about it.
	ReasonEndpointUnverified = "EndpointUnverified"
	// ReasonInternalError: the operator itself or the Kubernetes API failed; it is retried.
	ReasonInternalError = "InternalError"
)

// Reasons of a GoToAccount.
const (
	// ReasonConnected: the credentials work and the account has been read.
	ReasonConnected = "Connected"
	// ReasonAuthenticated: GoTo accepts the credentials.
	ReasonAuthenticated = "Authenticated"
	// ReasonSecretNotFound: the Secret does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretKeyMissing: the Secret lacks a key that the grant needs.
	ReasonSecretKeyMissing = "SecretKeyMissing"
	// ReasonInvalidClient: GoTo does not know the OAuth client, or its secret is wrong.
	ReasonInvalidClient = "InvalidClient"
	// ReasonInvalidGrant: GoTo does not accept the refresh token, personal access token or password.
	ReasonInvalidGrant = "InvalidGrant"
	// ReasonAdminScopeMissing: the token is good but may not use the Administration API.
	ReasonAdminScopeMissing = "AdminScopeMissing"
	// ReasonAccountKeyMismatch: the credentials' user does not administer the account with the given key.
	ReasonAccountKeyMismatch = "AccountKeyMismatch"
	// ReasonAccountKeyRequired: the credentials' user administers several accounts and the spec names none.
	ReasonAccountKeyRequired = "AccountKeyRequired"
	// ReasonEndpointNotAllowed: an endpoint is on a host that the operator's flag --allowed-hosts does not list.
	ReasonEndpointNotAllowed = "EndpointNotAllowed"
	// ReasonOverrideInvalid: spec.endpoints.operations moves an operation where it cannot be.
	ReasonOverrideInvalid = "OverrideInvalid"
	// ReasonTokenNotSaved: GoTo issued a new refresh token and it could not be written to the Secret.
	ReasonTokenNotSaved = "TokenNotSaved"
	// ReasonConnecting: the credentials are tried, and the account is read for the first time.
	ReasonConnecting = "Connecting"
	// ReasonIllegalAccount: GoTo says that the account is not in order; only the vendor's support can help.
	ReasonIllegalAccount = "IllegalAccount"
	// ReasonUnreachable: GoTo does not answer. Objects that need a request wait until it does.
	ReasonUnreachable = "Unreachable"
	// ReasonSnapshotFailed: the account could not be read in whole; nothing is created or deleted until it can.
	ReasonSnapshotFailed = "SnapshotFailed"
	// ReasonSnapshotCurrent: the last reading was complete.
	ReasonSnapshotCurrent = "Current"
)

// Reasons of events.
const (
	// EventCreated: the counterpart in GoTo was created.
	EventCreated = "Created"
	// EventAdopted: an existing counterpart was adopted.
	EventAdopted = "Adopted"
	// EventUpdated: differences were corrected.
	EventUpdated = "Updated"
	// EventDeleted: the counterpart was deleted.
	EventDeleted = "Deleted"
	// EventOrphaned: the counterpart was left behind on purpose.
	EventOrphaned = "Orphaned"
	// EventDeletionBlocked: the brake holds deletions back.
	EventDeletionBlocked = "DeletionBlocked"
	// EventApprovalInvalid: the annotation that approves deletions cannot be used.
	EventApprovalInvalid = "ApprovalInvalid"
	// EventTokenRotated: a new refresh token was saved.
	EventTokenRotated = "RefreshTokenRotated"
)

// Conditions and reasons of groups, licences and seats.
const (
	// ConditionSeatAssigned is false while a user waits for a seat of a licence that a binding gives; true once all that
	// bindings give is there.
	ConditionSeatAssigned = "SeatAssigned"

	// ReasonGroupNotFound: there is no GoToGroup of that name and account, it gets no group in GoTo as it is (suspended or stalled), or GoTo
	// shows no group of the key that the spec names.
	ReasonGroupNotFound = "GroupNotFound"
	// ReasonGroupNotReady: the GoToGroup has no group in GoTo yet, or none any more.
	ReasonGroupNotReady = "GroupNotReady"
	// ReasonGroupTooDeep: the parent has a parent itself, and GoTo knows two levels.
	ReasonGroupTooDeep = "GroupTooDeep"
	// ReasonInUse: other objects still name this one; it is deleted when they no longer do.
	ReasonInUse = "InUse"
	// ReasonLicenseNotFound: the account has no such licence.
	ReasonLicenseNotFound = "LicenseNotFound"
	// ReasonLicenseAmbiguous: several licences fit; the message lists their keys.
	ReasonLicenseAmbiguous = "LicenseAmbiguous"
	// ReasonWaitingForSeat: no seat of the licence is free; the message has the place in the queue.
	ReasonWaitingForSeat = "WaitingForSeat"
	// ReasonSeatsExhausted: no seat is free, and a binding says onExhausted: Fail.
	ReasonSeatsExhausted = "SeatsExhausted"
	// ReasonAssigned: the user has every licence that bindings give.
	ReasonAssigned = "Assigned"
	// ReasonAssigning: users that the binding selects are being worked on.
	ReasonAssigning = "Assigning"
	// ReasonUsersNotReady: users that the binding selects cannot get the licence; the binding counts them as failed.
	ReasonUsersNotReady = "UsersNotReady"
)

// What accounts with provisioning Organizers, and their users, have to say.
const (
	// ConditionSpecSupported is false while a spec asks for what the account's provisioning cannot do.
	ConditionSpecSupported = "SpecSupported"
	// ConditionCallerKnown says whether GoTo told whose credentials an account with provisioning Organizers uses.
	ConditionCallerKnown = "CallerKnown"

	// ReasonInvitationPending: the organizer is invited and gets a key when the invitation is accepted.
	ReasonInvitationPending = "InvitationPending"
	// ReasonUnsupported: the spec asks for what the account's provisioning cannot do.
	ReasonUnsupported = "Unsupported"
	// ReasonNameTooLong: an organizer cannot be invited with so long a name.
	ReasonNameTooLong = "NameTooLong"
	// ReasonProductsRequired: an organizer cannot be invited, or made active, without a product.
	ReasonProductsRequired = "ProductsRequired"
	// ReasonSuspendedNotInvited: nobody is invited only to be suspended.
	ReasonSuspendedNotInvited = "SuspendedNotInvited"

	// ReasonIdentified: the Administration API told whose credentials these are.
	ReasonIdentified = "Identified"
	// ReasonAdminNotServed: the Administration API does not serve the credentials; spec.accountKey is taken at its word.
	ReasonAdminNotServed = "AdministrationAPINotServed"
	// ReasonOrganizerScopeMissing: the token is good but may not use the organizers of the GoToMeeting API.
	ReasonOrganizerScopeMissing = "OrganizerScopeMissing"
	// ReasonNotEntitled: the account, a free one, may not use the GoToMeeting API.
	ReasonNotEntitled = "NotEntitled"
)

// Conditions of a GoToMeeting.
const (
	// ConditionUpcoming is true until the meeting begins; a Recurring meeting is always to come while it does not run.
	ConditionUpcoming = "Upcoming"
	// ConditionRunning is true while GoTo says that the meeting runs, as of the last reading.
	ConditionRunning = "Running"
	// ConditionEnded is true once the meeting is over.
	ConditionEnded = "Ended"
	// ConditionJoinURLKnown is false where the answer with the join URL was lost.
	ConditionJoinURLKnown = "JoinURLKnown"
	// ConditionAttendanceRecorded says whether the attendance that the spec asks for was read, once the meeting is over.
	ConditionAttendanceRecorded = "AttendanceRecorded"
	// ConditionAttendanceTruncated is true when not all attendees fitted into the Secret.
	ConditionAttendanceTruncated = "AttendanceTruncated"
)

// Reasons of a GoToMeeting.
const (
	// ReasonPlanned: the meeting is to come.
	ReasonPlanned = "Planned"
	// ReasonStarted: the start has passed.
	ReasonStarted = "Started"
	// ReasonActive: GoTo says that the meeting runs.
	ReasonActive = "Active"
	// ReasonInactive: GoTo says that it does not.
	ReasonInactive = "Inactive"
	// ReasonOver: the end has passed.
	ReasonOver = "Over"
	// ReasonCreateUnconfirmed: the answer to a create was lost, and it is not certain whether there is a meeting.
	ReasonCreateUnconfirmed = "CreateUnconfirmed"
	// ReasonAnswerLost: the join URL was in an answer that did not arrive.
	ReasonAnswerLost = "AnswerLost"
	// ReasonToldByCreate: the join URL is that of the answer that created the meeting.
	ReasonToldByCreate = "ToldByCreate"
	// ReasonMeetingNotFound: the credentials' user has no meeting with the id of spec.meetingId.
	ReasonMeetingNotFound = "MeetingNotFound"
	// ReasonMeetingAmbiguous: several meetings are like the one that the spec asks for, and no object stands for them.
	ReasonMeetingAmbiguous = "MeetingAmbiguous"
	// ReasonMeetingOver: the meeting is over, or would be when it was created; nothing is changed any more.
	ReasonMeetingOver = "MeetingOver"
	// ReasonMeetingRunning: the change waits until the meeting does not run.
	ReasonMeetingRunning = "MeetingRunning"
	// ReasonMeetingScopeMissing: the credentials may not use the GoToMeeting API.
	ReasonMeetingScopeMissing = "MeetingScopeMissing"
	// ReasonMeetingsNotEntitled: the GoTo account may not use the GoToMeeting API.
	ReasonMeetingsNotEntitled = "MeetingsNotEntitled"
	// ReasonOrganizerChanged: the meeting belongs to another user than the credentials.
	ReasonOrganizerChanged = "OrganizerChanged"
	// ReasonCoorganizerNotFound: there is no GoToUser of that name, or it is of another account.
	ReasonCoorganizerNotFound = "CoorganizerNotFound"
	// ReasonCoorganizerNotReady: the GoToUser has no user in GoTo yet.
	ReasonCoorganizerNotReady = "CoorganizerNotReady"
	// ReasonSecretNotOwned: the Secret exists and does not belong to this object.
	ReasonSecretNotOwned = "SecretNotOwned"
	// ReasonAttendancePending: GoTo's history does not have the meeting yet.
	ReasonAttendancePending = "Pending"
	// ReasonRecorded: the attendance was read.
	ReasonRecorded = "Recorded"
	// ReasonNothingHeld: a day after its end GoTo's history still does not have the meeting.
	ReasonNothingHeld = "NothingHeld"
	// ReasonTooLarge: the list of attendees is larger than a Secret may be.
	ReasonTooLarge = "TooLarge"
)

// Reasons of a GoToAccount whose credentials are replaced while it works.
const (
	// ReasonTokenPutBack: the Secret holds a refresh token that GoTo no longer accepts; the account works on with the live one.
	ReasonTokenPutBack = "TokenPutBack"
)

// Settings of an account itself, and what settings have in common.
const (
	// ConditionSettingsApplied says of a GoToAccount whether GoTo holds what its spec.settings says, which has no part in Ready: the account
	// works whatever becomes of them; of a GoToUser whether it has the settings that profiles give it; and of a GoToSettingsProfile whether
	// all the users that it selects have them.
	ConditionSettingsApplied = "SettingsApplied"

	// ReasonLogoNotFound: the ConfigMap or Secret of the logo does not exist, or lacks the key.
	ReasonLogoNotFound = "LogoNotFound"
	// ReasonLogoInvalid: what is there cannot be a logo: it is no GIF or JPG, not whole, or too large.
	ReasonLogoInvalid = "LogoInvalid"
)

// Conditions and reasons of custom attributes, e-mail templates and custom roles.
const (
	// ConditionAttributesDefined is false while a user's spec names attributes that the account does not define.
	ConditionAttributesDefined = "AttributesDefined"

	// ReasonAttributeNotDefined: the account defines no attribute of that name; the other fields are managed all the same.
	ReasonAttributeNotDefined = "AttributeNotDefined"
	// ReasonDefined: the account defines every attribute that the spec names.
	ReasonDefined = "Defined"
	// ReasonTemplateNotFound: there is no GoToEmailTemplate of that name, or it is of another account; no user is created.
	ReasonTemplateNotFound = "TemplateNotFound"
	// ReasonRoleSetNotFound: the account has no custom role of that name or id.
	ReasonRoleSetNotFound = "RoleSetNotFound"
	// ReasonRoleSetNotAllowed: the account's spec.allowedRoleSets does not allow objects of this namespace to give or take the
	// custom role.
	ReasonRoleSetNotAllowed = "RoleSetNotAllowed"
)

// Conditions and reasons of settings.
const (
	// ConditionAccountWriteAnnounced is true from when a write to the settings of the account is announced until it is made.
	ConditionAccountWriteAnnounced = "AccountWriteAnnounced"

	// ReasonApplied: they are there.
	ReasonApplied = "Applied"
	// ReasonApplying: they are being written.
	ReasonApplying = "Applying"
	// ReasonSettingNotEntitled: the licence or the account of a user does not grant a setting.
	ReasonSettingNotEntitled = "SettingNotEntitled"
	// ReasonCountryNotAllowed: a list of countries has one that GoTo does not allow.
	ReasonCountryNotAllowed = "CountryNotAllowed"
	// ReasonInvalidSetting: spec.additional says what is no setting.
	ReasonInvalidSetting = "InvalidSetting"
	// ReasonAnnounced: what is written to the account may overwrite the settings of its users, and is announced first.
	ReasonAnnounced = "Announced"
)

// Conditions and reasons of a GoToReport.
const (
	// ConditionOldReportsLeft is true while reports beyond spec.keep are still there, since they could not be deleted.
	ConditionOldReportsLeft = "OldReportsLeft"
	// ReasonNotDeleted: the message says why; it is tried again with the next report.
	ReasonNotDeleted = "NotDeleted"
	// ReasonMaking: the report is being made.
	ReasonMaking = "Making"
	// ReasonMade: the report that was due last is made and stored.
	ReasonMade = "Made"
	// ReasonScheduled: no report was due yet.
	ReasonScheduled = "Scheduled"
	// ReasonScheduleInvalid: schedule, time zone or range cannot be read.
	ReasonScheduleInvalid = "ScheduleInvalid"
	// ReasonUserNotFound: there is no GoToUser of that name, or it is of another account.
	ReasonUserNotFound = "UserNotFound"
	// ReasonUserNotReady: the GoToUser has no user in GoTo yet.
	ReasonUserNotReady = "UserNotReady"
	// ReasonDirectoryNotOffered: the operator has no directory for reports; see its flag --report-directory.
	ReasonDirectoryNotOffered = "DirectoryNotOffered"
	// ReasonStoreFailed: the report could not be stored where it is to go; it is tried again.
	ReasonStoreFailed = "StoreFailed"
	// ReasonTimeLimit: making the report took longer than spec.limits.minutes; it is tried again.
	ReasonTimeLimit = "TimeLimit"
	// ReasonLimitExceeded: the report has more rows or bytes than spec.limits allows.
	ReasonLimitExceeded = "LimitExceeded"
)

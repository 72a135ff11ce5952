package wire

// Error codes that the service is known to use (C, L).
const (
	CodeUserNotFound      = "user.not.found"
	CodeUserConflict      = "user.name.conflict"
	CodeGroupNotFound     = "group.not.found"
	CodeGroupNameRequired = "group.name.required"
	CodeGroupConflict     = "group.name.conflict"
	CodeNotAuthenticated  = "not.authenticated"
)

// Error codes invented here in the style of the known ones, because the service's own are not known (U). Nothing may depend on
// them.
const (
	CodeInvalidRequest    = "request.invalid"
	CodeInvalidFilter     = "filter.invalid"
	CodeTooMany           = "request.too.many"
	CodeNotAuthorized     = "not.authorized"
	CodeAccountNotFound   = "account.not.found"
	CodeEmailInvalid      = "user.email.invalid"
	CodeNameInvalid       = "user.name.invalid"
	CodeRoleInvalid       = "user.role.invalid"
	CodeRoleNotAllowed    = "user.role.not.allowed"
	CodeUserReadOnly      = "user.identity.read.only"
	CodeKeyInBody         = "user.key.not.allowed"
	CodeLicenseNotFound   = "license.not.found"
	CodeLicenseRequired   = "license.required"
	CodeSeatsExceeded     = "license.seats.exceeded"
	CodeDeleteNotAllowed  = "user.delete.not.allowed"
	CodeGroupDepth        = "group.depth.exceeded"
	CodeGroupNotEmpty     = "group.not.empty"
	CodeGroupKeyInBody    = "group.key.not.allowed"
	CodeNoGroup           = "user.group.not.found"
	CodeAttributeNotFound = "attribute.not.found"
	CodeAttributeConflict = "attribute.name.conflict"
	CodeTemplateNotFound  = "template.not.found"
	CodeTemplateConflict  = "template.title.conflict"
	CodeRoleSetNotFound   = "roleset.not.found"
	CodeNoSeat            = "license.user.not.found"
	CodeLogoInvalid       = "account.logo.invalid"
)

// Codes invented for the GoToMeeting API, of which none but InvalidToken was ever captured. Nothing may depend on them.
const (
	CodeMeetingInvalid    = "InvalidRequest"
	CodeMeetingForbidden  = "AccessDenied"
	CodeMeetingNotFound   = "NoSuchMeeting"
	CodeOrganizerNotFound = "NoSuchOrganizer"
	CodeOrganizerExists   = "OrganizerExists"
	CodeSessionNotFound   = "NoSuchSession"
	CodeNothingHeld       = "NoSuchHistory"
	CodeNoSuchGroup       = "NoSuchGroup"
	CodeGroupTooLarge     = "GroupTooLarge"
	CodeRangeTooLong      = "RangeTooLong"
	CodeNotEntitled       = "AccountNotEntitled"
)

package gotoclient

// Error codes of the service. The catalogue is incomplete: codes other than
// these exist and are passed on as they come.
const (
	// CodeUserNotFound says that no user of the account has the key (C).
	CodeUserNotFound = "user.not.found"
	// CodeUserConflict says that a user with the e-mail address exists (C, D).
	CodeUserConflict = "user.name.conflict"
	// CodeGroupNotFound says that no group of the account has the key (C).
	CodeGroupNotFound = "group.not.found"
	// CodeGroupNameRequired says that a group was sent without a name (C).
	CodeGroupNameRequired = "group.name.required"
	// CodeGroupConflict says that a group of that name exists (C).
	CodeGroupConflict = "group.name.conflict"
	// CodeAttributeNotFound is the natural code for an unknown attribute. UNVERIFIED.
	CodeAttributeNotFound = "attribute.not.found"
	// CodeTemplateNotFound is the natural code for an unknown template. UNVERIFIED.
	CodeTemplateNotFound = "template.not.found"
	// CodeNotAuthenticated comes with 401, at least when the token lacks the
	// Admin scope (L); whether an expired token is answered alike is UNVERIFIED.
	CodeNotAuthenticated = "not.authenticated"
	// CodeInvalidToken comes with 403 from the gateway when the token is unknown
	// or expired (L, seen on a sister API behind the same gateway).
	CodeInvalidToken = "InvalidToken"
	// CodeNotFound comes with 404 from the edge when no service answers to the
	// path at all (L). It says nothing about a user or group.
	CodeNotFound = "NOT_FOUND"
	// CodeAccountNotFound is the natural code for an unknown account. UNVERIFIED.
	CodeAccountNotFound = "account.not.found"
)

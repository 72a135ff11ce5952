package gotoclient

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Grade says what the method and path of an operation rest on. Parts of the
// operation may have another standing: see docs/goto-api.
type Grade string

const (
	// GradeDocumented is of what GoTo's documentation states.
	GradeDocumented Grade = "D"
	// GradeObserved is of what the real service was seen to answer.
	GradeObserved Grade = "L"
	// GradeInferred is of what somebody else's client does.
	GradeInferred Grade = "C"
	// GradeUnverified is of a guess. See [Config.Unverified].
	GradeUnverified Grade = "U"
)

// API names one of the APIs of the service.
type API string

const (
	// APIAdministration is the Admin API, below /admin/rest (D).
	APIAdministration API = "Administration"
	// APIGoToMeeting is the GoToMeeting API, below /G2M/rest (D).
	APIGoToMeeting API = "GoToMeeting"
	// APIOAuth is the server that gives access tokens, on a host of its own (D).
	APIOAuth API = "OAuth"
)

// roots says below which path each API is, whatever its version.
var roots = map[API]string{APIAdministration: "/admin/rest/", APIGoToMeeting: "/G2M/rest/", APIOAuth: "/oauth/"}

// Where the operations of the APIs are.
const (
	admin = "/admin/rest/v1" // D, L
	g2m   = "/G2M/rest"      // D
	oauth = "/oauth"         // D
)

// anyCode stands for the code of what does not exist where no such code is
// known.
const anyCode = "*"

// endpoint is one row of the endpoint table.
type endpoint struct {
	method string
	path   string // with the placeholders of docs/goto-api, which a route replaces
	grade  Grade
	absent string // the error code that says the thing addressed does not exist, or anyCode; empty if it addresses nothing of its own, or more than one thing
}

// write reports whether a request to the endpoint may change something. No
// override makes a read of a write, or the reverse.
func (e endpoint) write() bool { return e.method != http.MethodGet }

// idempotent reports whether sending the same request twice leaves the service
// as sending it once does. There are no idempotency keys (L), so a POST is not;
// a PATCH need not be (RFC 5789).
func (e endpoint) idempotent() bool {
	return e.method != http.MethodPost && e.method != http.MethodPatch
}

// api tells whose endpoint it is.
func (e endpoint) api() API {
	for api, root := range roots {
		if strings.HasPrefix(e.path, root) {
			return api
		}
	}
	return ""
}

// Operation describes an operation as the endpoint table has it.
type Operation struct {
	ID     string // the operationId of docs/goto-api
	API    API
	Method string
	Path   string // from the host on, with placeholders such as {userKey}
	Grade  Grade
}

// Write reports whether the operation may change something. docs/goto-api/endpoints.md
// is written by it, and no part of the operator asks for it.
func (o Operation) Write() bool { return endpoints[o.ID].write() }

// Operations returns all operations of the client, by API, path and method. No
// Config changes them. docs/goto-api/endpoints.md is made from them (hack/endpoints),
// and tests go through them.
func Operations() []Operation {
	var all []Operation
	for id, e := range endpoints {
		all = append(all, Operation{ID: id, API: e.api(), Method: e.method, Path: e.path, Grade: e.grade})
	}
	slices.SortFunc(all, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.API, b.API), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return all
}

// shares names the operation whose request another one may be moved onto: values that
// belong to a user may well be part of the change of a user.
var shares = map[string]string{OpSetUserAttributes: OpUpdateUsers, OpSetUserRoleSets: OpUpdateUsers}

// endpoints is the endpoint table: all that the client knows of the service's
// paths. A comment tells what has another grade than the row.
var endpoints = addReports(map[string]endpoint{
	OpToken: {http.MethodPost, oauth + "/token", GradeDocumented, ""},

	OpGetMe:         {http.MethodGet, admin + "/me", GradeObserved, ""},
	OpListAccounts:  {http.MethodGet, admin + "/accounts", GradeInferred, ""}, // weak
	OpGetAccount:    {http.MethodGet, admin + "/accounts/{accountKey}", GradeInferred, CodeAccountNotFound},
	OpUpdateAccount: {http.MethodPut, admin + "/accounts/{accountKey}", GradeInferred, CodeAccountNotFound},
	OpListUsers:     {http.MethodGet, admin + "/accounts/{accountKey}/users", GradeObserved, ""},
	OpCreateUsers:   {http.MethodPost, admin + "/accounts/{accountKey}/users", GradeObserved, ""},
	OpGetUser:       {http.MethodGet, admin + "/accounts/{accountKey}/users/{userKey}", GradeObserved, CodeUserNotFound},
	OpUpdateUsers:   {http.MethodPut, admin + "/accounts/{accountKey}/users/{userKey}", GradeObserved, CodeUserNotFound},      // several keys: D
	OpDeleteUsers:   {http.MethodDelete, admin + "/accounts/{accountKey}/users/{userKey}", GradeDocumented, CodeUserNotFound}, // several keys: UNVERIFIED
	OpListGroups:    {http.MethodGet, admin + "/accounts/{accountKey}/groups", GradeObserved, ""},
	OpGetGroup:      {http.MethodGet, admin + "/accounts/{accountKey}/groups/{groupKey}", GradeObserved, CodeGroupNotFound},
	OpListLicenses:  {http.MethodGet, admin + "/accounts/{accountKey}/licenses", GradeDocumented, ""},

	OpGetProducts: {http.MethodGet, admin + "/accounts/{accountKey}/products", GradeUnverified, ""},
	OpUploadLogo:  {http.MethodPut, admin + "/accounts/{accountKey}/logo", GradeUnverified, ""},

	OpLeaveGroups:    {http.MethodDelete, admin + "/accounts/{accountKey}/users/{userKey}/groups", GradeInferred, CodeUserNotFound},
	OpCreateGroup:    {http.MethodPost, admin + "/accounts/{accountKey}/groups", GradeObserved, ""},
	OpUpdateGroup:    {http.MethodPut, admin + "/accounts/{accountKey}/groups/{groupKey}", GradeInferred, CodeGroupNotFound},
	OpDeleteGroup:    {http.MethodDelete, admin + "/accounts/{accountKey}/groups/{groupKey}", GradeInferred, CodeGroupNotFound},
	OpListSubgroups:  {http.MethodGet, admin + "/accounts/{accountKey}/groups/{groupKey}/groups", GradeUnverified, ""},
	OpListGroupUsers: {http.MethodGet, admin + "/accounts/{accountKey}/groups/{groupKey}/users", GradeUnverified, ""},
	OpMoveUsers:      {http.MethodPut, admin + "/accounts/{accountKey}/groups/{groupKey}/users/{userKey}", GradeInferred, ""}, // several keys: UNVERIFIED
	OpGetLicense:     {http.MethodGet, admin + "/accounts/{accountKey}/licenses/{licenseKey}", GradeUnverified, ""},
	OpAddSeat:        {http.MethodPut, admin + "/accounts/{accountKey}/licenses/{licenseKey}/users/{userKey}", GradeUnverified, ""},
	OpRemoveSeat:     {http.MethodDelete, admin + "/accounts/{accountKey}/licenses/{licenseKey}/users/{userKey}", GradeInferred, ""},

	// Of attributes and templates the lists and creates are attested; the codes for what does not exist are UNVERIFIED.
	OpListAttributes:    {http.MethodGet, admin + "/accounts/{accountKey}/attributes", GradeInferred, ""},
	OpCreateAttribute:   {http.MethodPost, admin + "/accounts/{accountKey}/attributes", GradeObserved, ""},
	OpGetAttribute:      {http.MethodGet, admin + "/accounts/{accountKey}/attributes/{attributeKey}", GradeUnverified, CodeAttributeNotFound},
	OpUpdateAttribute:   {http.MethodPut, admin + "/accounts/{accountKey}/attributes/{attributeKey}", GradeUnverified, CodeAttributeNotFound}, // C, weak
	OpDeleteAttribute:   {http.MethodDelete, admin + "/accounts/{accountKey}/attributes/{attributeKey}", GradeUnverified, CodeAttributeNotFound},
	OpSetUserAttributes: {http.MethodPut, admin + "/accounts/{accountKey}/users/{userKey}/attributes", GradeUnverified, CodeUserNotFound},
	OpListTemplates:     {http.MethodGet, admin + "/accounts/{accountKey}/templates", GradeInferred, ""},
	OpCreateTemplate:    {http.MethodPost, admin + "/accounts/{accountKey}/templates", GradeInferred, ""},
	OpGetTemplate:       {http.MethodGet, admin + "/accounts/{accountKey}/templates/{templateKey}", GradeUnverified, CodeTemplateNotFound},
	OpUpdateTemplate:    {http.MethodPut, admin + "/accounts/{accountKey}/templates/{templateKey}", GradeUnverified, CodeTemplateNotFound}, // C, weak
	OpDeleteTemplate:    {http.MethodDelete, admin + "/accounts/{accountKey}/templates/{templateKey}", GradeUnverified, CodeTemplateNotFound},
	OpListRoleSets:      {http.MethodGet, admin + "/accounts/{accountKey}/rolesets", GradeInferred, ""},
	OpAssignRoleSet:     {http.MethodPut, admin + "/accounts/{accountKey}/rolesets/{roleSetId}/users", GradeUnverified, ""}, // method and path: C; that it reaches only whom its filter chooses: UNVERIFIED
	OpClearRoleSets:     {http.MethodDelete, admin + "/accounts/{accountKey}/users/rolesets", GradeUnverified, ""},          // likewise
	OpSetUserRoleSets:   {http.MethodPut, admin + "/accounts/{accountKey}/users/{userKey}/rolesets", GradeUnverified, CodeUserNotFound},

	// Settings (D), each path and verb a guess. Those of users are read with the users.
	OpUpdateUserSettings:    {http.MethodPut, admin + "/accounts/{accountKey}/users/{userKey}/settings/{product}", GradeUnverified, CodeUserNotFound}, // several keys: UNVERIFIED
	OpUpdateGroupSettings:   {http.MethodPut, admin + "/accounts/{accountKey}/groups/{groupKey}/settings/{product}", GradeUnverified, CodeGroupNotFound},
	OpUpdateLicenseSettings: {http.MethodPut, admin + "/accounts/{accountKey}/licenses/{licenseKey}/settings/{product}", GradeUnverified, ""},
	OpGetNewUserSettings:    {http.MethodGet, admin + "/accounts/{accountKey}/newUserSettings/{product}", GradeUnverified, ""},
	OpUpdateNewUserSettings: {http.MethodPut, admin + "/accounts/{accountKey}/newUserSettings/{product}", GradeUnverified, ""},
	OpGetAccountSettings:    {http.MethodGet, admin + "/accounts/{accountKey}/settings/{product}", GradeUnverified, ""},
	OpUpdateAccountSettings: {http.MethodPut, admin + "/accounts/{accountKey}/settings/{product}", GradeUnverified, ""},
	OpListTollCountries:     {http.MethodGet, admin + "/accounts/{accountKey}/tollCountries/{product}", GradeUnverified, ""},
	OpListTollFreeCountries: {http.MethodGet, admin + "/accounts/{accountKey}/tollFreeCountries/{product}", GradeUnverified, ""},

	// Of the GoToMeeting API's error codes none for things that do not exist was
	// captured.
	OpCreateMeeting:          {http.MethodPost, g2m + "/meetings", GradeDocumented, ""},
	OpGetMeeting:             {http.MethodGet, g2m + "/meetings/{meetingId}", GradeDocumented, anyCode},
	OpUpdateMeeting:          {http.MethodPut, g2m + "/meetings/{meetingId}", GradeDocumented, anyCode},
	OpDeleteMeeting:          {http.MethodDelete, g2m + "/meetings/{meetingId}", GradeDocumented, anyCode},
	OpGetStartURL:            {http.MethodGet, g2m + "/meetings/{meetingId}/start", GradeDocumented, anyCode},
	OpListMeetingAttendees:   {http.MethodGet, g2m + "/meetings/{meetingId}/attendees", GradeDocumented, anyCode},
	OpListUpcomingMeetings:   {http.MethodGet, g2m + "/upcomingMeetings", GradeDocumented, ""},
	OpListHistoricalMeetings: {http.MethodGet, g2m + "/historicalMeetings", GradeDocumented, anyCode},
	OpListMeetings:           {http.MethodGet, g2m + "/meetings", GradeDocumented, ""},

	OpCreateOrganizer:                 {http.MethodPost, g2m + "/organizers", GradeDocumented, ""},
	OpListOrganizers:                  {http.MethodGet, g2m + "/organizers", GradeDocumented, anyCode},
	OpDeleteOrganizerByEmail:          {http.MethodDelete, g2m + "/organizers", GradeDocumented, anyCode},
	OpGetOrganizer:                    {http.MethodGet, g2m + "/organizers/{organizerKey}", GradeDocumented, anyCode},
	OpUpdateOrganizer:                 {http.MethodPut, g2m + "/organizers/{organizerKey}", GradeDocumented, anyCode},
	OpDeleteOrganizer:                 {http.MethodDelete, g2m + "/organizers/{organizerKey}", GradeDocumented, anyCode},
	OpListOrganizerAttendees:          {http.MethodGet, g2m + "/organizers/{organizerKey}/attendees", GradeDocumented, anyCode},
	OpListOrganizerHistoricalMeetings: {http.MethodGet, g2m + "/organizers/{organizerKey}/historicalMeetings", GradeDocumented, anyCode},
	OpListOrganizerUpcomingMeetings:   {http.MethodGet, g2m + "/organizers/{organizerKey}/upcomingMeetings", GradeDocumented, anyCode},
	OpListOrganizerMeetings:           {http.MethodGet, g2m + "/organizers/{organizerKey}/meetings", GradeDocumented, anyCode},
	OpDeleteSession:                   {http.MethodDelete, g2m + "/organizers/{organizerKey}/sessions/{sessionId}", GradeDocumented, anyCode},
	OpDeleteSessionAttendees:          {http.MethodDelete, g2m + "/organizers/{organizerKey}/sessions/{sessionId}/attendees", GradeDocumented, anyCode},
	OpDeleteSessionRecordings:         {http.MethodDelete, g2m + "/organizers/{organizerKey}/sessions/{sessionId}/recordings", GradeDocumented, anyCode},

	OpListMeetingGroups:           {http.MethodGet, g2m + "/groups", GradeDocumented, ""},
	OpListGroupOrganizers:         {http.MethodGet, g2m + "/groups/{groupKey}/organizers", GradeDocumented, ""},
	OpCreateGroupOrganizer:        {http.MethodPost, g2m + "/groups/{groupKey}/organizers", GradeDocumented, ""},
	OpListGroupAttendees:          {http.MethodGet, g2m + "/groups/{groupKey}/attendees", GradeDocumented, ""},
	OpListGroupHistoricalMeetings: {http.MethodGet, g2m + "/groups/{groupKey}/historicalMeetings", GradeDocumented, ""},
	OpListGroupUpcomingMeetings:   {http.MethodGet, g2m + "/groups/{groupKey}/upcomingMeetings", GradeDocumented, ""},
	OpListGroupMeetings:           {http.MethodGet, g2m + "/groups/{groupKey}/meetings", GradeDocumented, ""},
})

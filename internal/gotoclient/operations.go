package gotoclient

import "net/http"

// Names of the operations, as they appear in [Call], in errors and in metrics.
const (
	OpToken          = "token"
	OpGetMe          = "getMe"
	OpListAccounts   = "listAccounts"
	OpGetAccount     = "getAccount"
	OpUpdateAccount  = "updateAccount"
	OpListUsers      = "listUsers"
	OpCreateUsers    = "createUsers"
	OpGetUser        = "getUser"
	OpUpdateUsers    = "updateUsers"
	OpDeleteUsers    = "deleteUsers"
	OpLeaveGroups    = "leaveGroups"
	OpListGroups     = "listGroups"
	OpCreateGroup    = "createGroup"
	OpGetGroup       = "getGroup"
	OpUpdateGroup    = "updateGroup"
	OpDeleteGroup    = "deleteGroup"
	OpListSubgroups  = "listSubgroups"
	OpListGroupUsers = "listGroupUsers"
	OpMoveUsers      = "moveUsers"
	OpListLicenses   = "listLicenses"
	OpAddSeat        = "addSeat"
	OpRemoveSeat     = "removeSeat"

	OpCreateMeeting          = "createMeeting"
	OpGetMeeting             = "getMeeting"
	OpUpdateMeeting          = "updateMeeting"
	OpDeleteMeeting          = "deleteMeeting"
	OpGetStartURL            = "getStartUrl"
	OpListMeetingAttendees   = "listMeetingAttendees"
	OpListUpcomingMeetings   = "listUpcomingMeetings"
	OpListHistoricalMeetings = "listHistoricalMeetings"
	OpListMeetings           = "listMeetings"

	OpCreateOrganizer                 = "createOrganizer"
	OpListOrganizers                  = "listOrganizers"
	OpDeleteOrganizerByEmail          = "deleteOrganizerByEmail"
	OpGetOrganizer                    = "getOrganizer"
	OpUpdateOrganizer                 = "updateOrganizer"
	OpDeleteOrganizer                 = "deleteOrganizer"
	OpListOrganizerAttendees          = "listOrganizerAttendees"
	OpListOrganizerHistoricalMeetings = "listOrganizerHistoricalMeetings"
	OpListOrganizerUpcomingMeetings   = "listOrganizerUpcomingMeetings"
	OpListOrganizerMeetings           = "listOrganizerMeetings"
	OpDeleteSession                   = "deleteSession"
	OpDeleteSessionAttendees          = "deleteSessionAttendees"
	OpDeleteSessionRecordings         = "deleteSessionRecordings"

	OpListMeetingGroups           = "listMeetingGroups"
	OpListGroupOrganizers         = "listGroupOrganizers"
	OpCreateGroupOrganizer        = "createGroupOrganizer"
	OpListGroupAttendees          = "listGroupAttendees"
	OpListGroupHistoricalMeetings = "listGroupHistoricalMeetings"
	OpListGroupUpcomingMeetings   = "listGroupUpcomingMeetings"
	OpListGroupMeetings           = "listGroupMeetings"
)

// Where the APIs are.
const (
	admin = "/admin/rest/v1" // D, L
	g2m   = "/G2M/rest"      // D
)

// anyCode stands for the code of what does not exist where no such code is
// known.
const anyCode = "*"

// endpoint is one row of the endpoint table.
type endpoint struct {
	method string
	path   string // {account}, {of} and {keys} are replaced
	absent string // the error code that says the thing addressed does not exist, or anyCode; empty if it addresses nothing of its own, or more than one thing
}

// write reports whether a request to the endpoint may change something.
func (e endpoint) write() bool { return e.method != http.MethodGet }

// idempotent reports whether sending the same request twice leaves the service
// as sending it once does. There are no idempotency keys (L), so a POST is not.
func (e endpoint) idempotent() bool { return e.method != http.MethodPost }

// endpoints is the endpoint table: all that the client knows of the service's
// paths. Evidence for a row stands beside it.
var endpoints = map[string]endpoint{
	OpGetMe:         {http.MethodGet, admin + "/me", ""},                                               // D, L
	OpListAccounts:  {http.MethodGet, admin + "/accounts", ""},                                         // C, weak
	OpGetAccount:    {http.MethodGet, admin + "/accounts/{account}", CodeAccountNotFound},              // C
	OpUpdateAccount: {http.MethodPut, admin + "/accounts/{account}", CodeAccountNotFound},              // C
	OpListUsers:     {http.MethodGet, admin + "/accounts/{account}/users", ""},                         // D, L
	OpCreateUsers:   {http.MethodPost, admin + "/accounts/{account}/users", ""},                        // D, L
	OpGetUser:       {http.MethodGet, admin + "/accounts/{account}/users/{keys}", CodeUserNotFound},    // L
	OpUpdateUsers:   {http.MethodPut, admin + "/accounts/{account}/users/{keys}", CodeUserNotFound},    // D, L; several keys: D
	OpDeleteUsers:   {http.MethodDelete, admin + "/accounts/{account}/users/{keys}", CodeUserNotFound}, // D, C; several keys: UNVERIFIED
	OpListGroups:    {http.MethodGet, admin + "/accounts/{account}/groups", ""},                        // L
	OpGetGroup:      {http.MethodGet, admin + "/accounts/{account}/groups/{keys}", CodeGroupNotFound},  // L
	OpListLicenses:  {http.MethodGet, admin + "/accounts/{account}/licenses", ""},                      // D, L

	OpLeaveGroups:    {http.MethodDelete, admin + "/accounts/{account}/users/{keys}/groups", CodeUserNotFound}, // C
	OpCreateGroup:    {http.MethodPost, admin + "/accounts/{account}/groups", ""},                              // L
	OpUpdateGroup:    {http.MethodPut, admin + "/accounts/{account}/groups/{keys}", CodeGroupNotFound},         // C
	OpDeleteGroup:    {http.MethodDelete, admin + "/accounts/{account}/groups/{keys}", CodeGroupNotFound},      // C
	OpListSubgroups:  {http.MethodGet, admin + "/accounts/{account}/groups/{of}/groups", ""},                   // UNVERIFIED
	OpListGroupUsers: {http.MethodGet, admin + "/accounts/{account}/groups/{of}/users", ""},                    // UNVERIFIED
	OpMoveUsers:      {http.MethodPut, admin + "/accounts/{account}/groups/{of}/users/{keys}", ""},             // C; several keys: UNVERIFIED
	OpAddSeat:        {http.MethodPut, admin + "/accounts/{account}/licenses/{of}/users/{keys}", ""},           // UNVERIFIED
	OpRemoveSeat:     {http.MethodDelete, admin + "/accounts/{account}/licenses/{of}/users/{keys}", ""},        // C

	// The GoToMeeting API: D throughout. Of its error codes none for things that do
	// not exist was captured.
	OpCreateMeeting:          {http.MethodPost, g2m + "/meetings", ""},
	OpGetMeeting:             {http.MethodGet, g2m + "/meetings/{keys}", anyCode},
	OpUpdateMeeting:          {http.MethodPut, g2m + "/meetings/{keys}", anyCode},
	OpDeleteMeeting:          {http.MethodDelete, g2m + "/meetings/{keys}", anyCode},
	OpGetStartURL:            {http.MethodGet, g2m + "/meetings/{keys}/start", anyCode},
	OpListMeetingAttendees:   {http.MethodGet, g2m + "/meetings/{keys}/attendees", anyCode},
	OpListUpcomingMeetings:   {http.MethodGet, g2m + "/upcomingMeetings", ""},
	OpListHistoricalMeetings: {http.MethodGet, g2m + "/historicalMeetings", anyCode},
	OpListMeetings:           {http.MethodGet, g2m + "/meetings", ""},

	OpCreateOrganizer:                 {http.MethodPost, g2m + "/organizers", ""},
	OpListOrganizers:                  {http.MethodGet, g2m + "/organizers", anyCode},
	OpDeleteOrganizerByEmail:          {http.MethodDelete, g2m + "/organizers", anyCode},
	OpGetOrganizer:                    {http.MethodGet, g2m + "/organizers/{keys}", anyCode},
	OpUpdateOrganizer:                 {http.MethodPut, g2m + "/organizers/{keys}", anyCode},
	OpDeleteOrganizer:                 {http.MethodDelete, g2m + "/organizers/{keys}", anyCode},
	OpListOrganizerAttendees:          {http.MethodGet, g2m + "/organizers/{keys}/attendees", anyCode},
	OpListOrganizerHistoricalMeetings: {http.MethodGet, g2m + "/organizers/{keys}/historicalMeetings", anyCode},
	OpListOrganizerUpcomingMeetings:   {http.MethodGet, g2m + "/organizers/{keys}/upcomingMeetings", anyCode},
	OpListOrganizerMeetings:           {http.MethodGet, g2m + "/organizers/{keys}/meetings", anyCode},
	OpDeleteSession:                   {http.MethodDelete, g2m + "/organizers/{of}/sessions/{keys}", anyCode},
	OpDeleteSessionAttendees:          {http.MethodDelete, g2m + "/organizers/{of}/sessions/{keys}/attendees", anyCode},
	OpDeleteSessionRecordings:         {http.MethodDelete, g2m + "/organizers/{of}/sessions/{keys}/recordings", anyCode},

	OpListMeetingGroups:           {http.MethodGet, g2m + "/groups", ""},
	OpListGroupOrganizers:         {http.MethodGet, g2m + "/groups/{of}/organizers", ""},
	OpCreateGroupOrganizer:        {http.MethodPost, g2m + "/groups/{of}/organizers", ""},
	OpListGroupAttendees:          {http.MethodGet, g2m + "/groups/{of}/attendees", ""},
	OpListGroupHistoricalMeetings: {http.MethodGet, g2m + "/groups/{of}/historicalMeetings", ""},
	OpListGroupUpcomingMeetings:   {http.MethodGet, g2m + "/groups/{of}/upcomingMeetings", ""},
	OpListGroupMeetings:           {http.MethodGet, g2m + "/groups/{of}/meetings", ""},
}

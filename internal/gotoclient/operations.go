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
)

// apiPrefix precedes every path below (D, L).
const apiPrefix = "/admin/rest/v1"

// endpoint is one row of the endpoint table.
type endpoint struct {
	method string
	path   string // below apiPrefix; {account}, {of} and {keys} are replaced
	absent string // the error code that says the thing addressed does not exist; empty if it addresses nothing of its own, or more than one thing
}

// write reports whether a request to the endpoint may change something.
func (e endpoint) write() bool { return e.method != http.MethodGet }

// idempotent reports whether sending the same request twice leaves the service
// as sending it once does. There are no idempotency keys (L), so a POST is not.
func (e endpoint) idempotent() bool { return e.method != http.MethodPost }

// endpoints is the endpoint table: all that the client knows of the service's
// paths. Evidence for a row stands beside it.
var endpoints = map[string]endpoint{
	OpGetMe:         {http.MethodGet, "/me", ""},                                               // D, L
	OpListAccounts:  {http.MethodGet, "/accounts", ""},                                         // C, weak
	OpGetAccount:    {http.MethodGet, "/accounts/{account}", CodeAccountNotFound},              // C
	OpUpdateAccount: {http.MethodPut, "/accounts/{account}", CodeAccountNotFound},              // C
	OpListUsers:     {http.MethodGet, "/accounts/{account}/users", ""},                         // D, L
	OpCreateUsers:   {http.MethodPost, "/accounts/{account}/users", ""},                        // D, L
	OpGetUser:       {http.MethodGet, "/accounts/{account}/users/{keys}", CodeUserNotFound},    // L
	OpUpdateUsers:   {http.MethodPut, "/accounts/{account}/users/{keys}", CodeUserNotFound},    // D, L; several keys: D
	OpDeleteUsers:   {http.MethodDelete, "/accounts/{account}/users/{keys}", CodeUserNotFound}, // D, C; several keys: UNVERIFIED
	OpListGroups:    {http.MethodGet, "/accounts/{account}/groups", ""},                        // L
	OpGetGroup:      {http.MethodGet, "/accounts/{account}/groups/{keys}", CodeGroupNotFound},  // L
	OpListLicenses:  {http.MethodGet, "/accounts/{account}/licenses", ""},                      // D, L

	OpLeaveGroups:    {http.MethodDelete, "/accounts/{account}/users/{keys}/groups", CodeUserNotFound}, // C
	OpCreateGroup:    {http.MethodPost, "/accounts/{account}/groups", ""},                              // L
	OpUpdateGroup:    {http.MethodPut, "/accounts/{account}/groups/{keys}", CodeGroupNotFound},         // C
	OpDeleteGroup:    {http.MethodDelete, "/accounts/{account}/groups/{keys}", CodeGroupNotFound},      // C
	OpListSubgroups:  {http.MethodGet, "/accounts/{account}/groups/{of}/groups", ""},                   // UNVERIFIED
	OpListGroupUsers: {http.MethodGet, "/accounts/{account}/groups/{of}/users", ""},                    // UNVERIFIED
	OpMoveUsers:      {http.MethodPut, "/accounts/{account}/groups/{of}/users/{keys}", ""},             // C; several keys: UNVERIFIED
	OpAddSeat:        {http.MethodPut, "/accounts/{account}/licenses/{of}/users/{keys}", ""},           // UNVERIFIED
	OpRemoveSeat:     {http.MethodDelete, "/accounts/{account}/licenses/{of}/users/{keys}", ""},        // C
}

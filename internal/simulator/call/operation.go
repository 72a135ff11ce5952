package call

import (
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Family is one of the APIs.
type Family int

// The APIs. OAuthServer asks for no access token and has no rate limit.
const (
	OAuthServer Family = iota
	AdminAPI
	MeetingAPI
)

// Operation is one method of the API: where it is, who may call it and what it does.
type Operation struct {
	// ID is the operationId of docs/goto-api, and Pattern where it is, as http.ServeMux has it.
	ID, Pattern string
	// Other is where the operation may be as well, empty for nowhere. Its handler decides which of the two is right.
	Other string
	// Family says to what the operation belongs: how the caller is authenticated, how a refusal looks.
	Family Family
	// Roles are those of which the caller needs one; none needed if empty. Which roles reading needs is not known (U): any does.
	Roles []string
	// Own operations need no role of a caller who is the organizer that the path names.
	Own bool
	// List operations know pages.
	List bool
	// Authorize finds out who calls and whether they may; nil where anybody may. It runs with the lock held, before Handle.
	Authorize func(*Call) *wire.Response
	// Handle runs with the lock held.
	Handle func(*Call) wire.Response
}

// Of joins tables of operations of one API. authorize is nil where anybody may call.
func (f Family) Of(authorize func(*Call) *wire.Response, tables ...[]Operation) []Operation {
	all := slices.Concat(tables...)
	for i := range all {
		all[i].Family, all[i].Authorize = f, authorize
	}
	return all
}

// Unknown is the operation of requests for paths that the service does not have.
func Unknown() Operation {
	return Operation{ID: OpUnknown, Pattern: "/", Handle: func(*Call) wire.Response { return wire.NotRouted() }}
}

package simulator

import (
	"fmt"
	"net/http"
)

// Error codes that the service is known to use (C, L).
const (
	codeUserNotFound      = "user.not.found"
	codeUserConflict      = "user.name.conflict"
	codeGroupNotFound     = "group.not.found"
	codeGroupNameRequired = "group.name.required"
	codeGroupConflict     = "group.name.conflict"
	codeNotAuthenticated  = "not.authenticated"
)

// Error codes invented here in the style of the known ones, because the service's own are not known (U). Nothing may depend on
// them.
const (
	codeInvalidRequest   = "request.invalid"
	codeInvalidFilter    = "filter.invalid"
	codeTooMany          = "request.too.many"
	codeNotAuthorized    = "not.authorized"
	codeAccountNotFound  = "account.not.found"
	codeEmailInvalid     = "user.email.invalid"
	codeNameInvalid      = "user.name.invalid"
	codeRoleInvalid      = "user.role.invalid"
	codeRoleNotAllowed   = "user.role.not.allowed"
	codeUserReadOnly     = "user.identity.read.only"
	codeKeyInBody        = "user.key.not.allowed"
	codeLicenseNotFound  = "license.not.found"
	codeLicenseRequired  = "license.required"
	codeSeatsExceeded    = "license.seats.exceeded"
	codeDeleteNotAllowed = "user.delete.not.allowed"
	codeGroupDepth       = "group.depth.exceeded"
	codeGroupNotEmpty    = "group.not.empty"
	codeGroupKeyInBody   = "group.key.not.allowed"
	codeNoGroup          = "user.group.not.found"
	codeNoSeat           = "license.user.not.found"
)

// Codes invented for the GoToMeeting API, of which none but InvalidToken was ever captured. Nothing may depend on them.
const (
	codeMeetingInvalid    = "InvalidRequest"
	codeMeetingForbidden  = "AccessDenied"
	codeMeetingNotFound   = "NoSuchMeeting"
	codeOrganizerNotFound = "NoSuchOrganizer"
	codeOrganizerExists   = "OrganizerExists"
	codeSessionNotFound   = "NoSuchSession"
	codeNothingHeld       = "NoSuchHistory"
	codeNoSuchGroup       = "NoSuchGroup"
	codeGroupTooLarge     = "GroupTooLarge"
	codeRangeTooLong      = "RangeTooLong"
	codeNotEntitled       = "AccountNotEntitled"
)

// response is a complete answer. A body without content type is JSON.
type response struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
}

// apiError is a refusal in the form of the Admin API: a status and one entry of its errors.
type apiError struct {
	status      int
	code, value string
}

func refuse(status int, code, value string) *apiError {
	return &apiError{status: status, code: code, value: value}
}

// absent is the refusal of a request about something that is not there; see Switches.NotFound. A 404 has the code for it, or none;
// with another status the code is one that says nothing.
func (s *Simulator) absent(code, value string) *apiError {
	switch s.switches.NotFound {
	case "404bare":
		return refuse(http.StatusNotFound, "", value)
	case "400":
		return refuse(http.StatusBadRequest, codeInvalidRequest, value)
	case "403":
		return refuse(http.StatusForbidden, codeNotAuthorized, value)
	}
	return refuse(http.StatusNotFound, code, value)
}

// bare is an answer whose body says no more than its status does.
func bare(status int) response {
	return jsonResponse(status, object{{"message", http.StatusText(status)}})
}

// answer renders the error envelope (L).
func (s *Simulator) answer(e *apiError) response {
	if e.code == "" {
		return bare(e.status)
	}
	if e.status == http.StatusBadGateway {
		return gatewayFailure(e.status)
	}
	s.incidents++
	return jsonResponse(e.status, object{
		{"incidentId", fmt.Sprintf("00000000-0000-4000-8000-%012x", s.incidents)},
		{"errors", []object{{{"code", e.code}, {"value", e.value}}}},
	})
}

// meetingAnswer renders a refusal of the GoToMeeting API, whose documentation declares statuses and no bodies (D); see
// Switches.MeetingErrorBody.
func (s *Simulator) meetingAnswer(e *apiError) response {
	if e.code == "" {
		return bare(e.status)
	}
	switch s.switches.MeetingErrorBody {
	case "errorCode":
		s.incidents++
		return jsonResponse(e.status, object{
			{"errorCode", e.code}, {"description", "The request was refused: " + e.value}, {"Details", e.value},
			{"incident", fmt.Sprintf("00000000-0000-4000-8000-%012x", s.incidents)},
		})
	case "empty":
		return response{status: e.status}
	}
	return jsonResponse(e.status, object{{"int_err_code", e.code}, {"msg", "The request was refused: " + e.value}})
}

// gatewayFailure is an error that did not come from the application: its body is not JSON.
func gatewayFailure(status int) response {
	return response{status: status, contentType: "text/plain; charset=utf-8", body: []byte(http.StatusText(status) + "\n")}
}

// invalidToken is the gateway's answer to a token that it does not accept (L on the sister APIs).
func invalidToken() response {
	r := jsonResponse(http.StatusForbidden, object{{"int_err_code", "InvalidToken"}, {"msg", "Invalid token passed"}})
	r.header = http.Header{"X-Amzn-Errortype": {"UnauthorizedException"}}
	return r
}

// notRouted is the answer to a path or method that does not exist (L).
func (s *Simulator) notRouted(*call) response {
	return jsonResponse(http.StatusNotFound, object{{"errorCode", "NOT_FOUND"}, {"message", "The requested resource was not found."}})
}

func jsonResponse(status int, value any) response {
	return response{status: status, body: appendJSON(nil, value)}
}

// writeDone is the answer to a successful PUT or DELETE. A 204 has no body whatever the switch says.
func writeDone(status string, sw *Switches) response {
	r := response{status: statusOf(status)}
	if r.status == http.StatusNoContent {
		return r
	}
	switch sw.WriteBody {
	case "json":
		r.body = []byte("{}")
	case "null":
		r.body = []byte("null")
	}
	return r
}

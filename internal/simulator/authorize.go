package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// authorize finds out who calls and whether they may.
func (s *Simulator) authorize(c *call) *response {
	c.token = s.accessToken(c.tokenText)
	if c.op.api == meetingAPI {
		return s.authorizeMeeting(c)
	}
	return s.authorizeAdmin(c)
}

// authorizeAdmin is about the Admin API, whose paths name the account.
func (s *Simulator) authorizeAdmin(c *call) *response {
	if c.token == nil {
		r := invalidToken()
		if s.switches.ExpiredTokenAnswer == "401" {
			r = s.answer(refuse(http.StatusUnauthorized, codeNotAuthenticated, ""))
		}
		return &r
	}
	if !c.token.has(ScopeAdmin) {
		r := s.answer(refuse(http.StatusUnauthorized, codeNotAuthenticated, ""))
		return &r
	}
	key := c.r.PathValue("account")
	if key == "" {
		return nil
	}
	if c.account = s.account(key); c.account != nil {
		c.caller = c.account.byKey[c.token.UserKey]
	}
	if c.caller == nil {
		code := codeNotAuthorized
		if s.switches.ForeignAccountStatus == "404" {
			code = codeAccountNotFound
		}
		r := s.answer(refuse(statusOf(s.switches.ForeignAccountStatus), code, key))
		return &r
	}
	if len(c.op.roles) > 0 && !c.mayAct(c.op.roles...) {
		r := s.answer(s.missingRole())
		return &r
	}
	return nil
}

// authorizeMeeting is about the GoToMeeting API. Its paths name no account: that of a user who is in several is taken to be the
// primary one (U).
func (s *Simulator) authorizeMeeting(c *call) *response {
	if c.token == nil {
		r := invalidToken()
		return &r
	}
	c.account = s.accountsOf(c.token.UserKey)[0] // a token of nobody is none
	c.caller = c.account.byKey[c.token.UserKey]
	others := len(c.op.roles) > 0 && (!c.op.own || c.r.PathValue("organizer") != c.caller.Key)
	switch {
	case !c.token.has(ScopeCollab), others && !c.token.has(ScopeAdmin):
		r := s.missingScope()
		return &r
	case c.account.free:
		r := s.meetingAnswer(refuse(http.StatusPreconditionFailed, codeNotEntitled, c.account.key))
		return &r
	case others && !c.mayAct(c.op.roles...):
		r := s.meetingAnswer(refuse(http.StatusForbidden, codeMeetingForbidden, c.caller.Key))
		return &r
	}
	return nil
}

// missingScope is the answer of the GoToMeeting API to a token without the scope that the operation needs (U).
func (s *Simulator) missingScope() response {
	if s.switches.MeetingScopeAnswer == "403InvalidToken" {
		return invalidToken()
	}
	return s.meetingAnswer(refuse(http.StatusForbidden, codeMeetingForbidden, "scope"))
}

// has reports whether the token was granted the scope.
func (t *AccessToken) has(scope string) bool { return slices.Contains(strings.Fields(t.Scope), scope) }

// mayAct reports whether the caller has one of the roles.
func (c *call) mayAct(roles ...string) bool {
	return slices.ContainsFunc(c.caller.AdminRoles, func(role string) bool { return slices.Contains(roles, role) })
}

func (s *Simulator) missingRole() *apiError {
	return refuse(statusOf(s.switches.MissingRoleStatus), codeNotAuthorized, "")
}

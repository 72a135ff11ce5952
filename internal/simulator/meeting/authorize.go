package meeting

import (
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// authorize finds out who calls and whether they may. The paths of this API name no account: that of a user who is in several is taken to be the
// primary one (U).
func authorize(c *call.Call) *wire.Response {
	if c.Token == nil {
		r := wire.InvalidToken()
		return &r
	}
	c.Account = c.Store.AccountsOf(c.Token.UserKey)[0] // a token of nobody is none
	c.Caller = c.Account.User(c.Token.UserKey)
	others := len(c.Op.Roles) > 0 && (!c.Op.Own || c.PathValue("organizer") != c.Caller.Key)
	switch {
	case !c.Granted(state.ScopeCollab), others && !c.Granted(state.ScopeAdmin):
		r := missingScope(c)
		return &r
	case c.Account.Illegal:
		r := wire.IllegalAccount(c.Switches.IllegalAccountBody)
		return &r
	case c.Account.Free:
		r := answer(c, wire.Refuse(http.StatusPreconditionFailed, wire.CodeNotEntitled, c.Account.Key))
		return &r
	case others && !c.MayAct(c.Op.Roles...):
		r := answer(c, wire.Refuse(http.StatusForbidden, wire.CodeMeetingForbidden, c.Caller.Key))
		return &r
	}
	return nil
}

// missingScope is the answer of the GoToMeeting API to a token without the scope that the operation needs (U).
func missingScope(c *call.Call) wire.Response {
	if c.Switches.MeetingScopeAnswer == "403InvalidToken" {
		return wire.InvalidToken()
	}
	return answer(c, wire.Refuse(http.StatusForbidden, wire.CodeMeetingForbidden, "scope"))
}

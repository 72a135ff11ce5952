package admin

import (
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// authorize finds out who calls and whether they may. The paths of this API name the account.
func authorize(c *call.Call) *wire.Response {
	if c.Token == nil {
		r := wire.InvalidToken()
		if c.Switches.ExpiredTokenAnswer == "401" {
			r = answer(c, wire.Refuse(http.StatusUnauthorized, wire.CodeNotAuthenticated, ""))
		}
		return &r
	}
	if !c.Granted(state.ScopeAdmin) {
		r := answer(c, wire.Refuse(http.StatusUnauthorized, wire.CodeNotAuthenticated, ""))
		return &r
	}
	key := c.PathValue("account")
	if key == "" {
		return nil
	}
	if c.Account = c.Store.Account(key); c.Account != nil {
		c.Caller = c.Account.User(c.Token.UserKey)
	}
	if c.Caller == nil {
		code := wire.CodeNotAuthorized
		if c.Switches.ForeignAccountStatus == "404" {
			code = wire.CodeAccountNotFound
		}
		r := answer(c, wire.Refuse(switches.Status(c.Switches.ForeignAccountStatus), code, key))
		return &r
	}
	if c.Account.Illegal {
		r := wire.IllegalAccount(c.Switches.IllegalAccountBody)
		return &r
	}
	if len(c.Op.Roles) > 0 && !c.MayAct(c.Op.Roles...) {
		r := answer(c, missingRole(c))
		return &r
	}
	return nil
}

func missingRole(c *call.Call) *wire.Refusal {
	return wire.Refuse(switches.Status(c.Switches.MissingRoleStatus), wire.CodeNotAuthorized, "")
}

package admin

import (
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// deleteUsers serves DELETE /accounts/{a}/users/{userKeys}. Either all of the users are deleted or none; whether the service does
// so is not known (U).
func deleteUsers(c *call.Call) wire.Response {
	keys, failure := targets(c, c.Switches.MultiKeyDelete)
	if failure != nil {
		return answer(c, failure)
	}
	for _, key := range keys {
		if c.Account.User(key) == nil {
			return answer(c, c.Absent(wire.CodeUserNotFound, key))
		}
	}
	if failure := users.CheckDelete(c, keys...); failure != nil {
		return answer(c, failure)
	}
	for _, key := range keys {
		users.Delete(c.Switches, c.Account, c.Account.User(key))
	}
	c.Changed = true
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}

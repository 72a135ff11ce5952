package admin

import (
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
)

// elsewhere is where an operation of which nobody has verified the path (U) is served instead, if a switch says so.
const elsewhere = accountPath + "/elsewhere"

// movable lets an operation be asked for at its assumed path and elsewhere, by the same verbs.
func movable(op call.Operation) call.Operation {
	for _, pattern := range append([]string{op.Pattern}, op.Also...) {
		op.Also = append(op.Also, strings.Replace(pattern, accountPath, elsewhere, 1))
	}
	return op
}

// served tells whether a movable operation is where it is asked for: nowhere, if the position of its switch is unavailable, elsewhere, or
// at the assumed path.
func served(c *call.Call, position string) bool {
	return position != "unavailable" && strings.Contains(c.Request.Pattern, elsewhere) == (position == "elsewhere")
}

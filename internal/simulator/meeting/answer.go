package meeting

import (
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// answer renders a refusal of the GoToMeeting API, whose documentation declares statuses and no bodies (D); see
// Switches.MeetingErrorBody.
func answer(c *call.Call, e *wire.Refusal) wire.Response {
	if e.Code == "" {
		return wire.Bare(e.Status)
	}
	switch c.Switches.MeetingErrorBody {
	case "errorCode":
		return wire.JSON(e.Status, wire.Object{
			wire.M("errorCode", e.Code), wire.M("description", "The request was refused: "+e.Value), wire.M("Details", e.Value),
			wire.M("incident", c.Store.Incident()),
		})
	case "empty":
		return wire.Response{Status: e.Status}
	}
	return wire.JSON(e.Status, wire.Object{wire.M("int_err_code", e.Code), wire.M("msg", "The request was refused: "+e.Value)})
}

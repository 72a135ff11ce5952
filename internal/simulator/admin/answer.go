package admin

import (
	"encoding/json"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// answer renders the error envelope (L).
func answer(c *call.Call, e *wire.Refusal) wire.Response {
	if e.Code == "" {
		return wire.Bare(e.Status)
	}
	if e.Status == http.StatusBadGateway {
		return wire.GatewayFailure(e.Status)
	}
	return wire.JSON(e.Status, wire.Object{
		wire.M("incidentId", c.Store.Incident()),
		wire.M("errors", []wire.Object{{wire.M("code", e.Code), wire.M("value", e.Value)}}),
	})
}

// writeDone is the answer to a successful PUT or DELETE. A 204 has no body whatever the switch says.
func writeDone(status string, sw *switches.Switches) wire.Response {
	r := wire.Response{Status: switches.Status(status)}
	if r.Status == http.StatusNoContent {
		return r
	}
	switch sw.WriteBody {
	case "json":
		r.Body = []byte("{}")
	case "null":
		r.Body = []byte("null")
	}
	return r
}

// listPage answers a list request for n records, of which show renders the one at an index.
func listPage(c *call.Call, n int, show func(int) wire.Object) wire.Response {
	sw := c.Switches
	offset, size, failure := c.Window(sw)
	if failure != nil {
		return answer(c, failure)
	}
	n = max(0, n-c.Gaps.List)
	if c.Gaps.All {
		n = 0
	}
	start := min(offset, n)
	end := max(start, min(start+size, n)-c.Gaps.Page)
	results := make([]wire.Object, 0, end-start)
	for i := start; i < end; i++ {
		results = append(results, show(i))
	}
	toIndex := offset + len(results)
	if sw.ToIndex == "inclusive" && len(results) > 0 {
		toIndex--
	}
	envelope := wire.Object{wire.M("results", results), wire.M("fromIndex", offset), wire.M("toIndex", toIndex), wire.M("total", n)}
	if len(results) == 0 && sw.EmptyResults == "omitted" {
		envelope = envelope[1:]
	}
	return wire.JSON(http.StatusOK, envelope)
}

// keyJSON shows a key as the switch says.
func keyJSON(sw *switches.Switches, key string) any {
	if sw.KeyType == "number" {
		return json.Number(key)
	}
	return key
}

func keysJSON(sw *switches.Switches, keys []string) []any {
	out := make([]any, 0, len(keys))
	for _, key := range keys {
		out = append(out, keyJSON(sw, key))
	}
	return out
}

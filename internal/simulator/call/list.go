package call

import (
	"net/http"
	"strconv"

	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Window reads offset and pageSize.
func (c *Call) Window(sw *switches.Switches) (offset, size int, failure *wire.Refusal) {
	size = sw.DefaultPageSize
	if text := c.Params.Get("offset"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, 0, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "offset")
		}
		offset = n
	}
	if text := c.Params.Get("pageSize"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || (n > sw.MaxPageSize && sw.OversizePage == "refused") {
			return 0, 0, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "pageSize")
		}
		size = n
	}
	return offset, min(size, sw.MaxPageSize), nil
}

// Page is the number of the page that a list request asks for, from 1; 0 for other requests.
func (c *Call) Page(sw *switches.Switches) int {
	if !c.Op.List {
		return 0
	}
	offset, size, failure := c.Window(sw)
	if failure != nil {
		return 0
	}
	return offset/size + 1
}

// BareList answers a list request that knows no pages with an array of n records, of which show renders the one at an index.
func BareList(c *Call, n int, show func(int) wire.Object) wire.Response {
	n = max(0, n-c.Gaps.List-c.Gaps.Page)
	if c.Gaps.All {
		n = 0
	}
	entries := make([]wire.Object, 0, n)
	for i := range n {
		entries = append(entries, show(i))
	}
	return wire.JSON(http.StatusOK, entries)
}

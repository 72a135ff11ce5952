package simulator

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 16 << 20

// call is one request on its way through the simulator.
type call struct {
	op     operation
	r      *http.Request
	arrive time.Time
	body   []byte
	params url.Values

	// Who asks, and about which account; set once the token is accepted.
	tokenText string
	token     *AccessToken
	caller    *User
	account   *account

	// How faults bend a list: the records that the whole list and this page seem to lack.
	empty              bool
	dropList, dropPage int

	// changed says that the state must be kept.
	changed bool
}

// newCall reads the request. The error is the body's: too long, or cut off by the client.
func newCall(op operation, w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{op: op, r: r, params: queryParams(r.URL.RawQuery), tokenText: bearer(r.Header.Get("Authorization"))}
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	return c, err
}

// queryParams parses a query in which "+" means a plus sign and not a space, as the service reads filters (C). Broken escapes stay
// as they are.
func queryParams(raw string) url.Values {
	params := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		params.Add(name, value)
	}
	return params
}

// bearer finds the access token in an Authorization header. Beside "Bearer" the service was seen to take a bare token (C) and the
// form of its first years, "OAuth oauth_token=…" (D, old).
func bearer(header string) string {
	scheme, rest, found := strings.Cut(header, " ")
	switch {
	case !found:
		return header
	case strings.EqualFold(scheme, "Bearer"):
		return strings.TrimSpace(rest)
	case strings.EqualFold(scheme, "OAuth"):
		return strings.TrimPrefix(strings.TrimSpace(rest), "oauth_token=")
	default:
		return ""
	}
}

// flag reads a boolean parameter, of which a client writes FALSE (C). Text that is neither true nor false is as if the parameter
// were absent.
func (c *call) flag(name string, absent bool) bool {
	if value, err := strconv.ParseBool(c.params.Get(name)); err == nil {
		return value
	}
	return absent
}

// window reads offset and pageSize.
func (c *call) window(sw *Switches) (offset, size int, failure *apiError) {
	size = sw.DefaultPageSize
	if text := c.params.Get("offset"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, 0, refuse(http.StatusBadRequest, codeInvalidRequest, "offset")
		}
		offset = n
	}
	if text := c.params.Get("pageSize"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || (n > sw.MaxPageSize && sw.OversizePage == "refused") {
			return 0, 0, refuse(http.StatusBadRequest, codeInvalidRequest, "pageSize")
		}
		size = n
	}
	return offset, min(size, sw.MaxPageSize), nil
}

// page is the number of the page that a list request asks for, from 1; 0 for other requests.
func (c *call) page(sw *Switches) int {
	if !c.op.list {
		return 0
	}
	offset, size, failure := c.window(sw)
	if failure != nil {
		return 0
	}
	return offset/size + 1
}

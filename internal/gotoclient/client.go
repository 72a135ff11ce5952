package gotoclient

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Client speaks to one GoTo service with one set of credentials. It is safe for
// concurrent use. Make one with [New].
type Client struct {
	cfg     *Config
	routes  map[string]route
	chain   http.RoundTripper
	longest *sync.Map // int, the bytes of the longest page of the last time that a list was read, by operation
}

// New returns a client. It sends nothing; an error says what is wrong with the
// configuration, without showing any of its values.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	routes, err := newRoutes(cfg.Operations)
	if err != nil {
		return nil, err
	}
	return &Client{cfg: &cfg, routes: routes, chain: newChain(&cfg), longest: new(sync.Map)}, nil
}

// Format writes the address of the API, under every verb and flag.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "gotoclient.Client("+c.cfg.Endpoints.APIURL+")")
}

// request is what an operation asks of the service.
type request struct {
	operation string
	account   Key    // for {accountKey} in the path
	of        Key    // for the next placeholder, if set: the group, licence or organizer that keys belong to
	keys      []Key  // for the last placeholder, ids of meetings and sessions too
	product   string // for {product} in the path
	query     string
	body      any // a content as it is, anything else encoded as JSON; nil for none

	accept   string        // the media type of the answer; "" for JSON
	maxBytes int64         // of the answer's body; 0 for maxResponseBytes
	timeout  time.Duration // of an attempt; 0 for Config.Timeout
	into     *bytes.Buffer // where the answer's body is read to; nil for memory of its own
}

// others are the keys of the placeholders beside that of the account.
func (r request) others() [][]Key {
	var others [][]Key
	if r.of != "" {
		others = append(others, []Key{r.of})
	}
	if len(r.keys) > 0 {
		others = append(others, r.keys)
	}
	return others
}

// build makes the HTTP request.
func (c *Client) build(ctx context.Context, to route, r request) (*http.Request, error) {
	target, err := to.expand(r)
	if err != nil {
		return nil, err
	}
	if r.query != "" {
		target += "?" + r.query
	}
	body, sent := io.Reader(http.NoBody), content{}
	if r.body != nil {
		if sent, err = encode(r.body); err != nil {
			return nil, fmt.Errorf("gotoclient: %s: encode the request: %w", r.operation, err)
		}
		body = bytes.NewReader(sent.data) // net/http fills in GetBody for this type
	}
	req, err := http.NewRequestWithContext(ctx, to.method, c.cfg.Endpoints.APIURL+target, body)
	if err != nil {
		return nil, fmt.Errorf("gotoclient: %s: the request cannot be built", r.operation) // err shows the URL
	}
	req.Header.Set("Accept", cmp.Or(r.accept, "application/json"))
	if r.body != nil {
		req.Header.Set("Content-Type", sent.kind)
	}
	return req, nil
}

// content is a body that is no JSON.
type content struct {
	kind string // media type
	data []byte
}

// encode makes of a request's body what is sent.
func encode(body any) (content, error) {
	if c, is := body.(content); is {
		return c, nil
	}
	data, err := json.Marshal(body)
	return content{"application/json", data}, err
}

// deny returns the *UnverifiedError of an operation that is not sent.
func (c *Client) deny(operation string) error {
	if to := c.routes[operation]; to.unverified() && to.write() && c.cfg.Unverified != AllowUnverified {
		return &UnverifiedError{Operation: operation}
	}
	return nil
}

// do sends a request through the chain and returns the body of a 2xx answer.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	to := c.routes[r.operation]
	if err := c.deny(r.operation); err != nil {
		return nil, err
	}
	x := &exchange{operation: r.operation, to: to, maxBytes: r.maxBytes, timeout: r.timeout, into: r.into}
	req, err := c.build(withExchange(ctx, x), to, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.chain.RoundTrip(req)
	if err == nil {
		defer resp.Body.Close()
		body := peek(resp) // no copy: a report may be large
		if resp.StatusCode/100 == 2 {
			return body, nil
		}
		err = newAPIError(r.operation, resp, body).from(to)
	}
	if x.doubt {
		err = &ambiguousError{err}
	}
	return nil, err
}

// array sends a request to the GoToMeeting API, where answers are arrays, and
// decodes the objects in it. A single object counts as an array of one.
func (c *Client) array(ctx context.Context, r request) ([]*wireObject, error) {
	body, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	objects, err := decodeArray(body)
	if err != nil {
		return nil, newDecodeError(r.operation, err)
	}
	return objects, nil
}

// list reads an array and decodes each of its elements.
func list[T any](ctx context.Context, c *Client, r request, decode func(*wireObject) T) ([]T, error) {
	objects, err := c.array(ctx, r)
	if err != nil {
		return nil, err
	}
	return decodeEach(r.operation, objects, decode)
}

// get sends a request and decodes the object in the answer.
func (c *Client) get(ctx context.Context, r request, into any) error {
	body, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' {
		return newDecodeError(r.operation, unreadable("expected an object, not "+jsonKind(body)))
	}
	if err := json.Unmarshal(body, into); err != nil {
		return newDecodeError(r.operation, err)
	}
	return nil
}

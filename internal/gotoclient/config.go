package gotoclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Endpoints says where the service is.
type Endpoints struct {
	// APIURL is scheme and host of the API, without a path. The Admin API answers
	// on api.getgo.com only, not on api.goto.com (L).
	APIURL string
	// TokenURL is the full URL of the OAuth token endpoint.
	TokenURL string
}

// DefaultEndpoints returns the public endpoints of the service (D).
func DefaultEndpoints() Endpoints {
	return Endpoints{
		APIURL:   "https://api.getgo.com",
		TokenURL: "https://authentication.logmeininc.com" + endpoints[OpToken].path,
	}
}

// Limiter is the request budget that the client draws on.
type Limiter interface {
	// Wait blocks until one more request may be sent. It is called before every
	// attempt of an API request, but not before a token request. An error, such
	// as that of ctx, ends the operation. A request that would have to wait longer
	// than its ctx has an error at once.
	Wait(ctx context.Context) error
	// Throttled is called on every 429, with the value of Retry-After, or 0 if
	// there was none.
	Throttled(retryAfter time.Duration)
	// Pause is called on every 5xx with a Retry-After, which is its value: the service
	// is not to be asked for so long, and not more slowly afterwards.
	Pause(retryAfter time.Duration)
}

// Call describes one attempt of one request, token requests included.
type Call struct {
	Operation string        // one of the Op constants
	Status    int           // HTTP status, 0 if there was no complete answer
	Attempt   int           // 1 for the first
	Duration  time.Duration // until the body was read, without any waiting for the budget
}

// Config configures a [Client]. Credentials are required; everything else has
// a default.
type Config struct {
	// Endpoints defaults, field by field, to DefaultEndpoints.
	Endpoints   Endpoints
	Credentials Credentials
	// Operations overrides the endpoint table, by the id of the operation; see
	// [Override] for what is refused, and [Operations] for the ids.
	Operations map[string]Override
	// Unverified is DenyUnverified by default.
	Unverified UnverifiedPolicy
	// Base sends the requests; default http.DefaultTransport. It must neither
	// follow redirects nor retry writes.
	Base http.RoundTripper
	// Limiter is the request budget; default none.
	Limiter Limiter
	// Deadline is when the last who waits for a request gives up, and false if nobody
	// does; default that of its context.
	Deadline func(context.Context) (time.Time, bool)
	// TokenPauses is for how long the token endpoint is left alone, shared by all clients
	// that have the same; default one of the client's own.
	TokenPauses *TokenPauses
	// BeforeSend is asked before every attempt of an API request, but not before a
	// token request, when the request has all that it waits for: the budget and an
	// access token. An error ends the operation, and the attempt is not sent. write is
	// false of an operation that only reads. Default none.
	BeforeSend func(ctx context.Context, write bool) error
	// Observe is told of every attempt, when it is over. It must be quick and safe
	// for concurrent use.
	Observe func(Call)
	// SaveRefreshToken stores a refresh token that replaces the one in
	// Credentials, which stops working at that moment (D). No access token that
	// came with it is used before this has succeeded.
	SaveRefreshToken func(ctx context.Context, token string) error
	// UserAgent is sent with every request; default "goto-operator".
	UserAgent string
	// Timeout bounds one attempt, its answer's body included; default 30 s.
	Timeout time.Duration
	// MaxAttempts bounds the attempts of one request; default 4. A request that is
	// repeated with a new access token has one more.
	MaxAttempts int
	// MaxPages bounds the pages of one list; default DefaultMaxPages.
	MaxPages int
	// Backoff is the time to wait after the attempt of the given number (1 for the
	// first) has failed; default exponential from 500 ms to 30 s, with jitter.
	Backoff func(attempt int) time.Duration
}

// UnverifiedPolicy says what becomes of a write to an endpoint of GradeUnverified
// that no override vouches for. Reads are sent in any case.
type UnverifiedPolicy string

const (
	// DenyUnverified sends nothing: the write is an *[UnverifiedError].
	DenyUnverified UnverifiedPolicy = "Deny"
	// AllowUnverified sends the write on a guess.
	AllowUnverified UnverifiedPolicy = "Allow"
)

// DefaultMaxPages is Config.MaxPages where that is not set.
const DefaultMaxPages = 1000

const (
	defaultUserAgent   = "goto-operator"
	defaultTimeout     = 30 * time.Second
	defaultMaxAttempts = 4
	minBackoff         = 500 * time.Millisecond
	maxBackoff         = 30 * time.Second
)

// withDefaults returns cfg with every empty optional field filled in.
func (cfg Config) withDefaults() Config {
	def := DefaultEndpoints()
	if cfg.Endpoints.APIURL == "" {
		cfg.Endpoints.APIURL = def.APIURL
	}
	if cfg.Endpoints.TokenURL == "" {
		cfg.Endpoints.TokenURL = def.TokenURL
	}
	cfg.Endpoints.APIURL = strings.TrimSuffix(cfg.Endpoints.APIURL, "/")
	if cfg.Unverified == "" {
		cfg.Unverified = DenyUnverified
	}
	if cfg.Base == nil {
		cfg.Base = http.DefaultTransport
	}
	if cfg.Deadline == nil {
		cfg.Deadline = context.Context.Deadline
	}
	if cfg.TokenPauses == nil {
		cfg.TokenPauses = &TokenPauses{}
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Call) {}
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = defaultUserAgent
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.MaxAttempts <= 0 {
		cfg.MaxAttempts = defaultMaxAttempts
	}
	if cfg.MaxPages <= 0 {
		cfg.MaxPages = DefaultMaxPages
	}
	if cfg.Backoff == nil {
		cfg.Backoff = exponentialBackoff
	}
	return cfg
}

// validate reports what makes a client impossible. The text shows no value:
// a URL could carry a password.
func (cfg Config) validate() error {
	if err := validateURL("APIURL", cfg.Endpoints.APIURL); err != nil {
		return err
	}
	if err := validateURL("TokenURL", cfg.Endpoints.TokenURL); err != nil {
		return err
	}
	if err := cfg.Credentials.validate(); err != nil {
		return err
	}
	if cfg.Unverified != DenyUnverified && cfg.Unverified != AllowUnverified {
		return fmt.Errorf("gotoclient: Unverified must be %s or %s", DenyUnverified, AllowUnverified)
	}
	if cfg.Credentials.Grant == GrantRefreshToken && cfg.SaveRefreshToken == nil {
		return errors.New("gotoclient: SaveRefreshToken is required with a refresh token: a replaced one would be lost")
	}
	return nil
}

func validateURL(field, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("gotoclient: Endpoints.%s must be an http or https URL without user, query and fragment", field)
	}
	return nil
}

// exponentialBackoff doubles from minBackoff up to maxBackoff and takes a
// random point of the upper half, so that clients that failed together do not
// come back together.
func exponentialBackoff(attempt int) time.Duration {
	d := maxBackoff
	if shift := attempt - 1; shift < 6 { // 500 ms << 6 is beyond the maximum
		d = minBackoff << max(shift, 0)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // jitter, not a secret
}

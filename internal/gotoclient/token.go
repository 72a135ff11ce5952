package gotoclient

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	// renewBefore is how long before its expiry an access token is renewed; never
	// more than a quarter of its life, which is an hour (D).
	renewBefore = 5 * time.Minute
	// renewPause is the time between two tries to renew an access token that is
	// still good, while the token endpoint is unreachable.
	renewPause = 30 * time.Second
	// Once mostReplaced access tokens in a row were dropped because the service refused
	// them for one operation, a replacePause passes before the next.
	mostReplaced = 2
	replacePause = time.Minute
	// stillGood is the rest of its life that an access token needs to be used
	// although it should have been renewed.
	stillGood = 10 * time.Second
)

// tokenSource keeps the access token. Whoever finds it missing or about to
// expire starts a renewal, and everybody else waits for that one. A renewal
// does not end with the caller that started it: the answer may hold a new
// refresh token, and the old one is dead from then on (D).
type tokenSource struct {
	fetch func(ctx context.Context, refreshToken string) (*oauth2.Token, error)
	save  func(ctx context.Context, refreshToken string) error
	// rotates: the grant uses refresh tokens. With the others, one that the service
	// may send along (UNVERIFIED) is not needed.
	rotates     bool
	saveTimeout time.Duration
	pauses      *TokenPauses
	subjects    func(refreshToken string) (client, credentials subject) // what pauses are about

	mu      sync.Mutex
	access  *oauth2.Token       // nil if there is none to use
	renewAt time.Time           // zero: the service did not say how long access lives
	refresh string              // the newest refresh token
	unsaved *oauth2.Token       // the access token that came with refresh, while refresh is not saved
	renewal *renewal            // in progress, or nil
	refusal *AuthError          // of the credentials themselves, or nil; asking again cannot change it
	refused map[string]refusals // by operation
}

// renewal is one attempt to get a token; its result is valid once done is
// closed.
type renewal struct {
	done  chan struct{}
	token *oauth2.Token
	err   error
}

func newTokenSource(cfg *Config, transport http.RoundTripper) *tokenSource {
	return &tokenSource{
		fetch:       newFetch(cfg, transport),
		save:        cfg.SaveRefreshToken,
		rotates:     cfg.Credentials.Grant == GrantRefreshToken,
		saveTimeout: cfg.Timeout,
		refresh:     cfg.Credentials.RefreshToken,
		refused:     map[string]refusals{},
		pauses:      cfg.TokenPauses,
		subjects: func(refreshToken string) (client, credentials subject) {
			with := cfg.Credentials
			with.RefreshToken = refreshToken
			return subjects(cfg.Endpoints.TokenURL, with)
		},
	}
}

// newFetch returns the function that asks the token endpoint, by the configured
// grant.
func newFetch(cfg *Config, transport http.RoundTripper) func(context.Context, string) (*oauth2.Token, error) {
	cred := cfg.Credentials
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	conf := &oauth2.Config{
		ClientID:     cred.ClientID,
		ClientSecret: cred.ClientSecret,
		Endpoint:     oauth2.Endpoint{TokenURL: cfg.Endpoints.TokenURL, AuthStyle: oauth2.AuthStyleInHeader},
	}
	return func(ctx context.Context, refreshToken string) (*oauth2.Token, error) {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
		ctx = withExchange(ctx, &exchange{operation: OpToken, attempt: 1})
		switch cred.Grant {
		case GrantRefreshToken:
			return conf.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
		case GrantPersonalAccessToken:
			return (&clientcredentials.Config{
				ClientID: cred.ClientID, ClientSecret: cred.ClientSecret,
				TokenURL: cfg.Endpoints.TokenURL, AuthStyle: oauth2.AuthStyleInHeader,
				EndpointParams: url.Values{
					"grant_type": {"personal_access_token"}, // (D)
					"pat":        {cred.PersonalAccessToken},
				},
			}).Token(ctx)
		default:
			return conf.PasswordCredentialsToken(ctx, cred.Username, cred.Password)
		}
	}
}

// token returns an access token to use now, renewing it if need be.
func (s *tokenSource) token(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	if s.access != nil && (s.renewAt.IsZero() || time.Now().Before(s.renewAt)) {
		defer s.mu.Unlock()
		return s.access, nil
	}
	r := s.renewal
	if r == nil {
		r = &renewal{done: make(chan struct{})}
		s.renewal = r
		go s.renew(context.WithoutCancel(ctx), r)
	}
	s.mu.Unlock()

	select {
	case <-r.done:
		return r.token, r.err
	case <-ctx.Done():
		return nil, &TransportError{
			Operation: exchangeOf(ctx).operation,
			detail:    "the caller gave up waiting for an access token", cause: ctx.Err(),
		}
	}
}

// refusals are the access tokens that were dropped for an operation, since one was
// accepted for it.
type refusals struct {
	n    int
	last time.Time
}

// discard drops a token that the service refused, and tells whether there will be
// another one to use. After a few that were refused for the same operation the reason
// is hardly the token: a scope may be missing.
func (s *tokenSource) discard(token *oauth2.Token, operation string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access != token {
		return true // it was replaced in the meantime
	}
	of := s.refused[operation]
	if of.n >= mostReplaced && time.Since(of.last) < replacePause {
		return false
	}
	s.access, s.refused[operation] = nil, refusals{of.n + 1, time.Now()}
	return true
}

// accepted notes that a token is good for an operation.
func (s *tokenSource) accepted(operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refused, operation)
}

// renew carries out a renewal. Only one runs at a time.
func (s *tokenSource) renew(ctx context.Context, r *renewal) {
	r.token, r.err = s.obtain(ctx)
	s.mu.Lock()
	s.renewal = nil
	s.mu.Unlock()
	close(r.done)
}

// obtain saves a refresh token that is still to be saved, else asks the token
// endpoint, and puts the result to use.
func (s *tokenSource) obtain(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	refresh, unsaved := s.refresh, s.unsaved
	s.mu.Unlock()
	if unsaved != nil {
		if err := s.saved(ctx, refresh); err != nil {
			return nil, err
		}
		if unsaved.Valid() {
			return s.use(unsaved), nil
		}
	}
	token, err := s.ask(ctx, refresh)
	if err != nil {
		return s.fallBack(err)
	}
	if s.rotates && token.RefreshToken != refresh {
		s.mu.Lock()
		s.refresh, s.unsaved = token.RefreshToken, token
		s.mu.Unlock()
		if err := s.saved(ctx, token.RefreshToken); err != nil {
			return nil, err
		}
	}
	return s.use(token), nil
}

// ask asks the token endpoint, unless it is known what it would say, or it is to be
// left alone.
func (s *tokenSource) ask(ctx context.Context, refresh string) (*oauth2.Token, *AuthError) {
	client, credentials := s.subjects(refresh)
	if err := s.standing(client, credentials); err != nil {
		return nil, err
	}
	token, err := s.fetch(ctx, refresh)
	if err != nil {
		return nil, s.remember(newAuthError(err), client, credentials)
	}
	s.pauses.over(client, credentials)
	return token, nil
}

// standing is why the token endpoint is not asked now, or nil.
func (s *tokenSource) standing(client, credentials subject) *AuthError {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		return s.refusal
	}
	return s.pauses.holds(client, credentials)
}

// remember keeps a refusal that asking again cannot change, or not before a while.
func (s *tokenSource) remember(err *AuthError, client, credentials subject) *AuthError {
	switch {
	case err.definite():
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refusal = err
	case err.blames():
		s.pauses.begin(credentials, err)
	case err.RetryAfter > 0:
		s.pauses.begin(client, err)
	}
	return err
}

// saved stores a new refresh token.
func (s *tokenSource) saved(ctx context.Context, refresh string) error {
	ctx, cancel := context.WithTimeout(ctx, s.saveTimeout)
	defer cancel()
	if err := s.save(ctx, refresh); err != nil {
		return &AuthError{
			Reason: AuthNotSaved, cause: err,
			detail: "the new refresh token is kept in memory only, as saving it failed: " +
				strings.ReplaceAll(err.Error(), refresh, "(redacted)"),
		}
	}
	s.mu.Lock()
	s.unsaved = nil
	s.mu.Unlock()
	return nil
}

// use makes token the one to use until shortly before it expires.
func (s *tokenSource) use(token *oauth2.Token) *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access, s.renewAt = token, time.Time{}
	if !token.Expiry.IsZero() {
		life := time.Until(token.Expiry)
		s.renewAt = token.Expiry.Add(-min(renewBefore, life/4))
	}
	return token
}

// fallBack goes on with the old access token unless the credentials are surely
// refused, if there is one and it has not expired.
func (s *tokenSource) fallBack(err *AuthError) (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err.definite() || s.access == nil || time.Until(s.access.Expiry) < stillGood {
		return nil, err
	}
	s.renewAt = time.Now().Add(min(renewPause, time.Until(s.access.Expiry)-stillGood))
	return s.access, nil
}

package gotoclient

import (
	"crypto/sha256"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/backoff"
)

const (
	// firstPause follows an answer of the token endpoint that may be about the
	// credentials. Each further one in a row lasts as long as all before it.
	firstPause = 5 * time.Second
	// longestPause bounds it: what answered may have been a gateway, which passes.
	longestPause = 5 * time.Minute
	// forgetPause is how long after its end a pause is still known, so that the next
	// one is longer.
	forgetPause = time.Hour
)

// TokenPauses is for how long token endpoints are left alone, by what they have
// answered. Clients that have the same one share it: what one of them was told, the
// others need not ask for. The zero value is ready for use.
type TokenPauses struct {
	mu sync.Mutex
	m  map[subject]pauseOf
}

type pauseOf = backoff.Setback[subject]

// subject is what a pause is about: an OAuth client, or credentials. It tells
// nothing of them.
type subject [sha256.Size]byte

// subjects are the OAuth client and the credentials with which it asks.
func subjects(tokenURL string, c Credentials) (client, whole subject) {
	of := func(parts ...string) subject { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }
	return of(tokenURL, c.ClientID), of(tokenURL, c.ClientID, c.ClientSecret, string(c.Grant), c.RefreshToken, c.PersonalAccessToken, c.Username, c.Password)
}

// holds is why one of the subjects is left alone now, or nil.
func (p *TokenPauses) holds(of ...subject) *AuthError {
	p.mu.Lock()
	defer p.mu.Unlock()
	var why *AuthError
	for _, s := range of {
		if errors.As(p.m[s].Holds(s), &why) {
			return why
		}
	}
	return nil
}

// begin leaves a subject alone after an answer, and says in the error until when.
func (p *TokenPauses) begin(of subject, err *AuthError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m == nil {
		p.m = map[subject]pauseOf{}
	}
	maps.DeleteFunc(p.m, func(_ subject, old pauseOf) bool { return time.Since(old.Next) > forgetPause })
	next := p.m[of].Again(of, err, err.pause)
	err.Until = next.Next
	p.m[of] = next
}

// over forgets what was said of the subjects.
func (p *TokenPauses) over(of ...subject) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range of {
		delete(p.m, s)
	}
}

// pause is how long the token endpoint is left alone after the answer, where there
// have been none but such for so long.
func (e *AuthError) pause(lasted time.Duration) time.Duration {
	if !e.blames() {
		return e.RetryAfter
	}
	return max(e.RetryAfter, backoff.Jittered(min(max(lasted, firstPause), longestPause)))
}

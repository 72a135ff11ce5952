package people

import (
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// Credentials is what becomes of credentials without the OAuth server being asked. Its methods may be called at any time from any
// goroutine.
type Credentials struct{ world *live.World }

// NewCredentials returns the credentials of a world.
func NewCredentials(w *live.World) *Credentials { return &Credentials{w} }

// AddPersonalAccessToken gives a user a token that can be swapped, so that a test can act as somebody else. It panics when nobody
// has the key, or the token is taken or empty.
func (c *Credentials) AddPersonalAccessToken(t state.PersonalAccessToken) {
	if err := c.world.Change(func(v live.View) error { return v.Store.AddPAT(t) }); err != nil {
		panic("simulator: " + err.Error())
	}
}

// ExpireAccessTokens ends every access token, as if its hour had passed.
func (c *Credentials) ExpireAccessTokens() {
	c.edit(func(o *state.OAuth) { o.AccessTokens = nil })
}

// RevokeRefreshTokens ends every refresh token. Access tokens live on.
func (c *Credentials) RevokeRefreshTokens() {
	c.edit(func(o *state.OAuth) { o.RefreshTokens = nil })
}

func (c *Credentials) edit(change func(*state.OAuth)) {
	_ = c.world.Change(func(v live.View) error { // it has no error to return
		change(&v.Store.OAuth)
		return nil
	})
}

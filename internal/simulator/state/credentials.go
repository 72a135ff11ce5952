package state

import (
	"errors"
	"slices"
	"time"
)

func (o *OAuth) clone() OAuth {
	return OAuth{
		Clients:       slices.Clone(o.Clients),
		RefreshTokens: slices.Clone(o.RefreshTokens),
		PATs:          slices.Clone(o.PATs),
		Passwords:     slices.Clone(o.Passwords),
		AccessTokens:  slices.Clone(o.AccessTokens),
		Codes:         slices.Clone(o.Codes),
		Issued:        o.Issued,
	}
}

// AccessToken returns the token of that text if it is alive now and its user exists, else nil.
func (s *Store) AccessToken(text string, now time.Time) *AccessToken {
	i := slices.IndexFunc(s.OAuth.AccessTokens, func(t AccessToken) bool { return t.Token == text })
	if i < 0 {
		return nil
	}
	t := s.OAuth.AccessTokens[i]
	if !t.ExpiresAt.After(now) || s.UserOf(t.UserKey) == nil {
		return nil
	}
	return &t
}

// ExpireAccessToken ends the token of that text.
func (o *OAuth) ExpireAccessToken(text string) {
	o.AccessTokens = slices.DeleteFunc(o.AccessTokens, func(t AccessToken) bool { return t.Token == text })
}

// AddPAT gives a user a personal access token. It fails when the token is empty or taken, or nobody has the key of its user.
func (s *Store) AddPAT(t PersonalAccessToken) error {
	taken := slices.ContainsFunc(s.OAuth.PATs, func(old PersonalAccessToken) bool { return old.Token == t.Token })
	if t.Token == "" || taken || s.UserOf(t.UserKey) == nil {
		return errors.New("the personal access token is empty or taken, or its user does not exist")
	}
	s.OAuth.PATs = append(s.OAuth.PATs, t)
	return nil
}

package gotoclient

import (
	"fmt"
	"io"
	"log/slog"
)

// Grant names a way to obtain access tokens.
type Grant string

const (
	// GrantRefreshToken uses a stored refresh token (D): valid for 30 days, and
	// replaced by the service once 60 % of that has passed.
	GrantRefreshToken Grant = "RefreshToken"
	// GrantPersonalAccessToken exchanges a personal access token, which its owner
	// creates and the OAuth client must permit (D).
	GrantPersonalAccessToken Grant = "PersonalAccessToken"
	// GrantPassword is the legacy "direct login": closed for new OAuth clients,
	// still served for old ones (D).
	GrantPassword Grant = "Password"
)

// Credentials is what the token endpoint asks for. Which fields matter depends
// on Grant; ClientID and ClientSecret always do. However it is printed, logged
// or encoded, only Grant shows.
type Credentials struct {
	Grant               Grant
	ClientID            string
	ClientSecret        string
	RefreshToken        string
	PersonalAccessToken string
	Username            string
	Password            string
}

// String names the grant and nothing else.
func (c Credentials) String() string {
	switch c.Grant {
	case GrantRefreshToken, GrantPersonalAccessToken, GrantPassword:
		return "Credentials(" + string(c.Grant) + ", redacted)"
	}
	return "Credentials(redacted)"
}

// GoString is String, for %#v.
func (c Credentials) GoString() string { return c.String() }

// Format is String under every verb and flag.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String, for structured logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON encodes String: credentials do not leave the process by accident.
func (c Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + c.String() + `"`), nil }

// validate reports a field that the grant needs and that is empty, by name.
func (c Credentials) validate() error {
	need := map[string]string{"ClientID": c.ClientID, "ClientSecret": c.ClientSecret}
	switch c.Grant {
	case GrantRefreshToken:
		need["RefreshToken"] = c.RefreshToken
	case GrantPersonalAccessToken:
		need["PersonalAccessToken"] = c.PersonalAccessToken
	case GrantPassword:
		need["Username"], need["Password"] = c.Username, c.Password
	default:
		return fmt.Errorf("gotoclient: Credentials.Grant must be %s, %s or %s",
			GrantRefreshToken, GrantPersonalAccessToken, GrantPassword)
	}
	for _, name := range []string{"ClientID", "ClientSecret", "RefreshToken", "PersonalAccessToken", "Username", "Password"} {
		if v, needed := need[name]; needed && v == "" {
			return fmt.Errorf("gotoclient: Credentials.%s is empty", name)
		}
	}
	return nil
}

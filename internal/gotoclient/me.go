package gotoclient

import (
	"context"
	"slices"
)

// Me is the administrator to whom the access token belongs.
type Me struct {
	Key        Key    `json:"key"`
	AccountKey Key    `json:"accountKey"` // the primary account; may be empty
	Email      string `json:"email"`
	FirstName  string `json:"firstName"`
	LastName   string `json:"lastName"`
	Locale     string `json:"locale"`
	TimeZone   string `json:"timeZone"`
	// AdminRoles stand here and in the entries of Accounts (L), Products here (L);
	// other clients know them in one place only (C). Use RolesIn and ProductsIn.
	AdminRoles []string    `json:"adminRoles"`
	Products   []string    `json:"products"`
	Accounts   []MeAccount `json:"accounts"`
}

// MeAccount is an account that the administrator belongs to.
type MeAccount struct {
	Key        Key      `json:"key"`
	Name       string   `json:"name"`
	AdminRoles []string `json:"adminRoles"`
	Products   []string `json:"products"`
}

// HasAccount reports whether the administrator belongs to the account.
func (m *Me) HasAccount(account Key) bool {
	return account != "" && (m.AccountKey == account || m.entry(account) != nil)
}

// AccountKeys returns the keys of all accounts, the primary one first, each
// once.
func (m *Me) AccountKeys() []Key {
	var keys []Key
	if m.AccountKey != "" {
		keys = append(keys, m.AccountKey)
	}
	for _, a := range m.Accounts {
		if a.Key != "" && !slices.Contains(keys, a.Key) {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// RolesIn returns the admin roles in the account, wherever the service put
// them; nil if it did not say. Roles at the root count for the primary account,
// or for the only one.
func (m *Me) RolesIn(account Key) []string {
	if a := m.entry(account); a != nil && a.AdminRoles != nil {
		return a.AdminRoles
	}
	if m.rootSpeaksOf(account) {
		return m.AdminRoles
	}
	return nil
}

// ProductsIn returns the products of the account in the way of RolesIn.
func (m *Me) ProductsIn(account Key) []string {
	if a := m.entry(account); a != nil && a.Products != nil {
		return a.Products
	}
	if m.rootSpeaksOf(account) {
		return m.Products
	}
	return nil
}

func (m *Me) entry(account Key) *MeAccount {
	for i := range m.Accounts {
		if m.Accounts[i].Key == account {
			return &m.Accounts[i]
		}
	}
	return nil
}

func (m *Me) rootSpeaksOf(account Key) bool {
	if !m.HasAccount(account) {
		return false
	}
	return m.AccountKey == account || len(m.AccountKeys()) == 1
}

// Me returns the administrator to whom the access token belongs. Without the
// Admin scope the error is one of IsUnauthenticated (L).
func (c *Client) Me(ctx context.Context) (*Me, error) {
	var me Me
	if err := c.get(ctx, request{operation: OpGetMe}, &me); err != nil {
		return nil, err
	}
	if me.Key == "" && len(me.AccountKeys()) == 0 {
		return nil, newDecodeError(OpGetMe, unreadable("it names neither a user nor an account"))
	}
	return &me, nil
}

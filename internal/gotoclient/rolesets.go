package gotoclient

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strings"
)

// RoleSet is a custom role of a newer account (C).
type RoleSet struct {
	// ID is what a user's roleSets holds (C). That it consists of digits, as keys do, is
	// UNVERIFIED.
	ID   Key    `json:"id"`
	Name string `json:"name"`
}

// RoleSetsService reads the custom roles of one account, and gives and takes them.
type RoleSetsService struct {
	client  *Client
	account Key
}

// RoleSets returns the service for the custom roles of an account.
func (c *Client) RoleSets(account Key) *RoleSetsService { return &RoleSetsService{c, account} }

// Pages returns the pages of the list (C), in the manner of [DefinitionsService.Pages].
func (s *RoleSetsService) Pages(ctx context.Context, opts ListOptions) iter.Seq2[*Page[RoleSet], error] {
	key := func(r *RoleSet) Key { return r.ID }
	return pager[RoleSet]{client: s.client, operation: OpListRoleSets, account: s.account, opts: opts, key: key, loose: true}.pages(ctx)
}

// MayAssign returns the *[UnverifiedError] of Assign, or nil. It sends nothing.
func (s *RoleSetsService) MayAssign() error { return s.client.deny(OpAssignRoleSet) }

// MayClear returns the *[UnverifiedError] of Clear, or nil. It sends nothing.
func (s *RoleSetsService) MayClear() error { return s.client.deny(OpClearRoleSets) }

// Assign gives a custom role to the user with an e-mail address, beside those that the
// user has or in their place: which of the two is UNVERIFIED. The user is chosen by a
// filter (C); that the service heeds it, and does not give the role to everybody, is
// UNVERIFIED, so it is an *[UnverifiedError] unless Config.Unverified or an override
// allows it. An address that a filter cannot hold is an error, and nothing is sent.
func (s *RoleSetsService) Assign(ctx context.Context, roleSet Key, email string) error {
	query, err := byEmail(OpAssignRoleSet, email)
	if err != nil {
		return err
	}
	_, err = s.client.do(ctx, request{operation: OpAssignRoleSet, account: s.account, keys: []Key{roleSet}, query: query, body: struct{}{}})
	return err
}

// Clear takes every custom role from the user with an e-mail address (C), in the manner
// of Assign.
func (s *RoleSetsService) Clear(ctx context.Context, email string) error {
	query, err := byEmail(OpClearRoleSets, email)
	if err != nil {
		return err
	}
	_, err = s.client.do(ctx, request{operation: OpClearRoleSets, account: s.account, query: query})
	return err
}

// Set gives a user these custom roles and no others. That there is such a call is
// UNVERIFIED: it is an *[UnverifiedError] unless Config.Unverified or an override allows
// it, and the override may be the change of a user.
func (s *RoleSetsService) Set(ctx context.Context, user Key, roleSets []Key) error {
	body := map[string][]Key{"roleSets": append([]Key{}, roleSets...)}
	return s.client.change(ctx, request{operation: OpSetUserRoleSets, account: s.account, keys: []Key{user}, body: body})
}

// byEmail is the query that chooses one user. In the address nothing may end the text of
// the filter, which would then choose others.
func byEmail(operation, email string) (string, error) {
	if email == "" || strings.ContainsAny(email, "\"\\\n\r") {
		return "", newDecodeError(operation, unreadable("a filter cannot hold the user's address"))
	}
	return encodeQuery(url.Values{"filter": {`email eq "` + email + `"`}}), nil
}

// IDs are identifiers in an answer: an array of texts, of numbers, or of objects with an
// id.
type IDs []Key

// UnmarshalJSON understands each of these. What is none of them is no id.
func (ids *IDs) UnmarshalJSON(data []byte) error {
	*ids = nil
	var entries []json.RawMessage
	if json.Unmarshal(data, &entries) != nil {
		return nil //nolint:nilerr // a user is not unreadable for that
	}
	for _, raw := range entries {
		var named struct{ ID, Key Key }
		if bytes.HasPrefix(raw, []byte("{")) {
			_ = json.Unmarshal(raw, &named)
		} else {
			_ = json.Unmarshal(raw, &named.ID)
		}
		if id := max(named.ID, named.Key); id != "" {
			*ids = append(*ids, id)
		}
	}
	return nil
}

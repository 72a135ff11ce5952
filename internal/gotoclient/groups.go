package gotoclient

import (
	"context"
	"iter"
)

// Group is a group of users. Groups nest; the API documents two levels (D).
type Group struct {
	Key  Key    `json:"key"`
	Name string `json:"name"`
	// KeyPath and NamePath lead from the root to the group itself (L).
	KeyPath  []Key    `json:"keyPath"`
	NamePath []string `json:"namePath"`
	// UserKeys are the direct members; omitted when there are none (L).
	UserKeys         []Key `json:"userKeys"`
	MemberCount      int   `json:"memberCount"`
	TotalMemberCount int   `json:"totalMemberCount"` // with sub-groups (C)
}

// ParentKey returns the key of the group above, or "" at the top. The object
// itself has no such field (L).
func (g *Group) ParentKey() Key {
	if n := len(g.KeyPath); n > 1 {
		return g.KeyPath[n-2]
	}
	return ""
}

func (g *Group) key() Key { return g.Key }

// GroupsService reads and writes the groups of one account, and who is in them.
type GroupsService struct {
	client  *Client
	account Key
}

// Groups returns the service for the groups of an account.
func (c *Client) Groups(account Key) *GroupsService { return &GroupsService{c, account} }

// Pages returns the pages of the list. It can be ranged more than once; each
// time the list is read anew. After an error there is nothing more.
func (s *GroupsService) Pages(ctx context.Context, opts ListOptions) iter.Seq2[*Page[Group], error] {
	return s.pager(opts).pages(ctx)
}

// List returns the groups one by one, in the manner of Pages.
func (s *GroupsService) List(ctx context.Context, opts ListOptions) iter.Seq2[Group, error] {
	return s.pager(opts).items(ctx)
}

func (s *GroupsService) pager(opts ListOptions) pager[Group] {
	return pager[Group]{client: s.client, operation: OpListGroups, account: s.account, opts: opts, key: (*Group).key}
}

// Get returns one group.
func (s *GroupsService) Get(ctx context.Context, key Key) (*Group, error) {
	var group Group
	if err := s.client.get(ctx, request{operation: OpGetGroup, account: s.account, keys: []Key{key}}, &group); err != nil {
		return nil, err
	}
	if group.Key != key {
		return nil, newDecodeError(OpGetGroup, errOtherKey)
	}
	return &group, nil
}

package gotoclient

import (
	"bytes"
	"context"
	"iter"
)

// NewGroup is a group to create.
type NewGroup struct {
	// Name is unique (D), in the account as far as the help texts go; how long it
	// may be is UNVERIFIED.
	Name string `json:"name"`
	// ParentKey is the group above; empty for a group at the top. That groups nest
	// is known (L), that the field is called so is UNVERIFIED: the service may
	// ignore it, so look at the new group's ParentKey. Two levels are documented
	// (D); a third is an error of IsRefused, or works.
	ParentKey Key `json:"parentKey,omitempty"`
}

// groupPatch is all that is known to be sent in an update (C): a "key" is
// refused there, and whether a group can get another parent is UNVERIFIED.
type groupPatch struct {
	Name string `json:"name"`
}

// Create adds a group and returns its key (L). A name that is taken is an error
// of IsConflict (C). On an error of IsAmbiguous the group may have been created:
// look for its name before trying again.
func (s *GroupsService) Create(ctx context.Context, group NewGroup) (Key, error) {
	body, err := s.client.do(ctx, request{operation: OpCreateGroup, account: s.account, body: group})
	if err != nil {
		return "", err
	}
	key, err := decodeCreatedKey(body)
	if err != nil {
		return "", newDecodeError(OpCreateGroup, err)
	}
	return key, nil
}

// decodeCreatedKey reads the answer to the create of one thing: the bare key, unquoted
// (L of groups) or quoted (L of attributes). An object with the key is understood too.
func decodeCreatedKey(body []byte) (Key, error) {
	data := bytes.TrimSpace(body)
	if len(data) == 0 {
		return "", unreadable("nothing says what was created")
	}
	entry, err := decodeCreatedEntry(data)
	if err == nil && entry.Key == "" {
		err = unreadable("it has no key")
	}
	return entry.Key, err
}

// Rename gives a group another name (C). A name that is taken is an error of
// IsConflict (C), a group that is gone one of IsNotFound.
func (s *GroupsService) Rename(ctx context.Context, key Key, name string) error {
	_, err := s.client.do(ctx, request{
		operation: OpUpdateGroup, account: s.account, keys: []Key{key}, body: groupPatch{Name: name},
	})
	return err
}

// Delete removes a group (C). What becomes of its users and of the groups under
// it is UNVERIFIED: the service may refuse with an error of IsRefused, let them
// go, or delete the groups too; empty the group first to be sure. That the group
// is already gone is an error of IsNotFound, unless an earlier attempt of this
// very call may have removed it.
func (s *GroupsService) Delete(ctx context.Context, key Key) error {
	keys := []Key{key}
	_, err := s.client.do(ctx, request{operation: OpDeleteGroup, account: s.account, keys: keys})
	if err != nil && allAbsent(err, keys) && IsAmbiguous(err) {
		return nil
	}
	return err
}

// Move puts users into a group, out of the one that they are in: a user is in
// one group at most (L). For one user this is what a client does (C); several
// in one request are UNVERIFIED, and the service may move the first alone, so
// read them back. Without users nothing is sent.
//
// A group or user that does not exist is an error that HasCode tells with
// CodeGroupNotFound or CodeUserNotFound. IsNotFound never holds: which of them is
// missing would be a guess.
func (s *GroupsService) Move(ctx context.Context, group Key, users []Key) error {
	if len(users) == 0 {
		return nil
	}
	_, err := s.client.do(ctx, request{operation: OpMoveUsers, account: s.account, of: group, keys: users})
	return err
}

// Leave takes a user out of every group (C); there is no known way out of one
// alone. What the service says of a user who is in none is UNVERIFIED, success
// or an error of IsRefused. A user who is gone is an error of IsNotFound.
func (s *GroupsService) Leave(ctx context.Context, user Key) error {
	_, err := s.client.do(ctx, request{operation: OpLeaveGroups, account: s.account, keys: []Key{user}})
	return err
}

// Subgroups returns the groups directly under a group one by one, in the manner
// of List. GoTo names the call (D), but its path is UNVERIFIED: where it is
// another, the error is one of IsNoSuchPath. The KeyPath of the groups of List says
// the same with certainty.
func (s *GroupsService) Subgroups(ctx context.Context, group Key, opts ListOptions) iter.Seq2[Group, error] {
	p := s.pager(opts)
	p.operation, p.of = OpListSubgroups, group
	return p.items(ctx)
}

// Users returns the users of a group one by one, in the manner of List; whether
// those of sub-groups are among them is UNVERIFIED. So is the path, as with
// Subgroups; the UserKeys of the group, and the GroupKey of the users, say the
// same with certainty.
func (s *GroupsService) Users(ctx context.Context, group Key, opts ListOptions) iter.Seq2[User, error] {
	p := s.client.Users(s.account).pager(opts)
	p.operation, p.of = OpListGroupUsers, group
	return p.items(ctx)
}

// Package gotogroup reconciles GoToGroup objects with the groups of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go reads and writes, diff.go is pure. It
// may not import another kind's package.
package gotogroup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Kind is the engine's view of a GoToGroup.
type Kind struct{ reader client.Reader }

// wants is the group above.
type wants struct {
	parent gotoclient.Key
	name   string // of the parent, as the spec has it
}

// seen is a group, and who is in it.
type seen struct {
	gotoclient.Group

	members, total, subgroups int
}

var (
	_ engine.Kind[*v1alpha1.GoToGroup, wants, seen]    = Kind{}
	_ engine.Claimer[*v1alpha1.GoToGroup, seen]        = Kind{}
	_ engine.Writer[*v1alpha1.GoToGroup, wants, seen]  = Kind{}
	_ engine.Creator[*v1alpha1.GoToGroup, wants, seen] = Kind{}
	_ engine.Deleter[*v1alpha1.GoToGroup, seen]        = Kind{}
)

// New returns an empty GoToGroup.
func (Kind) New() *v1alpha1.GoToGroup { return &v1alpha1.GoToGroup{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToGroupList{} }

// Intent is the name that is about to be created, below the parent.
func (Kind) Intent(g *v1alpha1.GoToGroup, want wants) (string, error) {
	return string(want.parent) + "/" + g.Spec.Name, nil
}

// Proves is true while the group has the name, and the parent, that were about to be created.
func (Kind) Proves(g *v1alpha1.GoToGroup, _ wants, s seen) bool {
	parent, name, ok := intended(g)
	return ok && gotoclient.SameName(name, s.Name) && s.ParentKey() == parent
}

// Remembers is true once a group is known or may have been created.
func (Kind) Remembers(g *v1alpha1.GoToGroup) bool {
	_, _, intended := intended(g)
	return g.Status.GroupKey != "" || intended
}

// Resolve finds the key of the group above. GoTo knows two levels (D), so it must be at the top itself.
func (k Kind) Resolve(ctx context.Context, acct *account.Account, g *v1alpha1.GoToGroup) (wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	want := wants{parent: gotoclient.Key(g.Spec.ParentKey), name: string(g.Spec.ParentKey)}
	if acct.Organizers() != nil {
		return want, &engine.StalledError{Reason: v1alpha1.ReasonUnsupported,
			Message: "the GoToMeeting API, through which this account is provisioned, cannot manage groups"}
	}
	if ref := g.Spec.ParentRef.Name; ref != "" {
		named, err := engine.Groups.Object(ctx, k.reader, g, ref)
		if err != nil {
			return want, err
		}
		if parent, is := named.(*v1alpha1.GoToGroup); is && (parent.Spec.ParentRef.Name != "" || parent.Spec.ParentKey != "") {
			return want, tooDeep("GoToGroup " + ref)
		}
		if want.parent, err = engine.Groups.KeyOf(named); err != nil {
			return want, err
		}
		want.name = ref
	}
	if above, ok := acct.Groups().Get(want.parent); ok && above.ParentKey() != "" {
		return want, tooDeep("group " + want.name)
	}
	return want, nil
}

func tooDeep(parent string) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonGroupTooDeep, Message: parent + " has a parent itself, and GoTo's groups have two levels: choose one at the top"}
}

// Observe finds the group by the key that is remembered, then by the name whose creation was never confirmed, then by the
// name under its parent. While the object is being deleted the last does not count: it could be somebody else's group.
func (Kind) Observe(ctx context.Context, acct *account.Account, g *v1alpha1.GoToGroup, want wants) (*engine.Seen[seen], error) {
	if key := gotoclient.Key(g.Status.GroupKey); key != "" {
		found, ok := acct.Groups().Get(key)
		var err error
		if !ok {
			found, ok, err = acct.Groups().Confirm(ctx, key)
		}
		if err != nil {
			return nil, err
		}
		if ok {
			return observed(acct, found, v1alpha1.Adopted), nil
		}
		g.Status.Origin = "" // the group is gone, and one that has the name now may be somebody else's
	} else if parent, name, pending := intended(g); pending {
		if found, ok := acct.Groups().ByName(name, parent); ok {
			return observed(acct, found, v1alpha1.Created), nil
		}
	}
	if !g.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	if found, ok := acct.Groups().ByName(g.Spec.Name, want.parent); ok {
		return observed(acct, found, v1alpha1.Adopted), nil
	}
	return nil, nil
}

func observed(acct *account.Account, g gotoclient.Group, origin v1alpha1.Origin) *engine.Seen[seen] {
	return &engine.Seen[seen]{Remote: withMembers(acct, g), Origin: origin}
}

func withMembers(acct *account.Account, g gotoclient.Group) seen {
	s := seen{Group: g}
	s.members, s.total, s.subgroups = acct.Groups().Members(g.Key)
	return s
}

// Names is the name, which GoTo gives once in an account.
func (Kind) Names(g *v1alpha1.GoToGroup) []string { return []string{engine.NameClaim(g.Spec.Name)} }

// Begun is the name.
func (Kind) Begun(intent string) string {
	_, name, _ := strings.Cut(intent, "/")
	return engine.NameClaim(name)
}

// Key is the group's key.
func (Kind) Key(s seen) gotoclient.Key { return s.Group.Key }

// NamesOf is the name that the group has in GoTo.
func (Kind) NamesOf(s seen) []string { return []string{engine.NameClaim(s.Name)} }

// Taken finds which group has a name in GoTo, wherever it is.
func (Kind) Taken(acct *account.Account, name string) (gotoclient.Key, bool) {
	found, ok := acct.Groups().Named(strings.TrimPrefix(name, engine.NameClaim("")))
	return found.Key, ok
}

// Changed are the groups that a reading found changed, by key and by name.
func (Kind) Changed(c account.Change) []string {
	var claims []string
	for _, ref := range c.Groups {
		claims = append(claims, engine.KeyClaim(ref.Key), engine.NameClaim(ref.Name))
	}
	return claims
}

// Create creates the group. One that exists already is adopted, unless an earlier attempt may have made it.
func (Kind) Create(ctx context.Context, acct *account.Account, g *v1alpha1.GoToGroup, want wants, again bool) (*engine.Seen[seen], error) {
	created, err := acct.Groups().Create(ctx, gotoclient.NewGroup{Name: g.Spec.Name, ParentKey: want.parent})
	switch {
	case errors.Is(err, account.ErrExists) && !again:
		return observed(acct, created, v1alpha1.Adopted), nil
	case err != nil && !errors.Is(err, account.ErrExists):
		if gotoclient.IsConflict(err) {
			return nil, &engine.StalledError{Reason: v1alpha1.ReasonConflict, Again: true,
				Message: "a group of this name exists elsewhere in the account, and names are unique: choose another, or name its parent"}
		}
		return nil, err
	}
	return observed(acct, created, v1alpha1.Created), nil
}

// Diff lists what differs between the spec and the group.
func (Kind) Diff(g *v1alpha1.GoToGroup, want wants, s seen) []engine.Change { return diff(g, want, s) }

// Update renames the group: nothing else of it can be changed.
func (Kind) Update(ctx context.Context, acct *account.Account, g *v1alpha1.GoToGroup, _ wants, s seen, _ []engine.Change) (seen, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	renamed, err := acct.Groups().Rename(ctx, s.Key, g.Spec.Name)
	if gotoclient.IsConflict(err) {
		return s, &engine.StalledError{Reason: v1alpha1.ReasonConflict, Message: "another group of the account has this name", Again: true}
	}
	if err != nil {
		return s, err
	}
	return withMembers(acct, renamed), nil
}

// ReadBack reads the group as GoTo shows it.
func (Kind) ReadBack(ctx context.Context, acct *account.Account, _ *v1alpha1.GoToGroup, s seen) (seen, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	read, there, err := acct.Groups().Confirm(ctx, s.Group.Key)
	if err == nil && !there {
		err = account.ErrGone
	}
	if err != nil {
		return s, err
	}
	return withMembers(acct, read), nil
}

// Delete deletes the group once no object of the cluster is in it or below it. What GoTo does to the groups below a group
// that is deleted is UNVERIFIED, so it is not asked to while there are any.
func (k Kind) Delete(ctx context.Context, acct *account.Account, g *v1alpha1.GoToGroup, s seen) error {
	users, groups, err := k.dependents(ctx, g, s.Key)
	if err != nil {
		return err
	}
	if users+groups > 0 {
		return &engine.WaitingError{Reason: v1alpha1.ReasonInUse,
			Message: fmt.Sprintf("%d GoToUsers and %d GoToGroups still name this group; delete them, or let them name another", users, groups)}
	}
	if s.subgroups > 0 {
		return &engine.WaitingError{Reason: v1alpha1.ReasonInUse,
			Message: fmt.Sprintf("in GoTo there are %d groups below this one, which would perhaps be deleted with it: delete or move them first", s.subgroups)}
	}
	return acct.Groups().Delete(ctx, s.Key)
}

// Report copies what GoTo says into the status.
func (Kind) Report(g *v1alpha1.GoToGroup, s seen) { report(g, s) }

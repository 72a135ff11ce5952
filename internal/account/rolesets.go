package account

import (
	"context"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// RoleSets are the custom roles of an account, and how users get them.
type RoleSets struct {
	*catalog[gotoclient.RoleSet]

	api *gotoclient.RoleSetsService
}

func newRoleSets(ctx context.Context, a *Account) *RoleSets {
	api := a.opts.Client.RoleSets(a.opts.Key)
	return &RoleSets{newCatalog(ctx, a, about[gotoclient.RoleSet]{
		pages:  api.Pages,
		key:    func(r *gotoclient.RoleSet) gotoclient.Key { return r.ID },
		name:   func(r *gotoclient.RoleSet) string { return r.Name },
		same:   func(a, b *gotoclient.RoleSet) bool { return *a == *b },
		change: func([]NamedRef) Change { return Change{RoleSets: true} },
	}), api}
}

// Find returns the custom role of that id, or else of that name.
func (r *RoleSets) Find(text string) (gotoclient.RoleSet, bool) {
	if found, ok := r.Get(gotoclient.Key(text)); ok {
		return found, true
	}
	return r.Named(text)
}

// Set gives a user these custom roles and no others. Roles are given one by one (C); the known way to take one takes all (C), so those
// that stay are given again. Where GoTo does not know these calls, it is one whose path is UNVERIFIED.
func (r *RoleSets) Set(ctx context.Context, user gotoclient.Key, roleSets []gotoclient.Key) error {
	u, there := r.acct.users.Get(user)
	if !there {
		return ErrGone
	}
	err := r.step(ctx, u, roleSets)
	if status := evidence.Status(err); status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		err = r.api.Set(ctx, user, roleSets)
	}
	if err != nil {
		return err
	}
	if u, there = r.acct.users.Get(user); there {
		u.RoleSets = slices.Sorted(slices.Values(roleSets))
		r.acct.users.note(u)
	}
	return nil
}

func (r *RoleSets) step(ctx context.Context, u gotoclient.User, want []gotoclient.Key) error {
	give := without(want, u.RoleSets)
	if len(without(u.RoleSets, want)) > 0 {
		if err := r.api.Clear(ctx, u.Email); err != nil {
			return err
		}
		give = want
	}
	for _, id := range give {
		if err := r.api.Assign(ctx, id, u.Email); err != nil {
			return err
		}
	}
	return nil
}

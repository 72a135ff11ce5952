package account

import (
	"context"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// RoleSets are the custom roles of an account, and how users get them.
type RoleSets struct {
	*catalog[gotoclient.RoleSet]

	api   *gotoclient.RoleSetsService
	users *gotoclient.UsersService
}

func newRoleSets(ctx context.Context, a *Account) *RoleSets {
	api := a.opts.Client.RoleSets(a.opts.Key)
	return &RoleSets{newCatalog(ctx, a, about[gotoclient.RoleSet]{
		size:   a.know.RoleSets,
		pages:  api.Pages,
		key:    func(r *gotoclient.RoleSet) gotoclient.Key { return r.ID },
		name:   func(r *gotoclient.RoleSet) string { return r.Name },
		same:   func(a, b *gotoclient.RoleSet) bool { return *a == *b },
		change: func([]NamedRef) Change { return Change{RoleSets: true} },
	}), api, a.opts.Client.Users(a.opts.Key)}
}

// Find returns the custom role of that id, or else of that name.
func (r *RoleSets) Find(text string) (gotoclient.RoleSet, bool) {
	if found, ok := r.Get(gotoclient.Key(text)); ok {
		return found, true
	}
	return r.Named(text)
}

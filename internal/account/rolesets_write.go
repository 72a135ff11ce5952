package account

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const byKeyInstead = "if GoTo has a call that gives custom roles to a user by its key, name it as setUserRoleSets in spec.endpoints.operations of " +
	"the GoToAccount; otherwise give them in GoTo, and remove spec.roleSets"

var (
	errFilterNotHeeded = &UnsupportedError{"custom roles were not written: GoTo does not choose one user by the address, so the role would be given to, " +
		"or taken from, others too. " + byKeyInstead}
	errOneRoleSet = &UnsupportedError{"GoTo gives a custom role in the place of those that a user has, so that by this call there can be one alone: " +
		"name one, with adminRolesMatch: Exactly. Or, " + byKeyInstead}
	errNotFound = errors.New("the user is not found by its address")
)

// Set gives a user these custom roles and no others. It does so by the call that names the user by its key (UNVERIFIED), or, where there
// is none or it is not to be sent, by those that choose users by a filter. It returns ErrGone for a user whom the records do not show, a
// *gotoclient.UnverifiedError where nothing is to be sent, and an *UnsupportedError where GoTo cannot do it without harm.
func (r *RoleSets) Set(ctx context.Context, user gotoclient.Key, roleSets []gotoclient.Key) error {
	u, there := r.acct.users.Get(user)
	if !there {
		return ErrGone
	}
	sent, err := r.byKey(ctx, user, roleSets)
	if !sent {
		err = r.byFilter(ctx, u, roleSets)
	}
	if err == nil {
		r.note(user, roleSets)
	}
	return err
}

// byKey tells whether there is such a call, and what became of it.
func (r *RoleSets) byKey(ctx context.Context, user gotoclient.Key, roleSets []gotoclient.Key) (sent bool, err error) {
	known := &r.acct.know.RoleSetsByKey
	if r.acct.know.knows(known) == knowledge.No {
		return false, nil
	}
	err = r.api.Set(ctx, user, roleSets)
	var denied *gotoclient.UnverifiedError
	if errors.As(err, &denied) {
		return false, nil
	}
	sent = !gotoclient.IsNoSuchPath(err)
	if !sent || err == nil {
		r.acct.know.learn(known, sent)
	}
	return sent, err
}

// byFilter gives roles one by one (C). The known way to take one takes all (C), so those that stay are given again. Nothing is read where
// not all of it may be sent, and nothing is written before a read has shown whom the filter chooses.
func (r *RoleSets) byFilter(ctx context.Context, u gotoclient.User, want []gotoclient.Key) error {
	has, give := slices.Clone(u.RoleSets), without(want, u.RoleSets)
	clears := len(without(u.RoleSets, want)) > 0
	if clears {
		has, give = nil, want
	}
	if err := r.may(clears, len(give) > 0); err != nil {
		return err
	}
	if len(want) > 1 && len(give) > 0 && r.acct.know.knows(&r.acct.know.AssignReplaces) == knowledge.Yes {
		return errOneRoleSet
	}
	if err := r.chosen(ctx, u); err != nil {
		return err
	}
	if clears {
		if err := r.api.Clear(ctx, u.Email); err != nil {
			return err
		}
	}
	return r.assign(ctx, u, has, give)
}

func (r *RoleSets) may(clears, gives bool) error {
	if clears {
		if err := r.api.MayClear(); err != nil {
			return err
		}
	}
	if gives {
		return r.api.MayAssign()
	}
	return nil
}

// chosen returns nil if a read by the filter of a user's address shows this user and nobody else. It is asked before every write: what was
// the user's address may be somebody else's by now. Of an account of one user it proves nothing about the filter.
func (r *RoleSets) chosen(ctx context.Context, u gotoclient.User) error {
	heeded := &r.acct.know.FilterHeeded
	if r.acct.know.knows(heeded) == knowledge.No {
		return errFilterNotHeeded
	}
	page, err := r.users.WithEmail(ctx, u.Email)
	status := evidence.Status(err)
	switch {
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity: // it understands another kind of filter
	case err != nil:
		return err
	case len(page.Results) == 0, isRenamed(page, u): // not visible yet; or the records are of before
		return evidence.Unconfirmed(errNotFound)
	case len(page.Results) == 1 && page.Total <= 1 && page.Results[0].Key == u.Key:
		r.acct.know.learnIf(r.acct.users.records.Len() > 1, heeded)
		return nil
	}
	r.acct.know.learn(heeded, false)
	return errFilterNotHeeded
}

// isRenamed is true if the one user whom a filter chooses is another one, who has the address now.
func isRenamed(page *gotoclient.Page[gotoclient.User], u gotoclient.User) bool {
	return len(page.Results) == 1 && page.Total <= 1 && page.Results[0].Key != u.Key &&
		gotoclient.FoldEmail(page.Results[0].Email) == gotoclient.FoldEmail(u.Email)
}

// assign gives custom roles to a user who has some, and looks after the first whether these are still there (UNVERIFIED).
func (r *RoleSets) assign(ctx context.Context, u gotoclient.User, has, give []gotoclient.Key) error {
	for _, id := range give {
		if err := r.api.Assign(ctx, id, u.Email); err != nil {
			return err
		}
		if len(has) > 0 && r.acct.know.knows(&r.acct.know.AssignReplaces) == knowledge.Unknown {
			if err := r.beside(ctx, u, has, id); err != nil {
				return err
			}
		}
		has = append(has, id)
	}
	return nil
}

// beside learns whether a role was given beside others. A read that does not show it is from before, and says nothing. Where it took their
// place, the user gets back what can be: one of them.
func (r *RoleSets) beside(ctx context.Context, u gotoclient.User, has []gotoclient.Key, given gotoclient.Key) error {
	seen, there, err := r.acct.users.Confirm(ctx, u.Key)
	switch {
	case err != nil:
		return err
	case !there:
		return ErrGone
	case !slices.Contains(seen.RoleSets, given):
		return nil
	}
	replaces := len(without(has, seen.RoleSets)) > 0
	r.acct.know.learn(&r.acct.know.AssignReplaces, replaces)
	if !replaces {
		return nil
	}
	if err := r.api.Assign(ctx, has[0], u.Email); err != nil {
		return err
	}
	r.note(u.Key, has[:1])
	return errOneRoleSet
}

// note keeps what was written.
func (r *RoleSets) note(user gotoclient.Key, roleSets []gotoclient.Key) {
	if u, there := r.acct.users.Get(user); there {
		u.RoleSets = slices.Sorted(slices.Values(roleSets))
		r.acct.users.note(u)
	}
}

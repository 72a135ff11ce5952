package account

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// userList reads the list of users.
type userList struct{ *Users }

// read makes one reading of the list, and reports what changed.
func (u userList) read(ctx context.Context, began time.Time, told func(gotoclient.Key) bool, kept *keptSettings) error {
	list, err := u.list(ctx, kept)
	if err != nil {
		return err
	}
	dropAccepted(list)
	differences := u.records.Read(began, list)
	refs, counted := userRefs(differences, told), u.acct.groups.entered(differences)
	if len(refs)+len(counted) > 0 {
		u.acct.opts.OnChange(Change{Users: refs, Counted: counted})
	}
	return nil
}

// list reads the list of users.
func (u userList) list(ctx context.Context, kept *keptSettings) (map[gotoclient.Key]*keptUser, error) {
	users, err := reading.List[gotoclient.User, keptUser]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.User], error] {
			return u.api.Pages(ctx, o, func(read *gotoclient.User) { u.reduce(read, kept) })
		},
		Key:   func(u *gotoclient.User) gotoclient.Key { return u.Key },
		Valid: func(k gotoclient.Key) bool { return k.Valid() || IsInvitation(k) },
		Keep:  u.keep,
		Known: u.records.Known,
		Size:  u.acct.know.Users, Now: u.acct.opts.Now,
	}.Whole()
	if err == nil && len(users) == 0 {
		return users, u.believeEmpty(ctx)
	}
	return users, err
}

// believeEmpty refuses an empty list of an account in which at least the credentials' own user is found.
func (u userList) believeEmpty(ctx context.Context) error {
	_, err := u.api.Get(ctx, u.acct.Me().Key)
	switch {
	case gotoclient.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: it is empty, and yet the credentials' own user is there", ErrInconsistent)
}

// userRefs names the users that are different, by both addresses if they have another now, but for those who are told already.
func userRefs(differences []records.Difference[keptUser], told func(gotoclient.Key) bool) []UserRef {
	var refs []UserRef
	add := func(u *keptUser) { refs = append(refs, UserRef{u.key, gotoclient.FoldEmail(u.email)}) }
	for _, d := range differences {
		switch {
		case told(d.Key):
			continue
		case d.Now == nil:
			add(d.Was)
			continue
		}
		add(d.Now)
		if d.Was != nil && !gotoclient.SameEmail(d.Was.email, d.Now.email) {
			add(d.Was)
		}
	}
	return refs
}

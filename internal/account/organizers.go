package account

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrNotServed says that an account is provisioned through the GoToMeeting API, which cannot do what was asked.
var ErrNotServed = errors.New("the account is provisioned by organizers, and their API cannot do this")

// errNotInvited is for a 409 about an address that nobody has when GoTo is asked for it: what is said for want of a seat is
// UNVERIFIED, and may be a 409 too. Both pass.
var errNotInvited = fmt.Errorf("%w, or no seat of the product is free", ErrNotVisible)

// invitation precedes an e-mail address in the key of an organizer who has none before the invitation is accepted (D, old).
const invitation = "invited:"

// InvitationKey stands for the key of an organizer who has none yet. No request and no status ever holds it; in the
// snapshot it gives an invitation the place that the user will have.
func InvitationKey(email string) gotoclient.Key {
	return gotoclient.Key(invitation + gotoclient.FoldEmail(email))
}

// IsInvitation tells an InvitationKey from a user's key.
func IsInvitation(key gotoclient.Key) bool {
	_, ok := invitedEmail(key)
	return ok
}

func invitedEmail(key gotoclient.Key) (string, bool) {
	email, ok := strings.CutPrefix(string(key), invitation)
	return email, ok && email != ""
}

// organizers is the userService of an account that the Administration API does not serve. Creating and changing have other
// arguments there: see InviteOrganizer and ChangeOrganizer.
type organizers struct{ api *gotoclient.OrganizersService }

var _ userService = organizers{}

// serveOrganizers puts organizers in the place of users. Their list has no pages: there is no size to try smaller ones of.
func (a *Account) serveOrganizers() {
	a.users = organizers{a.opts.Client.Organizers()}
	a.know.Users = knowledge.NewPageSize(knowledge.SmallestPage)
}

// Organizers is true where users are provisioned through the GoToMeeting API.
func (a *Account) Organizers() bool { return a.opts.Organizers }

// Pages is the whole list, as one page. Its total is the number of records, so that one that comes twice is found out.
func (o organizers) Pages(ctx context.Context, _ gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.User], error] {
	return func(yield func(*gotoclient.Page[gotoclient.User], error) bool) {
		all, err := o.api.List(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		page := &gotoclient.Page[gotoclient.User]{Total: len(all)}
		for i := range all {
			page.Results = append(page.Results, organizerUser(&all[i]))
		}
		yield(page, nil)
	}
}

// Get reads one organizer; one without key by the e-mail address.
func (o organizers) Get(ctx context.Context, key gotoclient.Key) (*gotoclient.User, error) {
	if key == "" { // nobody knows who the caller is, so nobody can vouch for an empty list
		return nil, fmt.Errorf("%w: it is empty, and the credentials' own user is not known", ErrInconsistent)
	}
	email, invited := invitedEmail(key)
	if !invited {
		found, err := o.api.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		u := organizerUser(found)
		return &u, nil
	}
	u, err := o.find(ctx, email)
	if err == nil && u == nil {
		err = &gotoclient.APIError{Operation: gotoclient.OpGetOrganizer, Status: 404}
	}
	return u, err
}

// find looks for an e-mail address, nil if nobody seems to have it. One with a key is preferred to an invitation of the same address.
func (o organizers) find(ctx context.Context, email string) (*gotoclient.User, error) {
	found, err := o.api.FindByEmail(ctx, email)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	at := max(0, slices.IndexFunc(found, func(o gotoclient.Organizer) bool { return o.Key != "" }))
	u := organizerUser(&found[at])
	return &u, nil
}

// Create is not for organizers.
func (organizers) Create(context.Context, gotoclient.CreateUsers) ([]gotoclient.CreatedUser, error) {
	return nil, ErrNotServed
}

// Update is not for organizers.
func (organizers) Update(context.Context, []gotoclient.Key, gotoclient.UserPatch) error {
	return ErrNotServed
}

// Delete deletes by key, and by e-mail where there is none yet; what is said then of an e-mail that nobody has is UNVERIFIED.
func (o organizers) Delete(ctx context.Context, keys []gotoclient.Key) error {
	for _, key := range keys {
		email, invited := invitedEmail(key)
		remove := func() error { return o.api.Delete(ctx, key) }
		if invited {
			remove = func() error { return o.api.DeleteByEmail(ctx, email) }
		}
		if err := remove(); err != nil {
			return err
		}
	}
	return nil
}

// organizerUser shows an organizer as the user that it is; the key is the same in both APIs (D, C).
func organizerUser(o *gotoclient.Organizer) gotoclient.User {
	u := gotoclient.User{
		Key: o.Key, Email: o.Email, FirstName: o.FirstName, LastName: o.LastName, GroupKey: o.GroupKey, GroupName: o.GroupName,
		Products: canonicalProducts(o.Products), Status: gotoclient.UserStatus(strings.ToUpper(string(o.Status))),
	}
	if u.Key == "" {
		u.Key, u.Status = InvitationKey(o.Email), gotoclient.UserInvited
	}
	return u
}

// canonicalProducts are in order, and under their present names: OV is an old one of OPENVOICE (D).
func canonicalProducts(products []string) []string {
	var out []string
	for _, p := range products {
		if p == "OV" {
			p = gotoclient.ProductOpenVoice
		}
		out = append(out, p)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WithImplied adds what products bring with them: G2W and G2T bring G2M (D).
func WithImplied(products []string) []string {
	out := slices.Clone(products)
	if slices.Contains(out, gotoclient.ProductWebinar) || slices.Contains(out, gotoclient.ProductTraining) {
		out = append(out, gotoclient.ProductMeeting)
	}
	return canonicalProducts(out)
}

// InviteOrganizer invites an organizer with one product, and returns it as GoTo shows it: with an InvitationKey where the
// service gives no key before the invitation is accepted.
//
// Nobody is invited whom GoTo, asked for that very address, already has: not by an old or partial list, and not after a
// lost answer. It returns ErrExists if there is one already. Who is there after a lost answer was invited by it: organizers have no
// date, and a moment before nobody had the address.
func (a *Account) InviteOrganizer(ctx context.Context, o gotoclient.NewOrganizer) (gotoclient.User, error) {
	if err := a.LastError(); err != nil {
		return gotoclient.User{}, err
	}
	if u, ok := a.UserByEmail(o.Email); ok {
		return u, ErrExists
	}
	if u, err := (organizers{a.opts.Client.Organizers()}).find(ctx, o.Email); err != nil {
		return gotoclient.User{}, err
	} else if u != nil { // the snapshot lacks it, which is the second sign where there is nobody
		a.noteOrganizer(u)
		return *u, ErrExists
	}
	a.opts.Observe(gotoclient.OpCreateOrganizer, 1)
	key, err := a.opts.Client.Organizers().Create(ctx, o)
	if gotoclient.IsConflict(err) || gotoclient.IsAmbiguous(err) {
		return a.afterInvitation(ctx, o.Email, err)
	}
	if err != nil {
		return gotoclient.User{}, err
	}
	if was, ok := a.User(key); ok && !gotoclient.SameEmail(was.Email, o.Email) {
		return was, ErrExists // who has another address here
	}
	sent := organizerUser(&gotoclient.Organizer{
		Key: key, Email: o.Email, FirstName: o.FirstName, LastName: o.LastName,
		Status: gotoclient.OrganizerActive, Products: WithImplied([]string{o.Product}),
	})
	a.noteOrganizer(&sent)
	return a.created(ctx, sent)
}

// afterInvitation looks what became of an invitation that was refused as existing, or whose answer was lost.
func (a *Account) afterInvitation(ctx context.Context, email string, cause error) (gotoclient.User, error) {
	u, there, err := a.ConfirmEmail(ctx, email)
	exists := gotoclient.IsConflict(cause)
	switch {
	case err != nil && exists:
		return gotoclient.User{}, errNotInvited
	case err != nil:
		return gotoclient.User{}, cause
	case there && exists:
		return u, ErrExists
	case there:
		return u, nil
	case exists:
		return gotoclient.User{}, errNotInvited
	}
	return gotoclient.User{}, cause // the object is tried again, and asks again before it invites
}

// ConfirmEmail asks GoTo for an organizer by e-mail address. The answer false is proof that there is none: the list, read after
// that, lacks the address too.
func (a *Account) ConfirmEmail(ctx context.Context, email string) (gotoclient.User, bool, error) {
	u, err := organizers{a.opts.Client.Organizers()}.find(ctx, email)
	switch {
	case err != nil:
		return gotoclient.User{}, false, err
	case u == nil:
		return a.confirmNobody(ctx, email)
	}
	a.noteOrganizer(u)
	return *u, true, nil
}

// confirmNobody reads the list of organizers for an address that nobody seems to have.
func (a *Account) confirmNobody(ctx context.Context, email string) (gotoclient.User, bool, error) {
	if err := a.refreshIfOlder(ctx, 0); err != nil {
		return gotoclient.User{}, false, err
	}
	u, listed := a.UserByEmail(email)
	a.state.mu.RLock()
	listed = listed && !a.state.unseen[u.Key]
	a.state.mu.RUnlock()
	if listed {
		return gotoclient.User{}, false, fmt.Errorf("%w: the list of organizers has an address that GoTo does not find", ErrUnconfirmed)
	}
	a.forgetInvitation(email)
	return gotoclient.User{}, false, nil
}

// noteOrganizer applies our own reading or write of one organizer. One with a key takes the place of the invitation.
func (a *Account) noteOrganizer(u *gotoclient.User) {
	if !IsInvitation(u.Key) {
		a.forgetInvitation(u.Email)
	}
	a.noteWritten(u)
}

func (a *Account) forgetInvitation(email string) {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	a.state.remove(InvitationKey(email))
}

// dropAccepted takes away invitations whose address has a key by now: the operator's own write may have kept them.
func dropAccepted(users map[gotoclient.Key]*gotoclient.User, written map[gotoclient.Key]time.Time) {
	invited := slices.ContainsFunc(slices.Collect(maps.Keys(users)), IsInvitation)
	for _, u := range users {
		if key := InvitationKey(u.Email); invited && u.Key != key {
			delete(users, key)
			delete(written, key)
		}
	}
}

// OrganizerChange is what the GoToMeeting API can change of an organizer: it adds products, or takes all of them.
type OrganizerChange struct {
	AddProducts []string
	Suspend     bool
}

// ChangeOrganizer changes an organizer, by one request for each product (D). It returns ErrGone for one that is surely not
// there. After an error some products may have been added; those that were are in the snapshot.
func (a *Account) ChangeOrganizer(ctx context.Context, key gotoclient.Key, change OrganizerChange) error {
	api := a.opts.Client.Organizers()
	if change.Suspend {
		return a.organizerWrite(ctx, key, api.Suspend(ctx, key), func(u *gotoclient.User) {
			u.Products, u.Status = nil, gotoclient.UserSuspended
		})
	}
	for _, product := range change.AddProducts {
		err := a.organizerWrite(ctx, key, api.AddProduct(ctx, key, product), func(u *gotoclient.User) {
			u.Products, u.Status = WithImplied(append(slices.Clone(u.Products), product)), gotoclient.UserActive
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// organizerWrite notes a write that succeeded, and finds out what it means that one says "not found".
func (a *Account) organizerWrite(ctx context.Context, key gotoclient.Key, err error, apply func(*gotoclient.User)) error {
	a.opts.Observe(gotoclient.OpUpdateOrganizer, 1)
	if err == nil {
		if u, ok := a.User(key); ok {
			apply(&u)
			a.noteWritten(&u)
		}
		return nil
	}
	if !isMissing(err) {
		return err
	}
	if gone, cause := a.userGone(ctx, key, err); !gone {
		return cause
	}
	return ErrGone
}

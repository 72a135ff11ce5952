package account

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

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

// organizerAPI is the userAPI of an account that the Administration API does not serve. Creating and changing have other
// arguments there: see Organizers.
type organizerAPI struct{ api *gotoclient.OrganizersService }

var _ userAPI = organizerAPI{}

// Organizers are the users of an account that is provisioned through the GoToMeeting API. It can do less with them than Users says.
type Organizers struct {
	*Users
	api organizerAPI
}

// serveOrganizers puts organizers in the place of users. Their list has no pages: there is no size to try smaller ones of.
func serveOrganizers(u *Users) {
	a := u.acct
	api := organizerAPI{a.opts.Client.Organizers()}
	u.api = api
	a.organizers = &Organizers{u, api}
	a.know.Users = knowledge.NewPageSize(knowledge.SmallestPage)
}

// Pages is the whole list, as one page. Its total is the number of records, so that one that comes twice is found out.
func (o organizerAPI) Pages(ctx context.Context, _ gotoclient.ListOptions, _ func(*gotoclient.User)) iter.Seq2[*gotoclient.Page[gotoclient.User], error] {
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
func (o organizerAPI) Get(ctx context.Context, key gotoclient.Key) (*gotoclient.User, error) {
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
func (o organizerAPI) find(ctx context.Context, email string) (*gotoclient.User, error) {
	found, err := o.api.FindByEmail(ctx, email)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	at := max(0, slices.IndexFunc(found, func(o gotoclient.Organizer) bool { return o.Key != "" }))
	u := organizerUser(&found[at])
	return &u, nil
}

// Create is not for organizers.
func (organizerAPI) Create(context.Context, gotoclient.CreateUsers) ([]gotoclient.CreatedUser, error) {
	return nil, ErrNotServed
}

// Update is not for organizers.
func (organizerAPI) Update(context.Context, []gotoclient.Key, gotoclient.UserPatch) error {
	return ErrNotServed
}

// Delete deletes by key, and by e-mail where there is none yet; what is said then of an e-mail that nobody has is UNVERIFIED.
func (o organizerAPI) Delete(ctx context.Context, keys []gotoclient.Key) error {
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

// Invite invites an organizer with one product, and returns it as GoTo shows it: with an InvitationKey where the
// service gives no key before the invitation is accepted.
//
// Nobody is invited whom GoTo, asked for that very address, already has: not by an old or partial list, and not after a
// lost answer. It returns ErrExists if there is one already. Who is there after a lost answer was invited by it: organizers have no
// date, and a moment before nobody had the address.
func (o *Organizers) Invite(ctx context.Context, who gotoclient.NewOrganizer) (gotoclient.User, error) {
	if err := o.acct.LastError(); err != nil {
		return gotoclient.User{}, err
	}
	if u, ok := o.ByEmail(who.Email); ok {
		return u, ErrExists
	}
	if u, err := o.api.find(ctx, who.Email); err != nil {
		return gotoclient.User{}, err
	} else if u != nil { // the records lack it, which is the second sign where there is nobody
		o.accept(u, o.records.Correct)
		return *u, ErrExists
	}
	o.acct.opts.Observe(gotoclient.OpCreateOrganizer, 1)
	key, err := o.api.api.Create(ctx, who)
	if gotoclient.IsConflict(err) || gotoclient.IsAmbiguous(err) {
		return o.afterInvitation(ctx, who.Email, err)
	}
	if err != nil {
		return gotoclient.User{}, err
	}
	if was, ok := o.Get(key); ok && !gotoclient.SameEmail(was.Email, who.Email) {
		return was, ErrExists // who has another address here
	}
	sent := organizerUser(&gotoclient.Organizer{
		Key: key, Email: who.Email, FirstName: who.FirstName, LastName: who.LastName,
		Status: gotoclient.OrganizerActive, Products: WithImplied([]string{who.Product}),
	})
	o.accept(&sent, o.records.Write)
	return o.looks.invited(ctx, &sent)
}

// afterInvitation looks what became of an invitation that was refused as existing, or whose answer was lost.
func (o *Organizers) afterInvitation(ctx context.Context, email string, cause error) (gotoclient.User, error) {
	u, there, err := o.ConfirmEmail(ctx, email)
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
func (o *Organizers) ConfirmEmail(ctx context.Context, email string) (gotoclient.User, bool, error) {
	u, err := o.api.find(ctx, email)
	switch {
	case err != nil:
		return gotoclient.User{}, false, err
	case u == nil:
		return o.confirmNobody(ctx, email)
	}
	o.accept(u, o.records.Correct)
	return *u, true, nil
}

// confirmNobody reads the list of organizers for an address that nobody seems to have.
func (o *Organizers) confirmNobody(ctx context.Context, email string) (gotoclient.User, bool, error) {
	if err := o.reader.After(ctx, o.acct.opts.Now()); err != nil {
		return gotoclient.User{}, false, err
	}
	if u, known := o.ByEmail(email); known && o.records.Listed(u.Key) {
		return gotoclient.User{}, false, fmt.Errorf("%w: the list of organizers has an address that GoTo does not find", ErrUnconfirmed)
	}
	o.vanish(InvitationKey(email))
	return gotoclient.User{}, false, nil
}

// accept lays over what is known what was read or written of one organizer. One with a key takes the place of the invitation.
func (o *Organizers) accept(u *gotoclient.User, lay func(gotoclient.Key, *gotoclient.User, time.Time)) {
	kept := *u
	lay(u.Key, &kept, o.acct.opts.Now())
	if !IsInvitation(u.Key) {
		o.vanish(InvitationKey(u.Email))
	}
}

// dropAccepted takes away the invitations of a list whose address has a key by now.
func dropAccepted(users map[gotoclient.Key]*keptUser) {
	if !slices.ContainsFunc(slices.Collect(maps.Keys(users)), IsInvitation) {
		return
	}
	for _, u := range users {
		if key := InvitationKey(u.email); u.key != key {
			delete(users, key)
		}
	}
}

// OrganizerChange is what the GoToMeeting API can change of an organizer: it adds products, or takes all of them.
type OrganizerChange struct {
	AddProducts []string
	Suspend     bool
}

// Change changes an organizer, by one request for each product (D). It returns ErrGone for one that is surely not
// there. After an error some products may have been added; those that were are in the records.
func (o *Organizers) Change(ctx context.Context, key gotoclient.Key, change OrganizerChange) error {
	api := o.api.api
	if change.Suspend {
		return o.written(ctx, key, api.Suspend(ctx, key), func(u *gotoclient.User) {
			u.Products, u.Status = nil, gotoclient.UserSuspended
		})
	}
	for _, product := range change.AddProducts {
		err := o.written(ctx, key, api.AddProduct(ctx, key, product), func(u *gotoclient.User) {
			u.Products, u.Status = WithImplied(append(slices.Clone(u.Products), product)), gotoclient.UserActive
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// written notes a write that succeeded, and finds out what it means that one says "not found".
func (o *Organizers) written(ctx context.Context, key gotoclient.Key, err error, apply func(*gotoclient.User)) error {
	o.acct.opts.Observe(gotoclient.OpUpdateOrganizer, 1)
	if err == nil {
		if u, ok := o.Get(key); ok {
			apply(&u)
			o.note(u)
		}
		return nil
	}
	if !evidence.IsMissing(err) {
		return err
	}
	if gone, cause := o.lookup.Gone(ctx, key, err); !gone {
		return cause
	}
	return ErrGone
}

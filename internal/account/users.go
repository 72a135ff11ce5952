package account

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Users of an account: what is known of them, and how they are created, changed and deleted.
type Users struct {
	acct    *Account
	api     userAPI
	records userRecords
	reader  *reading.Reader
	lookup  evidence.Lookup[gotoclient.User]
	creates *creates
	changes *changes
	looks   *looks
	gone    sync.Map     // keys of those that were found gone
	form    atomic.Int32 // of values of custom attributes, see forms

	ctx      context.Context //nolint:containedctx // of readings that nobody waits for
	whole    userAPI         // with all the settings of users, of which the records keep some
	kept     atomic.Pointer[keptSettings]
	shown    atomic.Pointer[keptSettings] // as of the last reading
	nets     sync.Map                     // *net
	settings *settingsChanges
}

// userAPI reads and writes the users of an account: gotoclient.UsersService, or what stands in for it where the
// account is not served by the Administration API.
type userAPI interface {
	Pages(ctx context.Context, opts gotoclient.ListOptions, reduce func(*gotoclient.User)) iter.Seq2[*gotoclient.Page[gotoclient.User], error]
	Get(ctx context.Context, key gotoclient.Key) (*gotoclient.User, error)
	Create(ctx context.Context, batch gotoclient.CreateUsers) ([]gotoclient.CreatedUser, error)
	Update(ctx context.Context, keys []gotoclient.Key, patch gotoclient.UserPatch) error
	Delete(ctx context.Context, keys []gotoclient.Key) error
}

func newUsers(ctx context.Context, a *Account) *Users {
	u := &Users{acct: a, ctx: ctx, api: a.opts.Client.Users(a.opts.Key)}
	if a.opts.Organizers {
		serveOrganizers(u)
	}
	u.api = keepSteady(u.api)
	u.whole, u.api = u.api, trimmed{u.api, u}
	u.kept.Store(newKeptSettings(a.opts.KeepSettings))
	u.records = newUserRecords(u.fill)
	u.reader = reading.NewReader(ctx, a.opts.Now, userList{u}.readKeeping)
	u.lookup = evidence.Lookup[gotoclient.User]{
		Get: u.api.Get, Lacks: u.lacking, SeesAll: a.seesAll,
		Forget: func(key gotoclient.Key) {
			u.gone.Store(key, true) // and not in vanish, which takes away the invitation of each organizer who has a key by now
			u.vanish(key)
		},
		Keep: func(_ gotoclient.Key, seen *gotoclient.User) { u.records.Correct(seen.Key, seen, a.opts.Now()) },
	}
	u.creates, u.changes, u.looks = newCreates(ctx, u), newChanges(ctx, u), newLooks(ctx, u)
	u.settings = newSettingsChanges(ctx, u)
	return u
}

// Get returns the user with the given key. That it is not there is not proof: see Confirm.
func (u *Users) Get(key gotoclient.Key) (gotoclient.User, bool) { return value(u.records.Get(key)) }

// ByEmail returns the user with the given address, compared by gotoclient.FoldEmail.
func (u *Users) ByEmail(email string) (gotoclient.User, bool) {
	return value(u.byEmail(email))
}

func (u *Users) byEmail(email string) *gotoclient.User {
	return u.records.ByName(gotoclient.FoldEmail(email))
}

func value[T any](record *T) (T, bool) {
	if record == nil {
		var none T
		return none, false
	}
	return *record, true
}

// Read asks GoTo for a user as it is now, past what we have written, together with others that are asked for at the same time:
// one request each, or the list where that costs less. What it reads takes the place of our own write in the records. The answer
// false is proof that the user is not there, as of Confirm.
func (u *Users) Read(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	return u.looks.read(ctx, key)
}

// Later is the read-back of a user who was changed with many others: it is known when that is over, whatever came of it. Nil where there is
// none to come.
func (u *Users) Later(key gotoclient.Key) *Making {
	later, _ := u.looks.shown.Load(key)
	making, _ := later.(*Making)
	return making
}

// recently is the age up to which the records are good enough to write over what they show.
const recently = time.Minute

// Recent is a user as GoTo has shown it within the last minute. A list of licences is written whole: one that somebody else has
// given since the records were made would be taken away. It returns ErrGone for a user that is surely not there.
func (u *Users) Recent(ctx context.Context, key gotoclient.Key) (gotoclient.User, error) {
	user, there := u.Get(key)
	if u.acct.opts.Now().Sub(u.records.ReadAt()) > recently {
		var err error
		if user, there, err = u.Read(ctx, key); err != nil {
			return user, err
		}
	}
	if !there {
		return user, ErrGone
	}
	return user, nil
}

// Confirm asks GoTo for a user that the records do not show. The answer false is proof that it is not there; where GoTo says
// so without proof, and the list does not agree, the error is ErrUnconfirmed.
func (u *Users) Confirm(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	return u.lookup.Confirm(ctx, key)
}

// Gone tells whether a user was found gone, by Confirm, and has not come back since. Of one whom the records do not show otherwise nothing is known.
func (u *Users) Gone(key gotoclient.Key) bool {
	_, gone := u.gone.Load(key)
	return gone && u.records.Get(key) == nil
}

// lacking reads the list of users, together with others that ask for it, and tells whether it lacks one.
func (u *Users) lacking(ctx context.Context, key gotoclient.Key) (bool, error) {
	err := u.reader.After(ctx, u.acct.opts.Now())
	return !u.records.Listed(key), err
}

// vanish forgets a user who was found gone. Whoever stands for the user is told, as no later reading finds a difference: one object may ask
// for a user whom another has just made.
func (u *Users) vanish(key gotoclient.Key) {
	was, known := u.Get(key)
	u.records.Correct(key, nil, u.acct.opts.Now())
	if known {
		u.acct.opts.OnChange(Change{Users: []UserRef{{key, gotoclient.FoldEmail(was.Email)}}})
	}
}

// Create creates a user together with others that are asked for at the same time, and returns once GoTo has taken that, or there is nothing to
// create.
//
// No list that failed, came back empty or is older than a minute authorises it. If the answer is lost, the account is
// read again: a user that was created is found by its e-mail address.
func (u *Users) Create(ctx context.Context, c *CreateUser) (*Making, error) {
	return u.creates.create(ctx, c)
}

// Update changes a user; equal changes to several users become one request. A change of licences or group is read
// back, and made again by the call that serves it alone if the change of the user did not: whether it does is UNVERIFIED.
// It returns ErrGone for a user that is surely not there, and a *SeatsError for want of a seat, in which case the rest of
// the patch has been written.
func (u *Users) Update(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	return u.changes.update(ctx, key, patch)
}

// UpdateSettings changes settings of a user for a product; equal changes to several users become one request if GoTo takes several
// (UNVERIFIED), and what is refused is tried by halves. Settings that it does not name stay as they are. It returns ErrGone for a user
// that is surely not there, a *gotoclient.UnverifiedError where what nobody has verified is not to be written, in which case nothing is
// read either, and an error of gotoclient.IsRefused for what GoTo does not take.
func (u *Users) UpdateSettings(ctx context.Context, key gotoclient.Key, product string, set gotoclient.Settings) error {
	return u.settings.update(ctx, key, product, set)
}

// Delete deletes a user if the brake allows it, or returns a *BlockedError. A user that is not there is deleted.
func (u *Users) Delete(ctx context.Context, key gotoclient.Key) error {
	err := u.acct.Deletions().braked(ctx, brake.Users, func(ctx context.Context) error { return u.api.Delete(ctx, []gotoclient.Key{key}) })
	if err != nil && !gotoclient.IsAbsent(err) {
		if gone, cause := u.lookup.Gone(ctx, key, err); !gone {
			return cause
		}
	}
	u.records.Write(key, nil, u.acct.opts.Now())
	return nil
}

// note keeps what was written.
func (u *Users) note(user gotoclient.User) { u.records.Write(user.Key, &user, u.acct.opts.Now()) }

// writing is true while writes are gathered or under way.
func (u *Users) writing() bool {
	return u.creates.batches.Busy() || u.changes.batches.Busy() || u.settings.batches.Busy() || u.acct.groups.moves.batches.Busy()
}

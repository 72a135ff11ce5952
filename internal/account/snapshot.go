package account

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrInconsistent says that a list contradicted itself several times over: see package reading.
var ErrInconsistent = reading.ErrInconsistent

// lag is how long a list may still show a user as it was before our own write (visibility lag: C, length
// UNVERIFIED). For that long our own write is believed rather than the list.
const lag = 2 * time.Minute

// snapshot is the last complete reading, with our own writes since applied to it.
type snapshot struct {
	mu       sync.RWMutex
	users    map[gotoclient.Key]*gotoclient.User
	byEmail  map[string]gotoclient.Key
	groups   map[gotoclient.Key]*gotoclient.Group
	groupsAt time.Time // when the last reading of them began
	licenses []gotoclient.License
	hidden   map[gotoclient.Key]int // seats of a licence that no listed user has, as of the last reading
	takenAt  time.Time              // when the last complete reading began; zero before the first
	lastErr  error
	// written and deleted are our own writes and when they were answered.
	written map[gotoclient.Key]time.Time
	deleted map[gotoclient.Key]time.Time
	// unseen are users that our own writes keep although the last reading did not show them.
	unseen map[gotoclient.Key]bool
}

// Summary is what an account's status shows of the snapshot.
type Summary struct {
	TakenAt       time.Time
	Users, Groups int
	Licenses      []gotoclient.License
}

// Summary of the last complete reading.
func (a *Account) Summary() Summary {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	s := &a.state
	return Summary{TakenAt: s.takenAt, Users: len(s.users), Groups: len(s.groups), Licenses: s.licenses}
}

// LastError is why the last reading failed, or nil.
func (a *Account) LastError() error {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	return a.state.lastErr
}

// User returns the user with the given key. That it is not there is not proof: see ConfirmUser.
func (a *Account) User(key gotoclient.Key) (gotoclient.User, bool) {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	return a.state.get(key)
}

// UserByEmail returns the user with the given address, compared by gotoclient.FoldEmail.
func (a *Account) UserByEmail(email string) (gotoclient.User, bool) {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	return a.state.get(a.state.byEmail[gotoclient.FoldEmail(email)])
}

func (s *snapshot) get(key gotoclient.Key) (gotoclient.User, bool) {
	if u := s.users[key]; u != nil {
		return *u, true
	}
	return gotoclient.User{}, false
}

func (s *snapshot) put(u *gotoclient.User) {
	if s.users == nil {
		s.users, s.byEmail = map[gotoclient.Key]*gotoclient.User{}, map[string]gotoclient.Key{}
	}
	s.unindex(u.Key)
	s.users[u.Key] = u
	s.byEmail[gotoclient.FoldEmail(u.Email)] = u.Key
}

// unindex forgets the address of a user, unless it is somebody else's by now.
func (s *snapshot) unindex(key gotoclient.Key) {
	old := s.users[key]
	if old == nil {
		return
	}
	if email := gotoclient.FoldEmail(old.Email); s.byEmail[email] == key {
		delete(s.byEmail, email)
	}
}

func (s *snapshot) remove(key gotoclient.Key) {
	s.unindex(key)
	delete(s.written, key)
	delete(s.users, key)
}

// noteWritten applies our own write: fields of a user that exists, or a new one.
func (a *Account) noteWritten(u *gotoclient.User) {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.state.written == nil {
		a.state.written = map[gotoclient.Key]time.Time{}
	}
	a.state.written[u.Key] = a.opts.Now()
	delete(a.state.deleted, u.Key)
	delete(a.state.unseen, u.Key)
	a.state.put(u)
}

func (a *Account) noteDeleted(key gotoclient.Key) {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.state.deleted == nil {
		a.state.deleted = map[gotoclient.Key]time.Time{}
	}
	a.state.deleted[key] = a.opts.Now()
	a.state.remove(key)
}

// Refresh reads users, groups and licences whole, and reports what changed. It costs one request per page.
func (a *Account) Refresh(ctx context.Context) error {
	if err := a.refreshing.Take(ctx); err != nil {
		return err
	}
	defer a.refreshing.Leave()
	ctx = budget.WithPriority(ctx, budget.Background)
	users, err := a.refreshUsers(ctx)
	var groups []GroupRef
	licenses := false
	served := !a.opts.Organizers // whose API has neither groups nor licences
	if err == nil && served {
		groups, err = a.refreshGroups(ctx)
	}
	if err == nil && served {
		licenses, err = a.refreshLicenses(ctx)
	}
	a.state.mu.Lock()
	a.state.lastErr = err
	a.state.mu.Unlock()
	a.opts.OnChange(Change{Users: users, Groups: groups, Licenses: licenses, Meetings: a.resyncMeetings(ctx), Err: err})
	return err
}

// refreshIfOlder reads the users again unless a reading began within maxAge. Callers that wait for the same reading
// share it.
func (a *Account) refreshIfOlder(ctx context.Context, maxAge time.Duration) error {
	asked := a.opts.Now()
	if err := a.refreshing.Take(ctx); err != nil {
		return err
	}
	defer a.refreshing.Leave()
	if at := a.Summary().TakenAt; !at.IsZero() && at.After(asked.Add(-maxAge)) {
		return nil
	}
	users, err := a.refreshUsers(ctx)
	if err == nil && len(users) > 0 {
		a.opts.OnChange(Change{Users: users})
	}
	return err
}

func (a *Account) refreshUsers(ctx context.Context) ([]UserRef, error) {
	began := a.opts.Now()
	users, err := a.readUsers(ctx)
	if err != nil {
		return nil, err
	}
	return a.swap(began, users), nil
}

// readUsers reads the list of users. Where one has come and the number is the same, somebody may have left meanwhile, so that between two
// pages a record was passed over: the list is read once more.
func (a *Account) readUsers(ctx context.Context) (map[gotoclient.Key]*gotoclient.User, error) {
	list := reading.List[gotoclient.User]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.User], error] {
			return a.users.Pages(ctx, o)
		},
		Key:    func(u *gotoclient.User) gotoclient.Key { return u.Key },
		Valid:  func(k gotoclient.Key) bool { return k.Valid() || IsInvitation(k) },
		Reduce: func(u *gotoclient.User) { u.Settings = nil }, // large, and nobody reads them here
		Size:   a.know.Users, Now: a.opts.Now,
	}
	users, err := list.Whole()
	if err == nil && len(users) > a.know.Users.At(a.opts.Now()) && a.mayHaveShifted(users) {
		users, err = list.Whole()
	}
	if err == nil && len(users) == 0 {
		return users, a.believeEmpty(ctx)
	}
	return users, err
}

// mayHaveShifted is true if a reading shows somebody new and yet as many as the one before.
func (a *Account) mayHaveShifted(users map[gotoclient.Key]*gotoclient.User) bool {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	if len(users) != len(a.state.users) {
		return false
	}
	for key := range users {
		if a.state.users[key] == nil {
			return true
		}
	}
	return false
}

// believeEmpty refuses an empty list of an account in which at least the credentials' own user is found.
func (a *Account) believeEmpty(ctx context.Context) error {
	_, err := a.users.Get(ctx, a.Me().Key)
	switch {
	case gotoclient.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: it is empty, and yet the credentials' own user is there", ErrInconsistent)
}

// swap puts a reading in place of the last, keeps our own writes that it may not show yet, and returns what changed.
func (a *Account) swap(began time.Time, users map[gotoclient.Key]*gotoclient.User) []UserRef {
	s := &a.state
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.users
	stale := began.Add(-lag)
	s.unseen = map[gotoclient.Key]bool{}
	for key, at := range s.written {
		switch listed := users[key]; {
		case at.Before(stale):
			delete(s.written, key)
		case listed == nil || at.After(began):
			users[key] = old[key]
			s.unseen[key] = listed == nil
		default:
			delete(s.written, key) // the list has caught up: from now on, what it lacks is gone
		}
	}
	for key, at := range s.deleted {
		if at.Before(stale) {
			delete(s.deleted, key)
			continue
		}
		delete(users, key)
	}
	dropAccepted(users, s.written)
	s.users, s.byEmail = nil, nil
	for key, u := range users {
		if was := old[key]; was != nil && u.ManagedGroupKeys == nil {
			u.ManagedGroupKeys = was.ManagedGroupKeys // reads may lack them (UNVERIFIED): what was written is all that is known
		}
		s.put(u)
	}
	if s.users == nil {
		s.users, s.byEmail = users, map[string]gotoclient.Key{}
	}
	first := s.takenAt.IsZero()
	s.takenAt = began
	if first {
		return nil // everything is new: the caller starts every object anyway
	}
	return differences(old, s.users)
}

func differences(old, now map[gotoclient.Key]*gotoclient.User) []UserRef {
	var refs []UserRef
	add := func(u *gotoclient.User) { refs = append(refs, UserRef{u.Key, gotoclient.FoldEmail(u.Email)}) }
	for key, u := range now {
		if before := old[key]; before == nil || !reflect.DeepEqual(before, u) {
			add(u)
			if before != nil && !gotoclient.SameEmail(before.Email, u.Email) {
				add(before)
			}
		}
	}
	for key, u := range old {
		if now[key] == nil {
			add(u)
		}
	}
	return refs
}

package state

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Store is a State that is worked on.
type Store struct {
	Accounts []*Directory
	OAuth    OAuth
	Outbox   []Mail

	keys      keyring
	incidents int
}

// NewStore builds the indexes of a state, which it copies. It fails when the state contradicts itself, such as by two users of one
// key. Refresh tokens without a date count as issued now.
func NewStore(in *State, now time.Time) (*Store, error) {
	s := &Store{OAuth: in.OAuth.clone(), Outbox: slices.Clone(in.Outbox), keys: keyring{}}
	for i := range in.Accounts {
		account := &in.Accounts[i]
		if !IsKey(account.Key) || s.Account(account.Key) != nil {
			return nil, fmt.Errorf("account key %q is no key, or is there twice", account.Key)
		}
		d, err := newDirectory(account)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", account.Key, err)
		}
		s.keys.noteAll(account)
		s.Accounts = append(s.Accounts, d)
	}
	for i := range s.OAuth.RefreshTokens {
		if t := &s.OAuth.RefreshTokens[i]; t.IssuedAt.IsZero() {
			t.IssuedAt = now
		}
	}
	return s, nil
}

func newDirectory(in *Account) (*Directory, error) {
	d := &Directory{
		Key: in.Key, Name: in.Name, NoAdminAccess: in.NoAdminAccess, Free: in.Free, Illegal: in.Illegal, Logo: slices.Clone(in.Logo),
		Groups: slices.Clone(in.Groups), Licenses: Licenses(in.Licenses).clone(), Defined: in.clone(),
		byKey:   make(map[string]*User, len(in.Users)),
		byEmail: emails{users: make(map[string]*User, len(in.Users))},
		deleted: make(map[string]User, len(in.Deleted)),
		taken:   map[string]int{},
	}
	d.Groups.Sort()
	for _, fill := range []func(*Directory, *Account) error{checkKeys, takeUsers, takeDeleted, takeMeetings} {
		if err := fill(d, in); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func checkKeys(d *Directory, _ *Account) error {
	for _, g := range d.Groups {
		if !IsKey(g.Key) {
			return fmt.Errorf("%q is no key of a group", g.Key)
		}
	}
	for _, l := range d.Licenses {
		if !IsKey(l.Key) {
			return fmt.Errorf("%q is no key of a licence", l.Key)
		}
	}
	return d.Defined.check()
}

func takeUsers(d *Directory, in *Account) error {
	for i := range in.Users {
		u := in.Users[i].Clone()
		if err := d.check(&u); err != nil {
			return err
		}
		if err := d.Add(&u); err != nil {
			return err
		}
	}
	return nil
}

func takeDeleted(d *Directory, in *Account) error {
	for i := range in.Deleted {
		u := in.Deleted[i].Clone()
		if !IsKey(u.Key) || u.Email == "" {
			return fmt.Errorf("deleted user %q has no e-mail, or key %q is none", u.Email, u.Key)
		}
		d.deleted[FoldEmail(u.Email)] = u
	}
	return nil
}

// State returns a copy of the whole state.
func (s *Store) State() State {
	out := State{Outbox: slices.Clone(s.Outbox), OAuth: s.OAuth.clone()}
	for _, d := range s.Accounts {
		out.Accounts = append(out.Accounts, stateOf(d))
	}
	return out
}

func stateOf(d *Directory) Account {
	out := Account{
		Key: d.Key, Name: d.Name, NoAdminAccess: d.NoAdminAccess, Free: d.Free, Illegal: d.Illegal, Logo: slices.Clone(d.Logo),
		Groups: slices.Clone(d.Groups), Licenses: d.Licenses.clone(), Defined: d.clone(),
		Meetings: d.CopyMeetings(), Sessions: d.CopySessions(),
	}
	for _, u := range d.Users {
		out.Users = append(out.Users, d.Snapshot(u))
	}
	for _, email := range slices.Sorted(maps.Keys(d.deleted)) {
		u := d.deleted[email]
		out.Deleted = append(out.Deleted, u.Clone())
	}
	return out
}

// Account returns the account with that key, nil if there is none.
func (s *Store) Account(key string) *Directory {
	for _, d := range s.Accounts {
		if d.Key == key {
			return d
		}
	}
	return nil
}

// AccountsOf returns the accounts that a user belongs to; the first is the primary one (D).
func (s *Store) AccountsOf(userKey string) []*Directory {
	var accounts []*Directory
	for _, d := range s.Accounts {
		if d.User(userKey) != nil {
			accounts = append(accounts, d)
		}
	}
	return accounts
}

// UserOf returns the user of a token, nil if there is none: the first account's record counts, since it is the primary account (D).
func (s *Store) UserOf(key string) *User {
	for _, d := range s.Accounts {
		if u := d.User(key); u != nil {
			return u
		}
	}
	return nil
}

// NewKey returns a key that was never used.
func (s *Store) NewKey(kind KeyKind) string { return s.keys.next(kind) }

// Incident returns the name of one more incident, as answers about refusals carry it. It is not kept with the state.
func (s *Store) Incident() string {
	s.incidents++
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.incidents)
}

// Send puts an e-mail into the outbox.
func (s *Store) Send(m Mail) { s.Outbox = append(s.Outbox, m) }

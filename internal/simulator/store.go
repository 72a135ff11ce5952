package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Load replaces the whole state. It fails, and changes nothing, when the state contradicts itself, such as by two users of one
// key. Switches, faults, clock and log stay as they are.
func (s *Simulator) Load(state State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.replaceState(state); err != nil {
		return err
	}
	s.persist()
	return nil
}

// State returns a copy of the whole state.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

func (s *Simulator) state() State {
	state := State{Outbox: slices.Clone(s.outbox), OAuth: OAuth{
		Clients:       slices.Clone(s.oauth.Clients),
		RefreshTokens: slices.Clone(s.oauth.RefreshTokens),
		PATs:          slices.Clone(s.oauth.PATs),
		Passwords:     slices.Clone(s.oauth.Passwords),
		AccessTokens:  slices.Clone(s.oauth.AccessTokens),
		Issued:        s.oauth.Issued,
	}}
	for _, a := range s.accounts {
		out := Account{
			Key: a.key, Name: a.name, NoAdminAccess: a.noAdminAccess,
			Groups: slices.Clone(a.groups), Licenses: cloneLicenses(a.licenses),
			Free: a.free, Meetings: a.copyMeetings(), Sessions: a.copySessions(),
		}
		for _, u := range a.users {
			out.Users = append(out.Users, a.snapshot(u))
		}
		for _, email := range slices.Sorted(maps.Keys(a.deleted)) {
			u := a.deleted[email]
			out.Deleted = append(out.Deleted, clone(&u))
		}
		state.Accounts = append(state.Accounts, out)
	}
	return state
}

// replaceState builds the indexes of a state and then takes it over.
func (s *Simulator) replaceState(state State) error {
	lastKey := map[keyKind]uint64{}
	var accounts []*account
	for _, in := range state.Accounts {
		if !isKey(in.Key) || slices.ContainsFunc(accounts, func(a *account) bool { return a.key == in.Key }) {
			return fmt.Errorf("account key %q is no key, or is there twice", in.Key)
		}
		a, err := newAccount(in)
		if err != nil {
			return fmt.Errorf("account %s: %w", in.Key, err)
		}
		for _, u := range slices.Concat(in.Users, in.Deleted) {
			noteKey(lastKey, userKeys, u.Key)
		}
		for _, l := range in.Licenses {
			noteKey(lastKey, licenseKeys, l.Key)
		}
		for _, g := range in.Groups {
			noteKey(lastKey, groupKeys, g.Key)
		}
		noteMeetings(lastKey, in)
		accounts = append(accounts, a)
	}
	s.accounts, s.lastKey = accounts, lastKey
	s.oauth = OAuth{
		Clients:       slices.Clone(state.OAuth.Clients),
		RefreshTokens: slices.Clone(state.OAuth.RefreshTokens),
		PATs:          slices.Clone(state.OAuth.PATs),
		Passwords:     slices.Clone(state.OAuth.Passwords),
		AccessTokens:  slices.Clone(state.OAuth.AccessTokens),
		Issued:        state.OAuth.Issued,
	}
	for i := range s.oauth.RefreshTokens {
		if t := &s.oauth.RefreshTokens[i]; t.IssuedAt.IsZero() {
			t.IssuedAt = s.time()
		}
	}
	s.outbox = slices.Clone(state.Outbox)
	return nil
}

func newAccount(in Account) (*account, error) {
	a := &account{
		key: in.Key, name: in.Name, noAdminAccess: in.NoAdminAccess, free: in.Free,
		byKey:    make(map[string]*User, len(in.Users)),
		byEmail:  make(map[string]*User, len(in.Users)),
		deleted:  make(map[string]User, len(in.Deleted)),
		groups:   slices.Clone(in.Groups),
		licenses: cloneLicenses(in.Licenses),
		taken:    map[string]int{},
	}
	a.sortGroups()
	for _, key := range slices.Concat(keysOf(a.groups, func(g Group) string { return g.Key }),
		keysOf(a.licenses, func(l License) string { return l.Key })) {
		if !isKey(key) {
			return nil, fmt.Errorf("%q is no key of a group or licence", key)
		}
	}
	for i := range in.Users {
		u := clone(&in.Users[i])
		if err := a.check(&u); err != nil {
			return nil, err
		}
		if err := a.add(&u); err != nil {
			return nil, err
		}
	}
	for i := range in.Deleted {
		u := clone(&in.Deleted[i])
		if !isKey(u.Key) || u.Email == "" {
			return nil, fmt.Errorf("deleted user %q has no e-mail, or key %q is none", u.Email, u.Key)
		}
		a.deleted[foldEmail(u.Email)] = u
	}
	return a, a.takeMeetings(in)
}

// check looks for references of a user that lead nowhere, and for settings that could not be shown.
func (a *account) check(u *User) error {
	for _, key := range u.LicenseKeys {
		if a.license(key) == nil {
			return fmt.Errorf("user %q has the licence %q, which the account has not", u.Email, key)
		}
	}
	if u.GroupKey != "" && a.group(u.GroupKey) == nil {
		return fmt.Errorf("user %q is in the group %q, which the account has not", u.Email, u.GroupKey)
	}
	if len(u.Settings) > 0 && !json.Valid(u.Settings) {
		return fmt.Errorf("user %q has settings that are no JSON", u.Email)
	}
	return nil
}

func keysOf[T any](items []T, key func(T) string) []string {
	keys := make([]string, 0, len(items))
	for _, item := range items {
		keys = append(keys, key(item))
	}
	return keys
}

func cloneLicenses(in []License) []License {
	out := slices.Clone(in)
	for i := range out {
		out[i].Products = slices.Clone(out[i].Products)
	}
	return out
}

// noteKey remembers the highest key of a range, so that generated keys never meet it.
func noteKey(last map[keyKind]uint64, kind keyKind, key string) {
	const rangeSize = 100_000_000_000_000_000
	n, err := strconv.ParseUint(key, 10, 64)
	if err == nil && n > uint64(kind) && n < uint64(kind)+rangeSize {
		last[kind] = max(last[kind], n)
	}
}

// newKey returns a key that was never used.
func (s *Simulator) newKey(kind keyKind) string {
	s.lastKey[kind] = max(s.lastKey[kind], uint64(kind)) + 1
	return strconv.FormatUint(s.lastKey[kind], 10)
}

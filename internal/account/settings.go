package account

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Settings are those that no user has: those with which new users begin, those of the account, and the countries that it has numbers of.
// They are there from the beginning and never created or deleted. Each is read when somebody asks for it, and not again before the next
// resync has begun.
type Settings struct {
	acct *Account
	api  *gotoclient.SettingsService
	ctx  context.Context //nolint:containedctx // of readings, which outlive those who asked for them

	mu     sync.Mutex
	levels map[SettingsRef]*single[gotoclient.Settings]
	lists  map[SettingsRef]*single[[]string]
	inUse  func(context.Context) []SettingsRef
}

// SettingsLevel is a level of settings above that of users.
type SettingsLevel string

// The levels.
const (
	SettingsOfNewUsers SettingsLevel = "newUsers"
	SettingsOfAccount  SettingsLevel = "account"

	tollCountries     SettingsLevel = "tollCountries"
	tollFreeCountries SettingsLevel = "tollFreeCountries"
)

// SettingsRef names the settings of one level for one product.
type SettingsRef struct {
	Level   SettingsLevel
	Product string
}

func newSettings(ctx context.Context, a *Account) *Settings {
	return &Settings{
		acct: a, api: a.opts.Client.Settings(a.opts.Key), ctx: ctx,
		levels: map[SettingsRef]*single[gotoclient.Settings]{}, lists: map[SettingsRef]*single[[]string]{},
	}
}

// Use has those settings read at every resync from now on that inUse names, so that somebody else's change is reported.
func (s *Settings) Use(inUse func(context.Context) []SettingsRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse = inUse
}

// MayUpdate returns the *gotoclient.UnverifiedError of a write to a level, or nil. It sends nothing.
func (s *Settings) MayUpdate(level SettingsLevel) error {
	if level == SettingsOfAccount {
		return s.api.MayUpdateAccount()
	}
	return s.api.MayUpdateNewUsers()
}

// NewUsers are the settings with which new users begin.
func (s *Settings) NewUsers(ctx context.Context, product string) (gotoclient.Settings, error) {
	return s.level(SettingsRef{SettingsOfNewUsers, product}).get(ctx, s.acct.users.records.ReadAt())
}

// UpdateNewUsers changes settings with which new users begin; those that it does not name stay as they are. It reads before it writes, and
// after. That the change came about is for the caller to see.
func (s *Settings) UpdateNewUsers(ctx context.Context, product string, set gotoclient.Settings) error {
	return s.update(ctx, SettingsRef{SettingsOfNewUsers, product}, set)
}

// Account are the settings of the account.
func (s *Settings) Account(ctx context.Context, product string) (gotoclient.Settings, error) {
	return s.level(SettingsRef{SettingsOfAccount, product}).get(ctx, s.acct.users.records.ReadAt())
}

// UpdateAccount changes settings of the account as UpdateNewUsers does. Whether GoTo gives them to all users is UNVERIFIED.
func (s *Settings) UpdateAccount(ctx context.Context, product string, set gotoclient.Settings) error {
	return s.update(ctx, SettingsRef{SettingsOfAccount, product}, set)
}

// TollCountries are the countries of which the account has toll numbers.
func (s *Settings) TollCountries(ctx context.Context, product string) ([]string, error) {
	return s.list(SettingsRef{tollCountries, product}, s.api.TollCountries).get(ctx, s.acct.users.records.ReadAt())
}

// TollFreeCountries are the countries of which the account has toll-free numbers.
func (s *Settings) TollFreeCountries(ctx context.Context, product string) ([]string, error) {
	return s.list(SettingsRef{tollFreeCountries, product}, s.api.TollFreeCountries).get(ctx, s.acct.users.records.ReadAt())
}

func (s *Settings) level(ref SettingsRef) *single[gotoclient.Settings] {
	read := s.api.NewUsers
	if ref.Level == SettingsOfAccount {
		read = s.api.Account
	}
	return singleOf(s, s.levels, ref, read)
}

func (s *Settings) list(ref SettingsRef, read func(context.Context, string) ([]string, error)) *single[[]string] {
	return singleOf(s, s.lists, ref, read)
}

func singleOf[T any](s *Settings, all map[SettingsRef]*single[T], ref SettingsRef, read func(context.Context, string) (T, error)) *single[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all[ref] == nil {
		all[ref] = newSingle(s.ctx, s.acct.opts.Now, func(ctx context.Context) (T, error) { return read(ctx, ref.Product) })
	}
	return all[ref]
}

// update writes all that can be written of a level, with what is wanted in its place: whether a write leaves the rest alone is not known.
func (s *Settings) update(ctx context.Context, ref SettingsRef, set gotoclient.Settings) error {
	if len(set) == 0 {
		return nil
	}
	if s.acct.opts.Organizers {
		return ErrNotServed
	}
	level := s.level(ref)
	if err := level.lock(ctx); err != nil {
		return err
	}
	defer level.unlock()
	before, err := level.fresh(ctx)
	if err != nil {
		return err
	}
	if err := s.write(ctx, ref, level, before.Choices().With(set), set); err != nil {
		return err
	}
	level.report()
	return nil
}

// write sends them in the form that is known to be right, or finds out which is. It leaves the level as it is read after that.
func (s *Settings) write(ctx context.Context, ref SettingsRef, level *single[gotoclient.Settings], body, set gotoclient.Settings) error {
	send := func(api *gotoclient.SettingsService) error {
		if ref.Level == SettingsOfAccount {
			return api.UpdateAccount(ctx, ref.Product, body)
		}
		return api.UpdateNewUsers(ctx, ref.Product, body)
	}
	shows := func() (bool, error) {
		seen, err := level.fresh(ctx)
		return err == nil && seen.Has(set), err
	}
	var err error
	switch s.acct.know.knows(&s.acct.know.SettingsWrapped) {
	case knowledge.Yes:
		err = send(s.api.Wrapped())
	case knowledge.No:
		err = send(s.api)
	case knowledge.Unknown:
		return tryForms(s.acct, send, shows)
	}
	if err == nil {
		_, err = shows()
	}
	return err
}

// resync reads what is in use, and returns what is different from what was reported before.
func (s *Settings) resync(ctx context.Context) []SettingsRef {
	s.mu.Lock()
	inUse := s.inUse
	s.mu.Unlock()
	if inUse == nil {
		return nil
	}
	var changed []SettingsRef
	for _, ref := range inUse(ctx) {
		level := s.level(ref)
		if _, err := level.get(ctx, s.acct.users.records.ReadAt()); err == nil && level.report() {
			changed = append(changed, ref)
		}
	}
	return changed
}

// single is one thing that is read by itself.
type single[T any] struct {
	reader *reading.Reader
	clock  func() time.Time
	writer chan struct{} // who holds it may write

	mu       sync.Mutex
	value    T
	reported *T
	refused  error     // by GoTo, which asking again does not cure
	at       time.Time // of that
}

func newSingle[T any](ctx context.Context, now func() time.Time, read func(context.Context) (T, error)) *single[T] {
	s := &single[T]{clock: now, writer: make(chan struct{}, 1)}
	s.reader = reading.NewReader(ctx, now, func(ctx context.Context, began time.Time, _ func(gotoclient.Key) bool) error {
		value, err := read(ctx)
		s.note(value, began, err)
		return err
	})
	return s
}

func (s *single[T]) note(value T, began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused, s.at = nil, began
	switch {
	case gotoclient.IsRefused(err) || gotoclient.IsUnauthenticated(err):
		s.refused = err
	case err == nil:
		s.value = value
	}
}

// get returns it as read since t, or why GoTo refused that since.
func (s *single[T]) get(ctx context.Context, t time.Time) (T, error) {
	s.mu.Lock()
	refused := s.refused
	if s.at.Before(t) {
		refused = nil
	}
	s.mu.Unlock()
	if refused != nil {
		var none T
		return none, refused
	}
	return s.since(ctx, t.Add(-1))
}

// fresh reads it.
func (s *single[T]) fresh(ctx context.Context) (T, error) { return s.since(ctx, s.clock()) }

func (s *single[T]) since(ctx context.Context, t time.Time) (value T, err error) {
	if err = s.reader.After(ctx, t); err != nil {
		return value, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, nil
}

// report notes that what is known now is no news any more, and tells whether it was.
func (s *single[T]) report() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := s.reported != nil && !reflect.DeepEqual(*s.reported, s.value)
	s.reported = new(s.value)
	return news
}

// lock waits until nobody else writes.
func (s *single[T]) lock(ctx context.Context) error {
	select {
	case s.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *single[T]) unlock() { <-s.writer }

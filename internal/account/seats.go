package account

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// SeatsError says that a licence has no free seat, as its own count shows or as GoTo's refusal of it alone. The statuses
// and codes of that refusal are UNVERIFIED, so they are not looked at.
type SeatsError struct{ License gotoclient.Key }

func (e *SeatsError) Error() string {
	return fmt.Sprintf("licence %s has no free seat", e.License)
}

// seats is what is known of seats beyond what the lists say.
type seats struct {
	mu sync.Mutex
	// limit is the number of seats that were in use when GoTo refused one more. The next reading of the account forgets
	// it, so that a licence is tried once per resync.
	limit  map[gotoclient.Key]int
	readAt time.Time // when the licences were last read
}

// Seats is a licence and who has it.
type Seats struct {
	gotoclient.License

	// Used seats: those of the users that are listed, with our own writes, and those that GoTo counts beyond them (devices,
	// invitations).
	Used int
	// Free seats; Unlimited if there is no number.
	Free int
}

// Unlimited is the number of free seats of a licence that has no number of seats. How GoTo shows one is UNVERIFIED: a
// negative number, or none although seats are in use, is taken for it.
const Unlimited = 1 << 30

// Seats of every licence, as of the last reading and our own writes since.
func (a *Account) Seats() map[gotoclient.Key]Seats {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	a.seats.mu.Lock()
	defer a.seats.mu.Unlock()
	holders := a.state.holders()
	out := make(map[gotoclient.Key]Seats, len(a.state.licenses))
	for _, l := range a.state.licenses {
		s := Seats{License: l, Used: holders[l.Key] + a.state.hidden[l.Key]}
		switch limit, refused := a.seats.limit[l.Key]; {
		case refused:
			s.Free = max(0, min(l.Seats, limit)-s.Used)
		case l.Seats < 0 || (l.Seats == 0 && l.UserCount > 0):
			s.Free = Unlimited
		default:
			s.Free = max(0, l.Seats-s.Used)
		}
		out[l.Key] = s
	}
	return out
}

// holders counts the users of every licence.
func (s *snapshot) holders() map[gotoclient.Key]int {
	out := map[gotoclient.Key]int{}
	for _, u := range s.users {
		for _, key := range u.LicenseKeys {
			out[key]++
		}
	}
	return out
}

// refreshLicenses reads the list of licences, and tells whether one of them or its seats are different.
func (a *Account) refreshLicenses(ctx context.Context) (bool, error) {
	read, err := reading.List[gotoclient.License]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.License], error] {
			return a.opts.Client.Licenses(a.opts.Key).Pages(ctx, o)
		},
		Key: func(l *gotoclient.License) gotoclient.Key { return l.Key }, Valid: gotoclient.Key.Valid, Size: a.know.Licenses, Now: a.opts.Now,
		Reduce: func(l *gotoclient.License) { l.UserKeys, l.InvitedUserKeys, l.DeviceKeys = nil, nil, nil }, // as many as seats, and the users say the same
	}.Whole()
	if err != nil {
		return false, err
	}
	var licenses []gotoclient.License
	for _, key := range slices.Sorted(maps.Keys(read)) {
		licenses = append(licenses, *read[key])
	}
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	a.seats.mu.Lock()
	defer a.seats.mu.Unlock()
	holders := a.state.holders()
	hidden := map[gotoclient.Key]int{}
	for _, l := range licenses {
		hidden[l.Key] = max(0, l.UserCount-holders[l.Key])
	}
	changed := len(a.seats.limit) > 0 || !reflect.DeepEqual(a.state.licenses, licenses) || !maps.Equal(a.state.hidden, hidden)
	a.state.licenses, a.state.hidden = licenses, hidden
	a.seats.limit, a.seats.readAt = nil, a.opts.Now()
	return changed, nil
}

// currentSeats are the seats after a request was refused: read again, unless they were since it was sent.
func (a *Account) currentSeats(ctx context.Context, sent time.Time) (map[gotoclient.Key]Seats, error) {
	if err := a.refreshing.Take(ctx); err != nil {
		return nil, err
	}
	defer a.refreshing.Leave()
	a.seats.mu.Lock()
	fresh := a.seats.readAt.After(sent)
	a.seats.mu.Unlock()
	if !fresh {
		changed, err := a.refreshLicenses(ctx)
		if err != nil {
			return nil, err
		}
		if changed {
			a.opts.OnChange(Change{Licenses: true})
		}
	}
	return a.Seats(), nil
}

// exhausted tells, after a request was sent and refused, whether there are fewer seats than it takes: gains are the licences that
// it gives, one for each user. The error is a *SeatsError then, nil if something else must be wrong. None of the users is
// served: who comes first is for the plan to say.
func (a *Account) exhausted(ctx context.Context, sent time.Time, gains []gotoclient.Key) error {
	if len(gains) == 0 {
		return nil
	}
	seats, err := a.currentSeats(ctx, sent)
	if err != nil {
		return err
	}
	needed := map[gotoclient.Key]int{}
	for _, key := range gains {
		needed[key]++
		if s, known := seats[key]; known && needed[key] > s.Free {
			return &SeatsError{key}
		}
	}
	return nil
}

// refuseSeats notes that GoTo gives no more seats of a licence, whatever its count says.
func (a *Account) refuseSeats(keys []gotoclient.Key) {
	used := a.Seats()
	a.seats.mu.Lock()
	defer a.seats.mu.Unlock()
	if a.seats.limit == nil {
		a.seats.limit = map[gotoclient.Key]int{}
	}
	for _, key := range keys {
		a.seats.limit[key] = used[key].Used
	}
}

// putWithoutSeats finds out whether a change was refused for the seats it takes, by sending the rest of it alone. The first
// error is a *SeatsError if it was, the second what is wrong otherwise.
func (a *Account) putWithoutSeats(ctx context.Context, before gotoclient.User, patch gotoclient.UserPatch, sent time.Time, cause error) (seatless, other error) {
	gained := without(*patch.LicenseKeys, before.LicenseKeys)
	if len(gained) == 0 {
		return nil, cause
	}
	exhausted := cause // of the batch, if it is one
	if !errors.As(cause, new(*SeatsError)) {
		exhausted = a.exhausted(ctx, sent, gained)
	}
	rest := patch
	kept := without(*patch.LicenseKeys, gained)
	rest.LicenseKeys = &kept
	if len(kept) == len(before.LicenseKeys) {
		rest.LicenseKeys = nil
	}
	if rest != (gotoclient.UserPatch{}) {
		if err := a.put(ctx, before.Key, rest); err != nil {
			return nil, cause
		}
	}
	if exhausted == nil {
		a.refuseSeats(gained)
		exhausted = &SeatsError{gained[0]}
	}
	return exhausted, nil
}

// removeSeats takes away by the one attested call what a change of the user left there: whether its list of licences
// replaces or adds is not proven (C).
func (a *Account) removeSeats(ctx context.Context, seen gotoclient.User, left []gotoclient.Key) error {
	for _, license := range left {
		err := a.opts.Client.Licenses(a.opts.Key).RemoveSeat(ctx, license, seen.Key, true)
		if err != nil && !gotoclient.IsRefused(err) {
			return err
		}
		now, there, confirmErr := a.ConfirmUser(ctx, seen.Key)
		switch {
		case confirmErr != nil:
			return confirmErr
		case !there:
			return ErrGone
		case slices.Contains(now.LicenseKeys, license):
			return err
		}
	}
	return nil
}

// without are the items of list that are not in others.
func without(list, others []gotoclient.Key) []gotoclient.Key {
	var out []gotoclient.Key
	for _, key := range list {
		if !slices.Contains(others, key) {
			out = append(out, key)
		}
	}
	return out
}

package account

import (
	"context"
	"iter"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// seat is a user's of a licence.
type seat struct{ user, license gotoclient.Key }

// Licenses of an account, and their seats.
type Licenses struct {
	acct   *Account
	api    *gotoclient.LicensesService
	reader *reading.Reader

	mu     sync.Mutex
	listed []gotoclient.License   // by key, as of the last reading
	hidden map[gotoclient.Key]int // seats of a licence that no listed user has
	leaves map[seat]int           // those that are being taken away in a way that is not proven yet, and by how many
	// refused are the users to whom GoTo gave no seat although its count shows one, and full the seats that were in use when it did so to
	// a second one. A resync forgets both, so that a licence is tried again.
	refused map[gotoclient.Key]map[gotoclient.Key]bool
	full    map[gotoclient.Key]int
}

func newLicenses(ctx context.Context, a *Account) *Licenses {
	l := &Licenses{acct: a, api: a.opts.Client.Licenses(a.opts.Key), leaves: map[seat]int{}}
	l.reader = reading.NewReader(ctx, a.opts.Now, l.read)
	l.forgive()
	return l
}

// Seats is a licence and who has it.
type Seats struct {
	gotoclient.License

	// Used seats: those of the users that are listed, with our own writes, those that GoTo counts beyond them (devices,
	// invitations), and those that are being taken away in a way that is not proven yet.
	Used int
	// Free seats; Unlimited if there is no number.
	Free int
}

// Unlimited is the number of free seats of a licence that has no number of seats. How GoTo shows one is UNVERIFIED: a
// negative number, or none although seats are in use, is taken for it.
const Unlimited = 1 << 30

// Seats of every licence, as of the last reading and our own writes since.
func (l *Licenses) Seats() map[gotoclient.Key]Seats {
	holders := l.acct.users.records.Holders()
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.leaves {
		if user, _ := l.acct.users.Get(s.user); !slices.Contains(user.LicenseKeys, s.license) {
			holders[holdsLicense(s.license)]++
		}
	}
	out := make(map[gotoclient.Key]Seats, len(l.listed))
	for _, license := range l.listed {
		s := Seats{License: license, Used: holders[holdsLicense(license.Key)] + l.hidden[license.Key]}
		switch limit, refused := l.full[license.Key]; {
		case refused:
			s.Free = max(0, min(license.Seats, limit)-s.Used)
		case license.Seats < 0 || (license.Seats == 0 && license.UserCount > 0):
			s.Free = Unlimited
		default:
			s.Free = max(0, license.Seats-s.Used)
		}
		out[license.Key] = s
	}
	return out
}

// leave counts the seats of a user as used until arrive is called, whatever was written: the user may have them still.
func (l *Licenses) leave(user gotoclient.Key, licenses []gotoclient.Key) (arrive func()) {
	count := func(by int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, key := range licenses {
			if l.leaves[seat{user, key}] += by; l.leaves[seat{user, key}] == 0 {
				delete(l.leaves, seat{user, key})
			}
		}
	}
	count(1)
	return func() { count(-1) }
}

func (l *Licenses) list() []gotoclient.License {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.listed
}

// read makes one reading of the list, and reports that a licence or its seats are different.
func (l *Licenses) read(ctx context.Context, _ time.Time, _ func(gotoclient.Key) bool) error {
	read, err := reading.List[gotoclient.License, gotoclient.License]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.License], error] {
			return l.api.Pages(ctx, o)
		},
		Key:   func(l *gotoclient.License) gotoclient.Key { return l.Key },
		Valid: gotoclient.Key.Valid,
		Keep:  keepLicense,
		Known: l.known,
		Size:  l.acct.know.Licenses, Now: l.acct.opts.Now,
	}.Whole()
	if err != nil {
		return err
	}
	var licenses []gotoclient.License
	for _, key := range slices.Sorted(maps.Keys(read)) {
		licenses = append(licenses, *read[key])
	}
	if l.replace(licenses, l.acct.users.records.Holders()) {
		l.acct.opts.OnChange(Change{Licenses: true})
	}
	return nil
}

// known tells whether the last reading has shown a licence; before the first, every one counts as known.
func (l *Licenses) known(key gotoclient.Key) bool {
	listed := l.list()
	return listed == nil || slices.ContainsFunc(listed, func(has gotoclient.License) bool { return has.Key == key })
}

// keepLicense drops who has it: as many as seats, and the users say the same.
func keepLicense(read *gotoclient.License) *gotoclient.License {
	kept := *read
	kept.UserKeys, kept.InvitedUserKeys, kept.DeviceKeys = nil, nil, nil
	return &kept
}

// replace puts a reading in place of the last one, and tells whether it is different. Of the first one nobody has to be told.
func (l *Licenses) replace(licenses []gotoclient.License, holders map[records.Held]int) bool {
	hidden := map[gotoclient.Key]int{}
	for _, license := range licenses {
		hidden[license.Key] = max(0, license.UserCount-holders[holdsLicense(license.Key)])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.hidden == nil
	changed := !reflect.DeepEqual(l.listed, licenses) || !maps.Equal(l.hidden, hidden)
	l.listed, l.hidden = licenses, hidden
	return changed && !first
}

// forgive forgets who was refused a seat, and tells those who wait for one.
func (l *Licenses) forgive() {
	l.mu.Lock()
	some := len(l.refused) > 0
	l.refused, l.full = map[gotoclient.Key]map[gotoclient.Key]bool{}, map[gotoclient.Key]int{}
	l.mu.Unlock()
	if some {
		l.acct.opts.OnChange(Change{Licenses: true})
	}
}

// exhausted tells, after a request was sent and refused, whether there are fewer seats than it takes: gains are the licences that
// it gives, one for each user. The error is a *SeatsError then, nil if something else must be wrong. None of the users is
// served: who comes first is for the plan to say.
func (l *Licenses) exhausted(ctx context.Context, sent time.Time, gains []gotoclient.Key) error {
	if len(gains) == 0 {
		return nil
	}
	if err := l.reader.After(ctx, sent); err != nil {
		return err
	}
	seats, needed := l.Seats(), map[gotoclient.Key]int{}
	for _, key := range gains {
		needed[key]++
		if s, known := seats[key]; known && needed[key] > s.Free {
			return &SeatsError{key}
		}
	}
	return nil
}

// refuse notes that GoTo gave a user no seat of these licences, whatever its count says. That of one user may be about the user; after a
// second one no more are asked for until the next resync.
func (l *Licenses) refuse(user gotoclient.Key, licenses []gotoclient.Key) {
	seats := l.Seats()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range licenses {
		if l.refused[key] == nil {
			l.refused[key] = map[gotoclient.Key]bool{}
		}
		l.refused[key][user] = true
		if len(l.refused[key]) > 1 {
			l.full[key] = seats[key].Used
		}
	}
}

// takeAway takes away by the one attested call what a change of the user left there: whether its list of licences
// replaces or adds is not proven (C).
func (l *Licenses) takeAway(ctx context.Context, seen gotoclient.User, left []gotoclient.Key) error {
	for _, license := range left {
		err := l.api.RemoveSeat(ctx, license, seen.Key, true)
		if err != nil && !gotoclient.IsRefused(err) {
			return err
		}
		now, there, confirmErr := l.acct.users.Confirm(ctx, seen.Key)
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

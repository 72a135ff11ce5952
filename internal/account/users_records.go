package account

import (
	"time"

	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// userRecords are the records of users, which come and go whole and are kept small: see keptUser.
type userRecords struct {
	*records.Records[keptUser]

	alike *alike
}

// newUserRecords returns records of which nothing is known. A user that was read is completed by fill.
func newUserRecords(fill func(read, known *gotoclient.User)) userRecords {
	r := userRecords{alike: newAlike()}
	r.Records = records.New(records.Options[keptUser]{
		Name: func(u *keptUser) string { return gotoclient.FoldEmail(u.email) },
		Has:  held,
		Same: sameKept, Merge: r.merge, Fill: r.filling(fill), Lag: lag, Yields: IsInvitation,
	})
	return r
}

// holdsLicense and isInGroup are what the records count of users.
func holdsLicense(key gotoclient.Key) records.Held { return records.Held{Sort: "license", Key: key} }
func isInGroup(key gotoclient.Key) records.Held    { return records.Held{Sort: "group", Key: key} }

func held(u *keptUser) []records.Held {
	out := make([]records.Held, 0, 1+len(u.rest.LicenseKeys))
	if u.rest.GroupKey != "" {
		out = append(out, isInGroup(u.rest.GroupKey))
	}
	for _, key := range u.rest.LicenseKeys {
		out = append(out, holdsLicense(key))
	}
	return out
}

// merge lays what we wrote over a user that was read.
func (r userRecords) merge(before []*keptUser, now, read *keptUser, older bool) (merged *keptUser, lags bool) {
	if sameKept(now, read) {
		return read, false
	}
	were := make([]*gotoclient.User, len(before))
	for i, b := range before {
		were[i] = b.user()
	}
	user, lags := userFields.Merge(were, now.user(), read.user(), older)
	if !lags {
		return read, false
	}
	return r.alike.keep(user), true
}

// filling completes a user that was read, where what is known of it may say more.
func (r userRecords) filling(fill func(read, known *gotoclient.User)) func(read, known *keptUser) {
	return func(read, known *keptUser) {
		if read.rest == known.rest && known.values == nil {
			return
		}
		user := read.user()
		fill(user, known.user())
		*read = *r.alike.keep(user)
	}
}

// Get returns the user of a key, nil if there is none.
func (r userRecords) Get(key gotoclient.Key) *gotoclient.User { return r.Records.Get(key).user() }

// ByName returns the user of a folded address, of several the one of the lowest key; nil if there is none.
func (r userRecords) ByName(email string) *gotoclient.User { return r.Records.ByName(email).user() }

// AsRead is the user of a key as the last reading has shown it; nil if that lacked it.
func (r userRecords) AsRead(key gotoclient.Key) *gotoclient.User { return r.Records.AsRead(key).user() }

// in are the users in a group.
func (r userRecords) in(group gotoclient.Key) (members []*gotoclient.User) {
	for _, u := range r.All() {
		if u.rest.GroupKey == group {
			members = append(members, u.user())
		}
	}
	return members
}

// Keep returns what is to be kept of a user that is being read. Most are as they were.
func (r userRecords) Keep(read *gotoclient.User) *keptUser {
	if laid, _, _ := r.Laid(read.Key); !laid {
		if was := r.Records.AsRead(read.Key); was != nil && sameUser(was.user(), read) {
			return was
		}
	}
	return r.Records.Keep(read.Key, r.alike.keep(read))
}

// Write lays a write of ours over what is known; nil for a user that was deleted.
func (r userRecords) Write(key gotoclient.Key, now *gotoclient.User, at time.Time) {
	r.Records.Write(key, r.alike.keep(now), at)
}

// Correct lays over what is known what GoTo shows of one user, in place of our own writes, and completes it. Nil for one that is surely gone.
func (r userRecords) Correct(key gotoclient.Key, seen *gotoclient.User, at time.Time) {
	kept := r.alike.keep(seen)
	r.Records.Correct(key, kept, at)
	if seen != nil {
		*seen = *kept.user()
	}
}

// Show lays over what is known what a read of one user has shown, but for writes of ours that it does not show yet.
func (r userRecords) Show(key gotoclient.Key, seen *gotoclient.User, at time.Time) {
	r.Records.Show(key, r.alike.keep(seen), at)
}

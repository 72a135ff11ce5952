package meetings

import (
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// fields are those that our own writes change.
var fields = records.Fields[gotoclient.Meeting]{
	{
		Same: func(a, b *gotoclient.Meeting) bool { return gotoclient.SameSubject(a.Subject, b.Subject) },
		Set:  func(to, from *gotoclient.Meeting) { to.Subject = from.Subject },
	},
	{
		Same: func(a, b *gotoclient.Meeting) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) },
		Set:  func(to, from *gotoclient.Meeting) { to.Start, to.End = from.Start, from.End },
	},
	{
		Same: func(a, b *gotoclient.Meeting) bool { return a.Type == b.Type },
		Set:  func(to, from *gotoclient.Meeting) { to.Type = from.Type },
	},
	{
		Same: samePassword,
		Set:  func(to, from *gotoclient.Meeting) { to.PasswordRequired = from.PasswordRequired },
	},
	{
		Same: func(a, b *gotoclient.Meeting) bool {
			return gotoclient.SameConferenceCall(a.ConferenceCallInfo, b.ConferenceCallInfo)
		},
		Set: func(to, from *gotoclient.Meeting) { to.ConferenceCallInfo = from.ConferenceCallInfo },
	},
	{
		Same: func(a, b *gotoclient.Meeting) bool { return slices.Equal(a.CoorganizerKeys, b.CoorganizerKeys) },
		Set:  func(to, from *gotoclient.Meeting) { to.CoorganizerKeys = from.CoorganizerKeys },
	},
}

// samePassword is true where one of the two says nothing.
func samePassword(a, b *gotoclient.Meeting) bool {
	return a.PasswordRequired == nil || b.PasswordRequired == nil || *a.PasswordRequired == *b.PasswordRequired
}

// differs tells whether a reading says another thing than what was known. What one of the two does not say is no
// difference, and neither is another form of the same audio.
func differs(known, read *gotoclient.Meeting) bool {
	return !samePassword(known, read) || !gotoclient.SameSubject(known.Subject, read.Subject) ||
		!known.Start.Equal(read.Start) || !known.End.Equal(read.End) || known.Type != read.Type ||
		(known.Status == gotoclient.MeetingActive) != (read.Status == gotoclient.MeetingActive) ||
		!gotoclient.SameConferenceCall(known.ConferenceCallInfo, read.ConferenceCallInfo)
}

// same compares all that is kept of two meetings.
func same(a, b *gotoclient.Meeting) bool {
	return a.ID == b.ID && a.UniqueID == b.UniqueID && a.Subject == b.Subject && a.Type == b.Type && a.Status == b.Status &&
		a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Created.Equal(b.Created) &&
		(a.PasswordRequired == nil) == (b.PasswordRequired == nil) && samePassword(a, b) &&
		a.MaxParticipants == b.MaxParticipants && a.ConferenceCallInfo == b.ConferenceCallInfo && a.JoinURL == b.JoinURL &&
		(a.CoorganizerKeys == nil) == (b.CoorganizerKeys == nil) && slices.Equal(a.CoorganizerKeys, b.CoorganizerKeys) && sameOwner(a, b)
}

func sameOwner(a, b *gotoclient.Meeting) bool {
	return a.AccountKey == b.AccountKey && a.OrganizerKey == b.OrganizerKey && a.OrganizerEmail == b.OrganizerEmail &&
		a.OrganizerFirstName == b.OrganizerFirstName && a.OrganizerLastName == b.OrganizerLastName
}

// fill puts what was read over what was known: each endpoint shows other fields.
func fill(read, known *gotoclient.Meeting) {
	if read.PasswordRequired == nil {
		read.PasswordRequired = known.PasswordRequired
	}
	if read.CoorganizerKeys == nil {
		read.CoorganizerKeys = known.CoorganizerKeys
	}
	read.JoinURL = firstOf(read.JoinURL, known.JoinURL)
	read.ConferenceCallInfo = firstOf(read.ConferenceCallInfo, known.ConferenceCallInfo)
	read.MaxParticipants = firstOf(read.MaxParticipants, known.MaxParticipants)
	read.OrganizerKey = firstOf(read.OrganizerKey, known.OrganizerKey)
}

func firstOf[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

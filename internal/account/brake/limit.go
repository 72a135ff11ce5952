package brake

import (
	"fmt"
	"time"
)

// Kind is a kind of deletion. Each has a limit of its own: a thousand meetings must not loosen the limit for users.
type Kind string

// The kinds of deletion. Licenses are users from whom licences are taken, one each, however many licences.
const (
	Users    Kind = "users"
	Groups   Kind = "groups"
	Meetings Kind = "meetings"
	Licenses Kind = "licenses"
	// Definitions are custom attributes and e-mail templates.
	Definitions Kind = "definitions"
)

// Kinds returns all kinds, in the order in which they are shown.
func Kinds() []Kind { return []Kind{Users, Groups, Meetings, Licenses, Definitions} }

// Limit is how many deletions of one kind are allowed within a window: percent of the remote total, but at least Minimum
// and at most Maximum.
type Limit struct{ Percent, Minimum, Maximum int }

// Of is the number of deletions allowed in a window, in an account that has so many of the kind.
func (l Limit) Of(total int) int {
	return min(l.Maximum, max(l.Minimum, total*l.Percent/100))
}

// Limits are those of an account. The window moves with the clock; a kind that Kinds lacks may not be deleted at all.
type Limits struct {
	Window time.Duration
	Kinds  map[Kind]Limit
}

// Same returns limits that are the same for every kind. It is for tests of what deletes: an account's limits are of each kind.
func Same(window time.Duration, limit Limit) Limits {
	l := Limits{Window: window, Kinds: map[Kind]Limit{}}
	for _, kind := range Kinds() {
		l.Kinds[kind] = limit
	}
	return l
}

// longestTerm bounds how long an allotment can be used.
const longestTerm = time.Minute

// term is how long an allotment can be used after it was recorded.
func (l Limits) term() time.Duration { return min(longestTerm, l.Window/10) }

// BlockedError says that the brake does not allow one more deletion now. Nothing was deleted.
type BlockedError struct {
	Kind    Kind
	Limit   int
	RetryAt time.Time // when the window has moved on
}

// Error says what the limit is.
func (e *BlockedError) Error() string {
	return fmt.Sprintf("the deletion brake of the account allows %d deletions of %s in its window", e.Limit, e.Kind)
}

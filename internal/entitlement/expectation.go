package entitlement

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// longestExpectation is how long users who were told to act are expected to while none of them does.
const longestExpectation = 20 * time.Second

const (
	// mostExpected is how many users are expected at most. More would only stand in a queue, with some 200 bytes each: GoTo takes no more
	// than 800 in a second.
	mostExpected = 2000
	// untilMore is how long others who are to act wait to be told.
	untilMore = time.Second
)

// expectation are the users who were told to act and have not come as far as their request. That they are many, and the API server slow, does not
// end it: that nothing happens does.
type expectation struct {
	users map[types.NamespacedName]struct{}
	moved time.Time // when one was told or came
}

func (e *expectation) add(user types.NamespacedName) {
	if e.users == nil {
		e.users = map[types.NamespacedName]struct{}{}
	}
	e.users[user] = struct{}{}
	e.moved = time.Now()
}

// room is how many more may be told to act.
func (e *expectation) room() int { return max(0, mostExpected-len(e.users)) }

func (e *expectation) awaits(user types.NamespacedName) bool {
	_, is := e.users[user]
	return is
}

// came tells whether a user was expected, who no longer is.
func (e *expectation) came(user types.NamespacedName) bool {
	_, was := e.users[user]
	if was {
		delete(e.users, user)
		e.moved = time.Now()
	}
	return was
}

// forget ends what has come to nothing.
func (e *expectation) forget() {
	if time.Since(e.moved) > longestExpectation {
		clear(e.users)
	}
}

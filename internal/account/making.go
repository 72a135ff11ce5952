package account

import (
	"sync"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Making is a create that GoTo has taken. What came of it is known once GoTo shows the user, which takes as long as reading back all who are
// made at the same time: nobody needs to wait for that with something in hand.
type Making struct {
	known chan struct{} // closed once the rest does not change any more

	mu   sync.Mutex
	then []func()
	user *gotoclient.User
	err  error
}

func newMaking() *Making { return &Making{known: make(chan struct{})} }

// made is a Making of which it is known from the beginning what comes of it.
func made(user *gotoclient.User, err error) *Making {
	m := newMaking()
	m.over(user, err)
	return m
}

func (m *Making) over(user *gotoclient.User, err error) {
	m.mu.Lock()
	m.user, m.err = user, err
	close(m.known)
	then := m.then
	m.then = nil
	m.mu.Unlock()
	for _, tell := range then {
		tell()
	}
}

// Then calls a function once it is known what came of it: at once, if it is. The function must not wait for anything.
func (m *Making) Then(tell func()) {
	m.mu.Lock()
	if m.Known() {
		m.mu.Unlock()
		tell()
		return
	}
	m.then = append(m.then, tell)
	m.mu.Unlock()
}

// Known tells whether it is known what came of it.
func (m *Making) Known() bool {
	select {
	case <-m.known:
		return true
	default:
		return false
	}
}

// Result waits until it is known what came of it. The user is not to be changed. The error is ErrExists for a user who is there, and of whom it
// is not sure that the request has made it.
func (m *Making) Result() (*gotoclient.User, error) {
	<-m.known
	return m.user, m.err
}

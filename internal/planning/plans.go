package planning

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// Plans keeps a P for each account, and those who are told of it: an A where a plan says something new, the name of the account where it
// should be brought up to date. The zero value is ready for use.
type Plans[P, A any] struct {
	mu          sync.Mutex
	accounts    map[types.NamespacedName]*P
	subscribers []func(A)
	stale       []func(types.NamespacedName)
}

// Subscribe calls f whenever a plan says something new.
func (p *Plans[P, A]) Subscribe(f func(A)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subscribers = append(p.subscribers, f)
}

// SubscribeStale calls f with the name of an account whose plan should be brought up to date.
func (p *Plans[P, A]) SubscribeStale(f func(account types.NamespacedName)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = append(p.stale, f)
}

// Tell calls those who have subscribed.
func (p *Plans[P, A]) Tell(news A) {
	p.mu.Lock()
	subscribers := p.subscribers
	p.mu.Unlock()
	for _, f := range subscribers {
		f(news)
	}
}

// TellStale says that the plan of an account should be brought up to date.
func (p *Plans[P, A]) TellStale(name types.NamespacedName) {
	p.mu.Lock()
	stale := p.stale
	p.mu.Unlock()
	for _, f := range stale {
		f(name)
	}
}

// Of returns the plan of an account, which it makes if there is none.
func (p *Plans[P, A]) Of(name types.NamespacedName) *P {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accounts == nil {
		p.accounts = map[types.NamespacedName]*P{}
	}
	if p.accounts[name] == nil {
		p.accounts[name] = new(P)
	}
	return p.accounts[name]
}

// Known returns the plan of an account; nil if there is none.
func (p *Plans[P, A]) Known(name types.NamespacedName) *P {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts[name]
}

// Forget drops the plan of an account.
func (p *Plans[P, A]) Forget(name types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.accounts, name)
}

package account

import "sync"

// Registry holds the live accounts of the process, by the UID of the object that describes each.
type Registry struct {
	mu          sync.RWMutex
	accounts    map[string]*Account
	settled     map[string]bool
	subscribers []func(name string, c Change)
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{accounts: map[string]*Account{}, settled: map[string]bool{}}
}

// Get returns the live account, if it has been read completely once.
func (r *Registry) Get(uid string) (*Account, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	a, ok := r.accounts[uid]
	return a, ok
}

// Settle notes that it is known of an object whether it has an account in use.
func (r *Registry) Settle(uid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled[uid] = true
}

// Settled is false while an account is being connected for the first time, or again after it was taken out of use.
func (r *Registry) Settled(uid string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.settled[uid]
}

// Put makes an account live, in place of an earlier one of the same object.
func (r *Registry) Put(uid string, a *Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accounts[uid] = a
}

// Remove takes an account out of use.
func (r *Registry) Remove(uid string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.accounts, uid)
	delete(r.settled, uid)
}

// Subscribe calls f on every change of every account.
func (r *Registry) Subscribe(f func(name string, c Change)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscribers = append(r.subscribers, f)
}

// Notify tells the subscribers of a change in the account that the object of this name (namespace/name) describes.
func (r *Registry) Notify(name string, c Change) {
	r.mu.RLock()
	subscribers := r.subscribers
	r.mu.RUnlock()
	for _, f := range subscribers {
		f(name, c)
	}
}

package planning

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/internal/account"
)

// Inbox gathers what has changed since the last update of a plan. It has a lock of its own, so that nobody waits for an update. The zero
// value is empty.
type Inbox struct {
	mu  sync.Mutex
	now News
}

// News are GoToUsers by name, and users in GoTo by key and by address.
type News struct {
	Users  map[types.NamespacedName]bool
	Remote map[string]bool
}

// Add puts in a GoToUser.
func (i *Inbox) Add(user types.NamespacedName) {
	i.Return(News{Users: map[types.NamespacedName]bool{user: true}})
}

// AddRemote puts in users in GoTo.
func (i *Inbox) AddRemote(users []account.UserRef) {
	remote := make(map[string]bool, 2*len(users))
	for _, u := range users {
		remote[string(u.Key)], remote[u.Email] = true, true
	}
	i.Return(News{Remote: remote})
}

// Return puts back what an update could not take in.
func (i *Inbox) Return(news News) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.now.Users == nil {
		i.now = News{map[types.NamespacedName]bool{}, map[string]bool{}}
	}
	maps.Copy(i.now.Users, news.Users)
	maps.Copy(i.now.Remote, news.Remote)
}

// Empty takes everything out.
func (i *Inbox) Empty() News {
	i.mu.Lock()
	defer i.mu.Unlock()
	news := i.now
	i.now = News{}
	return news
}

package budget

import (
	"context"
	"sync"
	"time"
)

// Clients are the budgets of a process: GoTo counts the requests of an OAuth client, whichever account they are for (D). The zero value is
// ready for use.
type Clients struct {
	mu sync.Mutex
	m  map[string]*client
}

type client struct {
	limiter *Limiter
	rates   map[*Share]float64
}

// Share is one account's part of the budget of an OAuth client.
type Share struct {
	*Limiter

	all    *Clients
	client string
	owner  string
}

// Join returns the budget of an OAuth client for one more who uses it. What all of them may do together is the least that one of them
// allows per second. Leave gives it back.
func (c *Clients) Join(clientID, owner string, perSecond float64) *Share {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[string]*client{}
	}
	all := c.m[clientID]
	if all == nil {
		all = &client{limiter: NewLimiter(perSecond), rates: map[*Share]float64{}}
		c.m[clientID] = all
	}
	s := &Share{all.limiter, c, clientID, owner}
	all.rates[s] = perSecond
	all.limiter.configure(least(all.rates))
	return s
}

// Wait is Limiter.Wait, in the account's turn.
func (s *Share) Wait(ctx context.Context) error { return s.waitFor(ctx, s.owner) }

// Leave ends the account's part.
func (s *Share) Leave() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	all := s.all.m[s.client]
	if all == nil {
		return
	}
	delete(all.rates, s)
	if len(all.rates) == 0 {
		if all.limiter.idle() {
			delete(s.all.m, s.client)
		}
		return
	}
	all.limiter.configure(least(all.rates))
}

func least(rates map[*Share]float64) float64 {
	lowest := 0.0
	for _, r := range rates {
		if lowest == 0 || r < lowest {
			lowest = r
		}
	}
	return lowest
}

// idle is true if nothing that GoTo has said of the rate is worth remembering.
func (l *Limiter) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.refill(now)
	return l.rate >= l.configured && !l.pausedUntil.After(now)
}

package account

import (
	"context"
	"fmt"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// NoGroupError says that GoTo shows no group of that key.
type NoGroupError struct{ Group gotoclient.Key }

func (e *NoGroupError) Error() string { return fmt.Sprintf("GoTo shows no group %s", e.Group) }

// missing remembers which groups GoTo said not to have, as of a reading of the list. Who has the turn may look and write.
type missing struct {
	turn.Turn

	asOf   time.Time
	groups map[gotoclient.Key]bool
}

// Exists tells whether there is a group: by the records, or by GoTo itself where those lack it, as of one that a person has just made. GoTo
// is asked once for each reading of the list, however many ask: thousands may name a group that is gone.
func (g *Groups) Exists(ctx context.Context, key gotoclient.Key) (bool, error) {
	if _, there := g.Get(key); there {
		return true, nil
	}
	if err := g.lost.Take(ctx); err != nil {
		return false, err
	}
	defer g.lost.Leave()
	if !g.lost.asOf.Equal(g.records.ReadAt()) {
		g.lost.groups = map[gotoclient.Key]bool{}
	}
	if _, there := g.Get(key); there || g.lost.groups[key] {
		return there, nil
	}
	_, there, err := g.Confirm(ctx, key)
	g.lost.groups[key] = err == nil && !there
	g.lost.asOf = g.records.ReadAt() // which may have been read for the answer
	return there, err
}

// refusedFor returns a *NoGroupError if a request about several users was refused since a group that it names is not there any more: then
// it would be refused for each of them. Nil if it is not about that, as far as is known.
func (g *Groups) refusedFor(ctx context.Context, refusal error, groups ...gotoclient.Key) error {
	if !splittable(refusal) {
		return nil
	}
	for _, key := range groups {
		if key == "" {
			continue
		}
		if _, there, err := g.Confirm(ctx, key); err == nil && !there {
			return &NoGroupError{key}
		}
	}
	return nil
}

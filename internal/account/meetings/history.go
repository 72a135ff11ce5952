package meetings

import (
	"context"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

const (
	// historyFresh is how long a reading of the history serves others that ask for it.
	historyFresh = 30 * time.Second
	// historyDays is the longest range that was ever documented (D, old).
	historyDays = 60
)

// history is the last reading of what was held.
type history struct {
	turn turn.Turn // one reading at a time
	from time.Time
	at   time.Time
	list []gotoclient.PastMeeting
}

// Past are the caller's meetings that began at or after from and are over. Meetings that end together share one
// request: it begins at midnight (UTC), and serves for half a minute.
func (m *Meetings) Past(ctx context.Context, from time.Time) ([]gotoclient.PastMeeting, error) {
	h, now := &m.past, m.opts.Now()
	if err := h.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer h.turn.Leave()
	if !h.at.IsZero() && now.Sub(h.at) < historyFresh && !from.Before(h.from) {
		return h.list, nil
	}
	if from.After(now) {
		return nil, nil
	}
	from = from.UTC().Truncate(24 * time.Hour)
	list, err := gotoclient.InWindows(ctx, gotoclient.TimeRange{Start: from, End: now}, historyDays, m.opts.API.Historical)
	if err != nil {
		return nil, err
	}
	h.from, h.at, h.list = from, now, list
	return list, nil
}

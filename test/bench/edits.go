package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// editUnderLoad moves all users but a few into a group, and edits the few one after the other meanwhile, as long as there is
// bulk work. It returns how long each edit took until GoTo had it.
func (w *world) editUnderLoad(ctx context.Context) ([]time.Duration, error) {
	w.stopOperator()
	if err := regroup("blue", edited)(ctx, w); err != nil {
		return nil, err
	}
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	if err := w.startOperator(ctx); err != nil {
		return nil, err
	}
	if err := w.until(ctx, func() bool {
		return w.counts.calls[simulator.OpUpdateUsers]+w.counts.calls[simulator.OpMoveUsers] > 0
	}); err != nil {
		return nil, err
	}
	edits := userName(w.size - edited)
	bulkReady := func(u *v1alpha1.GoToUser) bool { return u.Name >= edits || ready(u) }
	var took []time.Duration
	for i := 0; ; i++ {
		over, err := w.all(w.size, bulkReady)(ctx)
		if err != nil || over {
			return took, err
		}
		one, err := w.edit(ctx, w.size-1-i%edited, fmt.Sprintf("Field%d", i))
		if err != nil {
			return took, err
		}
		took = append(took, one)
	}
}

// until looks until something is so.
func (w *world) until(ctx context.Context, is func() bool) error {
	for !is() {
		if err := w.look(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// edit renames a user and waits until GoTo has the name.
func (w *world) edit(ctx context.Context, i int, lastName string) (time.Duration, error) {
	began := time.Now()
	u := &v1alpha1.GoToUser{ObjectMeta: named(userName(i))}
	if err := w.patch(ctx, u, fmt.Sprintf(`{"spec":{"lastName":%q}}`, lastName)); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		if err := w.alive(); err != nil {
			return 0, err
		}
		var seen struct {
			LastName string `json:"lastName"`
		}
		if err := w.control(ctx, http.MethodGet, w.inAccount("users/"+string(u.Status.UserKey)), nil, &seen); err != nil {
			return 0, err
		}
		if seen.LastName == lastName {
			return time.Since(began), nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0, ctx.Err()
}

// quantile is the value that so great a part of some durations does not exceed; 0 for none.
func quantile(of []time.Duration, part float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// putWithoutSeats finds out whether a change was refused for the seats it takes, by sending the rest of it alone. The first
// error is a *SeatsError if it was, the second what is wrong otherwise.
func (c *changes) putWithoutSeats(ctx context.Context, before gotoclient.User, patch gotoclient.UserPatch, sent time.Time, cause error) (seatless, other error) {
	gained := without(*patch.LicenseKeys, before.LicenseKeys)
	if len(gained) == 0 {
		return nil, cause
	}
	exhausted := cause // of the batch, if it is one
	if !errors.As(cause, new(*SeatsError)) {
		exhausted = c.acct.licenses.exhausted(ctx, sent, gained)
	}
	rest := patch
	kept := without(*patch.LicenseKeys, gained)
	rest.LicenseKeys = &kept
	if len(kept) == len(before.LicenseKeys) {
		rest.LicenseKeys = nil
	}
	if rest != (gotoclient.UserPatch{}) {
		if err := c.put(ctx, before.Key, rest); err != nil {
			return nil, cause
		}
	}
	if exhausted == nil {
		c.acct.licenses.refuse(before.Key, gained)
		exhausted = &SeatsError{gained[0]}
	}
	return exhausted, nil
}

// without are the items of list that are not in others.
func without(list, others []gotoclient.Key) []gotoclient.Key {
	var out []gotoclient.Key
	for _, key := range list {
		if !slices.Contains(others, key) {
			out = append(out, key)
		}
	}
	return out
}

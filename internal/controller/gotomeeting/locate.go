package gotomeeting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const (
	// lookalikeAge is how old the list may be by which a new meeting is told from those that were there before.
	lookalikeAge = time.Minute
	// searchInterval is the time between two looks for a meeting whose creation was not confirmed.
	searchInterval = 10 * time.Second
)

// locate finds the meeting of an object: by the id that is remembered, or by the intent of an attempt that was never
// confirmed. Neither found nor an error means that there surely is none.
func (k Kind) locate(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, now time.Time) (*Remote, error) {
	if owner := m.Status.OrganizerKey; owner != "" && string(owner) != string(acct.Me().Key) {
		return nil, &engine.BlockedReference{Reason: v1alpha1.ReasonOrganizerChanged, Message: fmt.Sprintf(
			"the meeting belongs to user %s and the account's credentials are those of user %s, who cannot see it", owner, acct.Me().Key)}
	}
	if err := read(ctx, acct, time.Time{}); err != nil {
		return nil, err
	}
	gone := false
	if id := gotoclient.Key(m.Status.MeetingID); id != "" {
		if other := m.Spec.MeetingID; other != "" && string(other) != string(id) && m.DeletionTimestamp.IsZero() {
			return nil, &engine.StalledError{Reason: v1alpha1.ReasonConflict,
				Message: fmt.Sprintf("this object stands for meeting %s; make a new object to import meeting %s", id, other)}
		}
		found, err := known(ctx, acct, m, id, now)
		if err != nil || found != nil {
			return found, err
		}
		gone = true
		k.holds.release(id)
	}
	if in, open := openIntent(m); open {
		if found, err := k.search(ctx, acct, m, in, now); err != nil || found != nil {
			return found, err
		}
	}
	if gone && m.DeletionTimestamp.IsZero() && m.Spec.RecreatePolicy == v1alpha1.ReportMissing {
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonDeletedInGoTo,
			Message: "somebody deleted the meeting in GoTo; recreatePolicy is Report, so no other is made"}
	}
	return nil, nil
}

// known finds a meeting by its id. The list not showing it is believed only after a GET says so too, and of one that is
// over nothing else is expected.
func known(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, id gotoclient.Key, now time.Time) (*Remote, error) {
	seen, there := acct.Meetings().Get(id)
	if over(m, seen, now) {
		seen.ID = id
		return &Remote{Meeting: seen, over: true}, nil
	}
	if !there {
		var err error
		if seen, there, err = acct.Meetings().Confirm(ctx, id); err != nil || !there {
			return nil, err
		}
	}
	return &Remote{Meeting: seen}, nil
}

// read reads the list, and names the two refusals that say something about the account rather than about a request.
func read(ctx context.Context, acct *account.Account, since time.Time) error {
	err := acct.Meetings().ReadSince(ctx, since)
	switch {
	case gotoclient.IsNotEntitled(err):
		return &engine.BlockedReference{Reason: v1alpha1.ReasonMeetingsNotEntitled,
			Message: "GoTo does not let this account use the GoToMeeting API; a paid plan is needed"}
	case gotoclient.IsForbidden(err), gotoclient.IsUnauthenticated(err):
		return &engine.BlockedReference{Reason: v1alpha1.ReasonMeetingScopeMissing,
			Message: "GoTo does not let these credentials use the GoToMeeting API; they need the scope collab:"}
	}
	return err
}

// search looks for the meeting of an attempt whose answer was lost. That there is none is concluded only from lists that
// were read after the time that a new meeting may take to be shown, and only for types that the list surely shows.
func (k Kind) search(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, in intent, now time.Time) (*Remote, error) {
	if !in.readable() {
		return nil, unconfirmed(m, "the annotation "+v1alpha1.IdentityAnnotation+" cannot be read")
	}
	unlock, err := k.holds.lock(ctx, in.signature())
	if err != nil {
		return nil, err
	}
	defer unlock()
	if id, ok := k.holds.mine(owner(m), in.At); ok {
		seen, there := acct.Meetings().Get(id)
		if !there {
			var err error
			if seen, there, err = acct.Meetings().Confirm(ctx, id); err != nil {
				return nil, err
			}
		}
		if there {
			return in.found(seen), nil
		}
	}
	sure := in.At.Add(account.MeetingLag)
	since := later(in.At, now.Add(-searchInterval))
	if !now.Before(sure) {
		since = later(since, sure)
	}
	if err := read(ctx, acct, since); err != nil {
		return nil, err
	}
	if found, err := k.pick(ctx, acct.Meetings().All(), m, in); err != nil || found != nil {
		return found, err
	}
	switch {
	case in.over(now):
		return nil, nil // if it ever was, it is left in peace
	case now.Before(sure):
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonCreateUnconfirmed, After: min(searchInterval, sure.Sub(now)) + time.Second,
			Message: "the answer to the request that creates the meeting was lost; it is looked for until " + sure.UTC().Format(time.RFC3339)}
	case !acct.Meetings().Lists(in.Type):
		return nil, unconfirmed(m, fmt.Sprintf("the answer to the request that creates the meeting was lost, and GoTo does not list %s meetings", in.Type))
	}
	list, err := acct.Meetings().Planned(ctx) // a second witness, before anything is created again
	if err != nil {
		return nil, err
	}
	return k.pick(ctx, list, m, in)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// unconfirmed is for a person: the operator cannot tell whether there is a meeting, and a second one would be worse than
// none.
func unconfirmed(m *v1alpha1.GoToMeeting, why string) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonCreateUnconfirmed, Message: fmt.Sprintf(
		"%s. Look in GoTo: delete the meeting there if it exists, then allow another attempt with: kubectl annotate gtmeeting -n %s %s %s- %s=now --overwrite",
		why, m.Namespace, m.Name, v1alpha1.IdentityAnnotation, v1alpha1.ReconcileRequestedAtAnnotation)}
}

// pick takes a meeting that matches an intent and that no other object holds. Of several it takes the one that most other
// unconfirmed attempts know as older than themselves: those cannot take it, and it must not be left over.
func (k Kind) pick(ctx context.Context, list []gotoclient.Meeting, m *v1alpha1.GoToMeeting, in intent) (*Remote, error) {
	var free []gotoclient.Meeting
	for i := range list {
		if in.matches(list[i]) && !k.holds.others(list[i].ID, owner(m)) {
			free = append(free, list[i])
		}
	}
	if len(free) == 0 {
		return nil, nil
	}
	held, older, err := k.rivals(ctx, m, in)
	if err != nil {
		return nil, err
	}
	free = slices.DeleteFunc(free, func(c gotoclient.Meeting) bool { return held[c.ID] })
	if len(free) == 0 {
		return nil, nil
	}
	best := slices.MaxFunc(free, func(a, b gotoclient.Meeting) int { return cmp.Compare(older[a.ID], older[b.ID]) })
	k.holds.take(best.ID, owner(m), in.At)
	return in.found(best), nil
}

// rivals are the meetings that all other objects hold, whichever account they name (two GoToAccounts may be one in GoTo),
// and those that their unconfirmed attempts of the same signature know to be older.
func (k Kind) rivals(ctx context.Context, m *v1alpha1.GoToMeeting, in intent) (held map[gotoclient.Key]bool, older map[gotoclient.Key]int, err error) {
	var all v1alpha1.GoToMeetingList
	if err := k.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return nil, nil, err
	}
	held, older = map[gotoclient.Key]bool{}, map[gotoclient.Key]int{}
	for _, o := range all.Items {
		if owner(o) == owner(m) {
			continue
		}
		if id := engine.HeldKey(o); id != "" {
			held[id] = true
		}
		if other, open := openIntent(o); open && other.signature() == in.signature() {
			for _, id := range other.Known {
				older[id]++
			}
		}
	}
	return held, older, nil
}

// owner is what a meeting is held by in this process.
func owner(m *v1alpha1.GoToMeeting) string { return m.Namespace + "/" + m.Name }

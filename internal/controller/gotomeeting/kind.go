// Package gotomeeting reconciles GoToMeeting objects with the meetings of the user whose credentials an account has.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go reads and writes, locate.go finds the
// meeting of an object and adopt.go one that was there before, publish.go keeps its Secrets; intent.go, diff.go, convert.go and times.go are pure. It may not
// import another kind's package.
package gotomeeting

import (
	"context"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Kind is the engine's view of a GoToMeeting.
type Kind struct {
	// Client reads GoToMeetings and GoToUsers, and writes Secrets.
	Client client.Client
	// Secrets reads past the cache: the operator may get a Secret by name, but neither list nor watch Secrets.
	Secrets client.Reader
	// Now is the clock.
	Now func() time.Time

	holds *holds
}

// NewKind returns a Kind.
func NewKind(c client.Client, secrets client.Reader, now func() time.Time) Kind {
	return Kind{Client: c, Secrets: secrets, Now: now, holds: newHolds()}
}

// Wants is what a meeting wants besides its spec.
type Wants struct {
	now          time.Time
	coorganizers []gotoclient.Key // nil where they are not managed
	found        *Remote          // nil if there surely is none
	lookalikes   []gotoclient.Key // meetings that are like the one to be created, and are there before it
}

// Remote is what is known of the meeting of an object.
type Remote struct {
	gotoclient.Meeting
	// over is true once its end has passed: it is left alone then, and not looked for.
	over bool
	// applied is what was just written of the fields that GoTo does not show as they are written; nil if nothing was.
	applied *v1alpha1.AppliedMeeting
	// origin is how an object whose status does not say comes by it.
	origin v1alpha1.Origin
}

var (
	_ engine.Kind[*v1alpha1.GoToMeeting, Wants, Remote]      = Kind{}
	_ engine.Claimer[*v1alpha1.GoToMeeting, Remote]          = Kind{}
	_ engine.Writer[*v1alpha1.GoToMeeting, Wants, Remote]    = Kind{}
	_ engine.Creator[*v1alpha1.GoToMeeting, Wants, Remote]   = Kind{}
	_ engine.Deleter[*v1alpha1.GoToMeeting, Remote]          = Kind{}
	_ engine.Rememberer[*v1alpha1.GoToMeeting]               = Kind{}
	_ engine.Binder[*v1alpha1.GoToMeeting]                   = Kind{}
	_ engine.Judge[*v1alpha1.GoToMeeting, Wants, Remote]     = Kind{}
	_ engine.Publisher[*v1alpha1.GoToMeeting, Wants, Remote] = Kind{}
	_ engine.Scheduler[*v1alpha1.GoToMeeting, Wants, Remote] = Kind{}
)

// New returns an empty GoToMeeting.
func (Kind) New() *v1alpha1.GoToMeeting { return &v1alpha1.GoToMeeting{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToMeetingList{} }

// Resolve looks up the meeting, the co-organizers and, where there is no meeting yet, those that are like it.
func (k Kind) Resolve(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting) (Wants, error) {
	want := Wants{now: k.Now()}
	acct.Meetings().Use(k.usedBy(engine.AccountName(m).String()))
	var err error
	if want.found, err = k.locate(ctx, acct, m, want.now); err == nil && want.found == nil {
		want.found, err = k.adopt(ctx, acct, m, want.now)
	}
	if err != nil {
		return want, err
	}
	if want.found != nil && want.found.over {
		return want, nil // nothing is written any more
	}
	if want.coorganizers, err = k.coorganizers(ctx, m); err != nil {
		return want, err
	}
	if want.found == nil && m.Spec.ManagementPolicy != v1alpha1.Observe {
		want.lookalikes, err = mayCreate(ctx, acct, m, want.now)
	}
	return want, err
}

// mayCreate refuses to create what would be over, and returns the meetings that look like the one to be created. An object
// that was to go after the end, and that somebody has applied again, has served its time.
func mayCreate(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, now time.Time) ([]gotoclient.Key, error) {
	switch over := passed(m, specEnd(m), now); {
	case over && m.Spec.TTLSecondsAfterEnd != nil:
		return nil, &engine.FinishedError{Reason: v1alpha1.ReasonOver, Message: "the meeting is over; none is created"}
	case over:
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonMeetingOver, Message: "the meeting would be over already; none is created. Change start and end"}
	}
	if err := read(ctx, acct, now.Add(-lookalikeAge)); err != nil {
		return nil, err
	}
	return lookalikes(m, acct.Meetings().All()), nil
}

// usedBy tells an account whether any GoToMeeting is left that uses it.
func (k Kind) usedBy(accountName string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		var list v1alpha1.GoToMeetingList
		err := k.Client.List(ctx, &list, client.MatchingFields{engine.IndexAccount: accountName}, client.Limit(1))
		return err != nil || len(list.Items) > 0
	}
}

// coorganizer is how a meeting names one.
var coorganizer = engine.Reference{
	Kind: "GoToUser", NotFound: v1alpha1.ReasonCoorganizerNotFound, NotReady: v1alpha1.ReasonCoorganizerNotReady,
	New: func() engine.Object { return &v1alpha1.GoToUser{} },
}

// coorganizers are the keys of the users that the spec names, sorted; nil if it says nothing of them.
func (k Kind) coorganizers(ctx context.Context, m *v1alpha1.GoToMeeting) ([]gotoclient.Key, error) {
	if m.Spec.Coorganizers == nil {
		return nil, nil
	}
	keys := []gotoclient.Key{}
	for _, c := range m.Spec.Coorganizers {
		if c.Key != "" {
			keys = append(keys, gotoclient.Key(c.Key))
			continue
		}
		key, err := coorganizer.Key(ctx, k.Client, m, c.UserRef.Name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// Observe returns what Resolve found. While the object is being deleted it looks by itself, and a meeting that is over
// does not count: it is left in peace.
func (k Kind) Observe(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, want Wants) (*engine.Seen[Remote], error) {
	found := want.found
	if !m.DeletionTimestamp.IsZero() {
		var err error
		if found, err = k.locate(ctx, acct, m, k.Now()); err != nil || found != nil && found.over {
			return nil, err
		}
	}
	if found == nil {
		return nil, nil
	}
	return &engine.Seen[Remote]{Remote: *found, Origin: found.origin}, nil
}

// Names is the meeting that the spec names, if it does: by anything else that it says no object lays claim to a meeting.
func (Kind) Names(m *v1alpha1.GoToMeeting) []string {
	if m.Spec.MeetingID == "" {
		return nil
	}
	return []string{engine.KeyClaim(gotoclient.Key(m.Spec.MeetingID))}
}

// Begun is nothing: a meeting has no name, and free leaves those alone that another object's attempt may have made.
func (Kind) Begun(string) string { return "" }

// Key is the id.
func (Kind) Key(seen Remote) gotoclient.Key { return seen.ID }

// NamesOf is the id.
func (Kind) NamesOf(seen Remote) []string { return []string{engine.KeyClaim(seen.ID)} }

// Taken is true of every id: it names the meeting itself.
func (Kind) Taken(_ *account.Account, name string) (gotoclient.Key, bool) {
	return gotoclient.Key(strings.TrimPrefix(name, engine.KeyClaim(""))), true
}

// Changed are the meetings that a reading found changed.
func (Kind) Changed(c account.Change) []string {
	var claims []string
	for _, id := range c.Meetings.Keys {
		claims = append(claims, engine.KeyClaim(id))
	}
	return claims
}

// Intent is all that the meeting is about to be, and what was there before it. It is asked for only where there surely is
// no meeting of an earlier attempt, so every attempt has its own.
func (Kind) Intent(m *v1alpha1.GoToMeeting, want Wants) (string, error) {
	return newIntent(m, want).String(), nil
}

// Proves is never true: a meeting has no name of its own, and anybody may give it another subject. So the id is written down.
func (Kind) Proves(*v1alpha1.GoToMeeting, Wants, Remote) bool { return false }

// Remembers is true while there may be a meeting that is not over.
func (k Kind) Remembers(m *v1alpha1.GoToMeeting) bool {
	now := k.Now()
	if m.Status.MeetingID != "" && !passed(m, m.Status.End.Time, now) {
		return true
	}
	in, open := openIntent(m)
	return open && !in.over(now)
}

// Create creates the meeting that the intent on the object describes.
func (k Kind) Create(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, _ Wants, _ bool) (*engine.Seen[Remote], error) {
	in, _ := openIntent(m)
	unlock, err := k.holds.lock(ctx, in.signature())
	if err != nil {
		return nil, err
	}
	defer unlock()
	made, err := acct.Meetings().Create(ctx, in.spec())
	if err != nil {
		return nil, err
	}
	k.holds.take(made.ID, owner(m), in.At)
	found := *in.found(made)
	if len(found.applied.CoorganizerKeys) > 0 {
		found = confirmed(ctx, acct, found)
	}
	return &engine.Seen[Remote]{Remote: found, Origin: v1alpha1.Created}, nil
}

// confirmed is a meeting whose co-organizers were just written, as GoTo shows it: no list does (D). Where it cannot be read now, what
// was sent stands.
func confirmed(ctx context.Context, acct *account.Account, sent Remote) Remote {
	if now, there, err := acct.Meetings().Confirm(ctx, sent.ID); err == nil && there {
		sent.Meeting.CoorganizerKeys = now.CoorganizerKeys
		sent.showCoorganizers()
	}
	return sent
}

// showCoorganizers takes those that a read shows for what GoTo has, whatever was sent.
func (r *Remote) showCoorganizers() {
	if r.applied != nil && r.CoorganizerKeys != nil {
		applied := *r.applied
		applied.CoorganizerKeys = appliedKeys(r.CoorganizerKeys)
		r.applied = &applied
	}
}

// Bind is true if the host URL is to be read next: the join URL must not be lost over it.
func (Kind) Bind(m *v1alpha1.GoToMeeting) bool { return m.Spec.HostURLSecretRef.Name != "" }

// Diff lists what differs between the spec and the meeting.
func (Kind) Diff(m *v1alpha1.GoToMeeting, want Wants, seen Remote) []engine.Change {
	return diff(m, want, seen)
}

// runningRecheck is how long a change waits before the meeting is looked at again, unless a reading is sooner.
const runningRecheck = 5 * time.Minute

// idle reads the meeting anew and refuses to touch it while people are in it.
func idle(ctx context.Context, acct *account.Account, id gotoclient.Key) (gotoclient.Meeting, error) {
	now, there, err := acct.Meetings().Confirm(ctx, id)
	switch {
	case err != nil:
		return now, err
	case !there:
		return now, account.ErrGone
	case now.Status == gotoclient.MeetingActive:
		return now, &engine.WaitingError{Reason: v1alpha1.ReasonMeetingRunning, After: runningRecheck,
			Message: "the meeting runs; the change waits until it does not"}
	}
	return now, nil
}

// Update replaces the meeting. It is read just before: what the spec does not manage is carried over, and a meeting that
// runs is not touched.
func (Kind) Update(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, want Wants, seen Remote, changes []engine.Change) (Remote, error) {
	now, err := idle(ctx, acct, seen.ID)
	if err != nil {
		return seen, err
	}
	spec := toSpec(m, want, now)
	updated, err := acct.Meetings().Update(ctx, now, spec)
	if err != nil {
		return seen, err
	}
	sent := Remote{Meeting: updated, applied: appliedOf(spec)}
	if slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == fieldCoorganizers }) {
		return confirmed(ctx, acct, sent), nil
	}
	return sent, nil
}

// ReadBack reads the meeting as GoTo shows it.
func (Kind) ReadBack(ctx context.Context, acct *account.Account, _ *v1alpha1.GoToMeeting, seen Remote) (Remote, error) {
	now, there, err := acct.Meetings().Confirm(ctx, seen.ID)
	if err == nil && !there {
		err = account.ErrGone
	}
	if err != nil {
		return seen, err
	}
	read := Remote{Meeting: now, applied: seen.applied}
	read.showCoorganizers()
	return read, nil
}

// Delete deletes the meeting if the brake allows it. One that may have begun is looked at first: while it runs it is not
// deleted.
func (k Kind) Delete(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, seen Remote) error {
	if scheduled := m.Spec.Type == v1alpha1.ScheduledMeeting; !scheduled || !k.Now().Before(seen.Start) {
		if _, err := idle(ctx, acct, seen.ID); err != nil {
			return err
		}
	}
	if err := acct.Meetings().Delete(ctx, seen.ID); err != nil {
		return err
	}
	k.holds.release(seen.ID)
	return nil
}

// Report copies what GoTo says into the status.
func (Kind) Report(m *v1alpha1.GoToMeeting, seen Remote) { report(m, seen) }

// Judge says how the meeting stands in time, and what is wrong with what the spec asks of it.
func (Kind) Judge(m *v1alpha1.GoToMeeting, want Wants, seen Remote) ([]metav1.Condition, error) {
	return judge(m, want, seen)
}

// Next is the next time that makes a difference.
func (Kind) Next(m *v1alpha1.GoToMeeting, want Wants, seen Remote) (time.Duration, bool) {
	return next(m, want, seen)
}

package account

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

// Timing of batches: long enough that objects applied together arrive together, short enough for one person to wait.
const (
	batchIdle    = 200 * time.Millisecond
	batchLongest = 5 * time.Second
	lookIdle     = 300 * time.Millisecond
	lookLongest  = 8 * time.Second
	// bulkHeld is how long users wait to be read back while more are being written.
	bulkHeld = 3 * time.Minute
	// pausePerPage of the list is how long nobody has to be written until no more are expected.
	pausePerPage      = 500 * time.Millisecond
	longestPauseOfFew = 2 * time.Second
)

// looks read back users that were created or changed. Of many, those who were created are read back apart: every one of them must be, for the
// evidence, and in the middle of ten thousand the list costs as much as creating a thousand. Those who were changed are if that costs no more
// than changing them did.
type looks struct {
	*Users
	batches *batch.Batcher[look, looked] // of those for whom somebody waits
	makings *batch.Batcher[look, looked]
	changed *batch.Batcher[look, looked]
	shown   sync.Map     // *Making of those who wait in changed, by key
	latest  atomic.Int64 // when somebody of many was written, in nanoseconds since 1970
}

// look is a user that was written, or is to be read.
type look struct {
	user   *gotoclient.User // as it was sent; of one to be read, the key
	at     time.Time        // when it was written; zero for one to be read, as it is when that happens
	must   bool             // be read back, whatever it costs
	asRead bool             // what GoTo shows counts, and not what was written
}

// looked is a user as GoTo shows it; as it was sent where read is false, or no user where it is so of one to be read.
type looked struct {
	user *gotoclient.User // not to be changed
	read bool
}

func newLooks(ctx context.Context, u *Users) *looks {
	l := &looks{Users: u}
	opts := batch.Options[look, looked]{Context: ctx, Idle: lookIdle, Longest: lookLongest, Size: 1 << 20, Run: l.run, Begin: traced("looks")}
	opts.Hold = func(int) bool { return u.writing() }
	l.batches = batch.New(opts)
	opts.Held = bulkHeld
	opts.Hold = func(waiting int) bool { return l.moreToCome(waiting, u.creates.batches.Busy()) }
	l.makings = batch.New(opts)
	opts.Hold, opts.Prompt = func(waiting int) bool { return l.moreToCome(waiting, u.writing()) }, true
	l.changed = batch.New(opts)
	u.reader.BeforeEach(l.makings.LeaveMany)
	u.reader.BeforeEach(l.changed.LeaveMany)
	return l
}

// moreToCome is true while users are being written and reading the list would cost more than half the requests of writing those who wait for it. In
// a long list a pause is no sign that nobody else comes: objects come no faster than the API server takes their writes. A few, who can be read
// one by one, wait no longer than a person likes to.
func (l *looks) moreToCome(waiting int, busy bool) bool {
	pages := l.pages()
	if waiting >= 2*pages*l.acct.opts.BatchSize || l.acct.opts.Stopping.Err() != nil {
		return false
	}
	pause := time.Duration(pages-1) * pausePerPage
	if waiting < batch.Many {
		pause = min(pause, longestPauseOfFew)
	}
	return busy || l.acct.opts.Now().Sub(time.Unix(0, l.latest.Load())) < pause
}

// pages of the list of users.
func (l *looks) pages() int {
	size := l.acct.know.Users.Given(l.acct.opts.Now())
	return max(1, (l.records.Len()+size-1)/size)
}

// created reads back a user that was just created. One that cannot be read counts as it was sent: the next reading completes it.
func (l *looks) created(ctx context.Context, sent newUser) *Making {
	m := newMaking()
	l.put(ctx, l.makings, l.of(sent.user, true), func(seen batch.Result[looked]) {
		if seen.Err != nil {
			seen.Value.user = sent.user
		}
		m.over(sent.verdict(seen.Value.user))
	})
	return m
}

// of is for a user as it has just been sent.
func (l *looks) of(sent *gotoclient.User, must bool) look {
	return look{user: sent, at: l.acct.opts.Now(), must: must}
}

// put has a user read back after the caller, for whom nobody waits.
func (l *looks) put(ctx context.Context, among *batch.Batcher[look, looked], it look, tell func(batch.Result[looked])) {
	l.latest.Store(it.at.UnixNano())
	among.Put(budget.WithPriority(tracing.Under(l.ctx, ctx), budget.PriorityOf(ctx)), "", it, tell)
}

// invited reads back an organizer who was just invited, as created does.
func (l *looks) invited(ctx context.Context, sent *gotoclient.User) (gotoclient.User, error) {
	it := l.of(sent, true)
	l.latest.Store(it.at.UnixNano())
	seen, err := l.makings.Submit(ctx, "", it)
	if err != nil && ctx.Err() == nil {
		return *sent, nil
	}
	user, _ := value(seen.user)
	return user, err
}

// written reads back a user that was changed, if it must be. Else it is returned as it was sent, and read back later.
func (l *looks) written(ctx context.Context, sent *gotoclient.User, must bool) (looked, error) {
	it := l.of(sent, must)
	if must {
		return l.batches.Submit(ctx, "", it)
	}
	m := newMaking()
	l.shown.Store(sent.Key, m)
	l.put(ctx, l.changed, it, func(seen batch.Result[looked]) {
		l.shown.CompareAndDelete(sent.Key, m)
		m.over(seen.Value.user, seen.Err)
	})
	return l.asSent(ctx, it)
}

func (l *looks) read(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	seen, err := l.batches.Submit(ctx, "", look{user: &gotoclient.User{Key: key}, must: true, asRead: true})
	user, there := value(seen.user)
	return user, err == nil && there && seen.read, err
}

// run looks by whichever costs less: one request per user, or the list. Of more than a few it does not cost more than the writing did, unless
// something has to be read: otherwise ten thousand changes would read the whole list with every few hundred of them, or each user of a long one.
// A reading that is made anyway costs nothing, so that many who wait go along with the next one that begins. A user that is not read, or not
// visible yet, is returned as it was sent; the next reading completes it.
func (l *looks) run(ctx context.Context, items []look) []batch.Result[looked] {
	pages, since := l.pages(), l.since(items)
	must := slices.ContainsFunc(items, func(it look) bool { return it.must })
	anyway := len(items) >= batch.Many && l.reader.Shows(since)
	find := l.asSent
	switch {
	case !anyway && len(items) <= pages && (must || len(items) < batch.Many):
		find = l.one
	case anyway || must || pages <= (len(items)+l.acct.opts.BatchSize-1)/l.acct.opts.BatchSize:
		if len(items) >= batch.Many {
			ctx = budget.WithPriority(ctx, budget.Bulk) // the list is kept as it is while it is read for many: see steady
		}
		if err := l.reader.After(ctx, since, keysOf(items)...); err != nil {
			return batch.FailAll[look, looked](items, err)
		}
		find = l.fromReading
	}
	out := make([]batch.Result[looked], len(items))
	for i, it := range items {
		out[i].Value, out[i].Err = find(ctx, it)
	}
	return out
}

// since is when the last of them was written; now, if one is only to be read.
func (l *looks) since(items []look) time.Time {
	if slices.ContainsFunc(items, func(it look) bool { return it.at.IsZero() }) {
		return l.acct.opts.Now()
	}
	return slices.MaxFunc(items, func(a, b look) int { return a.at.Compare(b.at) }).at
}

// keysOf those who wait for the reading, and see for themselves what it shows of them. What it shows of others is reported, also of those
// who were written a moment ago and changed by somebody else since.
func keysOf(items []look) []gotoclient.Key {
	out := make([]gotoclient.Key, len(items))
	for i, it := range items {
		out[i] = it.user.Key
	}
	return out
}

// asSent is a user that is not read back, with what others may have learned of it since.
func (l *looks) asSent(_ context.Context, it look) (looked, error) {
	return looked{user: cmp.Or(l.records.Get(it.user.Key), it.user)}, nil
}

// one asks for one user.
func (l *looks) one(ctx context.Context, it look) (looked, error) {
	if it.asRead {
		u, there, err := l.Confirm(ctx, it.user.Key)
		return looked{&u, there}, err
	}
	seen, err := l.api.Get(ctx, it.user.Key)
	switch {
	case gotoclient.IsNotFound(err): // not visible yet
		return l.asSent(ctx, it)
	case err != nil:
		return looked{}, err
	}
	shown := *seen // what counts for the caller; the records keep our own write where a read that follows at once lags behind it
	l.records.Show(seen.Key, seen, l.acct.opts.Now())
	return looked{&shown, true}, nil
}

// fromReading takes a user from the reading that has just been made.
func (l *looks) fromReading(ctx context.Context, it look) (looked, error) {
	known := l.records.Get(it.user.Key)
	read := l.records.AsRead(it.user.Key)
	_, own, _ := l.records.Laid(it.user.Key)
	switch {
	case it.asRead && known == nil: // the list is one sign that it is gone, and GoTo's answer the other
		lookup := l.lookup
		lookup.Lacks = func(context.Context, gotoclient.Key) (bool, error) { return true, nil }
		u, there, err := lookup.Confirm(ctx, it.user.Key)
		return looked{&u, there}, err
	case it.asRead && own && read == nil: // our own write alone says that it is there
		return l.one(ctx, it)
	case it.asRead && own:
		l.records.Correct(it.user.Key, new(*read), l.acct.opts.Now())
		return looked{read, true}, nil
	case it.asRead:
		return looked{known, true}, nil
	case known == nil:
		return looked{it.user, true}, nil
	case read == nil:
		return looked{known, false}, nil
	}
	return looked{read, true}, nil
}

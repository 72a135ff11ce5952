package gotoaccount

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/backoff"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const (
	// applyTimeout bounds the correction of an account's settings.
	applyTimeout = 2 * time.Minute
	// forGood is how long what stays the same is left alone, unless what is wanted or there changes.
	forGood = time.Duration(math.MaxInt64)
)

// ownSettings is what a connection knows of the settings of its account. It is lost with the connection without harm: the logo's checksum is
// in the status too, and all else is asked for again.
type ownSettings struct {
	mu      sync.Mutex
	work    chan struct{}      // of a correction that is under way, or has ended (then it is closed) and was not looked at yet; nil where none is
	failed  map[string]setback // by setting
	written []string           // settings, since the last look
	logo    string             // checksum of what was last written
	name    string             // as it was read beside the snapshot of that time, of an account that /me does not name
	nameOf  time.Time
}

// recall takes over what status remembers of the logo. One that is not asked for any more is forgotten: who knows what GoTo has when it is
// asked for again.
func (o *ownSettings) recall(want wanted, logo string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case want.logo.sum == "" && want.refused == nil:
		o.logo = ""
	case o.logo == "":
		o.logo = logo
	}
}

// news are the settings that were written since the last call.
func (o *ownSettings) news() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	written := o.written
	o.written = nil
	return written
}

// judge says how settings stand that nothing is done about now.
func (o *ownSettings) judge(want wanted, diff []v1alpha1.FieldDrift) verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := verdict{drift: diff}
	for _, d := range diff {
		if failure := o.failed[d.Field]; failure.Of == mark(d) && failure.Err != nil {
			v.add(d.Field, failure.Err)
		}
	}
	if want.refused != nil {
		v.add(settingLogo, want.refused)
	}
	return v
}

// mark is equal for differences that are the same.
func mark(d v1alpha1.FieldDrift) fingerprint {
	return sha256.Sum256([]byte(d.Field + "\x00" + d.Desired + "\x00" + d.Current))
}

// look takes note of a correction that has ended, and tells whether one is under way.
func (o *ownSettings) look() (busy bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-o.work:
		o.work = nil
	default: // it is not closed, or there is none
	}
	return o.work != nil
}

// claim chooses the differences to correct now, of which one is, and begins.
func (o *ownSettings) claim(diff []v1alpha1.FieldDrift) (due []v1alpha1.FieldDrift) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range diff {
		if o.failed[d.Field].Holds(mark(d)) == nil {
			due = append(due, d)
		}
	}
	if len(due) > 0 {
		o.work = make(chan struct{})
	}
	return due
}

// release says that a correction has ended.
func (o *ownSettings) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.work)
}

// note remembers what became of the correction of a difference, which may be another one now.
func (o *ownSettings) note(d v1alpha1.FieldDrift, err error, resync time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		o.failed = map[string]setback{}
	}
	if err == nil {
		delete(o.failed, d.Field)
		return
	}
	o.failed[d.Field] = o.failed[d.Field].Again(mark(d), err, func(lasted time.Duration) time.Duration { return pause(err, lasted, resync) })
}

// pause is how long a correction that failed is left alone.
func pause(err error, failing, resync time.Duration) time.Duration {
	var stalled *engine.StalledError
	switch {
	case errors.As(err, &stalled):
		return forGood
	case gotoclient.IsTemporary(err):
		return backoff.Next(failing, resync)
	}
	return resync
}

// canAsk is false while GoTo does not answer, or does not let the operator work in the account.
func (c *connection) canAsk() bool {
	return c.breaker.Open() == nil && c.acct.LastError() == nil && c.died() == nil
}

// holds are the settings of the account as they were last seen.
func (c *connection) holds() held {
	c.own.mu.Lock()
	defer c.own.mu.Unlock()
	has := held{name: accountName(c.acct.Me(), c.acct.Key()), logo: c.own.logo}
	if has.name == "" && c.own.nameOf.Equal(c.acct.Summary().TakenAt) {
		has.name = c.own.name
	}
	return has
}

// apply corrects settings in a goroutine of its own, as GoTo may not answer for minutes, and tells whether it does. Who only observes has it
// read what is not known.
func (k *settingsKeeper) apply(ga *v1alpha1.GoToAccount, c *connection, want wanted, diff []v1alpha1.FieldDrift, observe bool) (busy bool) {
	if observe {
		diff = slices.DeleteFunc(slices.Clone(diff), func(d v1alpha1.FieldDrift) bool { return d.Field != settingName || d.Current != "" })
	}
	due := c.own.claim(diff)
	if len(due) == 0 {
		return false
	}
	work, done, may := k.Grace.Begin(c.life)
	if !may {
		done()
		c.own.release()
		return true
	}
	name := client.ObjectKeyFromObject(ga).String()
	k.attempts.Go(func() {
		defer done()
		ctx, cancel := context.WithTimeout(budget.WithPriority(work, budget.Interactive), applyTimeout)
		defer cancel()
		for _, d := range due {
			err := k.correct(ctx, name, c, want, d.Field, observe)
			if work.Err() == nil {
				c.own.note(c.now(d, want), err, c.acct.ResyncInterval())
			}
		}
		c.own.release()
		k.Registry.Notify(name, account.Change{})
	})
	return true
}

// now is a difference as it is after an attempt to correct it.
func (c *connection) now(d v1alpha1.FieldDrift, want wanted) v1alpha1.FieldDrift {
	for _, left := range settingsDiff(want, c.holds()) {
		if left.Field == d.Field {
			return left
		}
	}
	return d
}

// correct brings one setting to what an account asks for.
func (k *settingsKeeper) correct(ctx context.Context, name string, c *connection, want wanted, field string, observe bool) error {
	if field == settingName {
		return k.correctName(ctx, name, c, want.name, observe)
	}
	if err := c.client.Accounts().UploadLogo(ctx, c.acct.Key(), want.logo.Logo); err != nil {
		return err
	}
	c.own.wrote(settingLogo, want.logo.sum)
	return nil
}

// wrote notes that a setting was written; of a logo, which.
func (o *ownSettings) wrote(field, logo string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written = append(o.written, "settings."+field)
	if field == settingLogo {
		o.logo = logo
	}
}

// correctName writes the name of an account, unless it has it by now, and reads it back.
func (k *settingsKeeper) correctName(ctx context.Context, name string, c *connection, want string, observe bool) error {
	has, err := k.readName(ctx, name, c)
	if err != nil || observe || gotoclient.SameName(want, has) {
		return err
	}
	if err := c.client.Accounts().Update(ctx, c.acct.Key(), gotoclient.AccountPatch{Name: &want}); err != nil {
		return err
	}
	if has, err = k.readName(ctx, name, c); err != nil {
		return err
	}
	if !gotoclient.SameName(want, has) {
		return &engine.StalledError{Reason: v1alpha1.ReasonNotKept, Message: "GoTo keeps another name than was written; status.settings.drift has both"}
	}
	c.own.wrote(settingName, "")
	return nil
}

// readName asks GoTo for the name of an account: /me (L), where that names it, else the account itself (C).
func (k *settingsKeeper) readName(ctx context.Context, name string, c *connection) (string, error) {
	taken, named := c.acct.Summary().TakenAt, accountName(c.acct.Me(), c.acct.Key()) != ""
	me, err := c.client.Me(ctx)
	if err == nil && c.review(me, nil) {
		k.Registry.Notify(name, account.Change{Rights: true})
	}
	switch {
	case err == nil && accountName(me, c.acct.Key()) != "":
		return accountName(me, c.acct.Key()), nil
	case err != nil && named:
		return "", err
	}
	a, err := c.client.Accounts().Get(ctx, c.acct.Key())
	if err != nil {
		return "", err
	}
	c.own.mu.Lock()
	defer c.own.mu.Unlock()
	c.own.name, c.own.nameOf = a.Name, taken
	return a.Name, nil
}

package account

import (
	"context"
	"errors"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Definitions are the custom attributes or the e-mail templates of an account: what is known of them, and how they are created, changed
// and deleted. The list alone is attested (C), so it is what shows one after a write.
type Definitions[T any] struct {
	*catalog[T]

	api *gotoclient.DefinitionsService[T]
}

func newAttributes(ctx context.Context, a *Account) *Definitions[gotoclient.Attribute] {
	api := a.opts.Client.Attributes(a.opts.Key)
	return &Definitions[gotoclient.Attribute]{newCatalog(ctx, a, about[gotoclient.Attribute]{
		size:   a.know.Attributes,
		pages:  api.Pages,
		key:    func(a *gotoclient.Attribute) gotoclient.Key { return a.Key },
		setKey: func(a *gotoclient.Attribute, key gotoclient.Key) { a.Key = key },
		name:   func(a *gotoclient.Attribute) string { return a.Name },
		same:   func(a, b *gotoclient.Attribute) bool { return *a == *b },
		fields: records.Fields[gotoclient.Attribute]{
			part(func(a *gotoclient.Attribute) *string { return &a.Name }),
		},
		change: func(refs []NamedRef) Change { return Change{Attributes: refs} },
	}), api}
}

func newTemplates(ctx context.Context, a *Account) *Definitions[gotoclient.Template] {
	api := a.opts.Client.Templates(a.opts.Key)
	return &Definitions[gotoclient.Template]{newCatalog(ctx, a, about[gotoclient.Template]{
		size:   a.know.Templates,
		pages:  api.Pages,
		key:    func(t *gotoclient.Template) gotoclient.Key { return t.Key },
		setKey: func(t *gotoclient.Template, key gotoclient.Key) { t.Key = key },
		name:   func(t *gotoclient.Template) string { return t.Title },
		same:   func(a, b *gotoclient.Template) bool { return *a == *b },
		fields: records.Fields[gotoclient.Template]{
			part(func(t *gotoclient.Template) *string { return &t.Title }),
			part(func(t *gotoclient.Template) *string { return &t.Subject }),
			part(func(t *gotoclient.Template) *string { return &t.Text }),
		},
		change: func(refs []NamedRef) Change { return Change{Templates: refs} },
	}), api}
}

// Create creates one, of which the key is empty, and returns it as GoTo lists it. No list older than a minute authorises it. If the answer
// is lost the list is read again: one of that name that is there now, and was not then, was made by it. It returns ErrExists, and the one
// that is there, if the name is taken, and ErrNotVisible if GoTo says so and does not list it.
func (d *Definitions[T]) Create(ctx context.Context, what T) (T, error) {
	var none T
	if err := d.surely(ctx); err != nil {
		return none, err
	}
	name := d.about.name(&what)
	if old, ok := d.Named(name); ok {
		return old, ErrExists
	}
	d.asks()
	key, err := d.api.Create(ctx, what)
	if err != nil && !gotoclient.IsAmbiguous(err) && !gotoclient.IsConflict(err) {
		return none, err
	}
	if _, before := d.Get(key); before && err == nil {
		return none, ErrUnconfirmed // a part of a number is a number, and may be another's key
	}
	found, ok := d.afterReading(ctx, key, name)
	switch {
	case ok && gotoclient.IsConflict(err):
		return found, ErrExists
	case ok:
		return found, nil
	case err == nil:
		return none, ErrUnconfirmed
	case gotoclient.IsConflict(err):
		return none, errors.Join(ErrNotVisible, err)
	}
	return none, err
}

// asks notes that one is to be made. No list from before lets another one be made: it may have made what the list lacks.
func (d *Definitions[T]) asks() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = d.acct.opts.Now()
}

// oldest is when a list must have been read at the earliest to authorise a create.
func (d *Definitions[T]) oldest() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	fresh := d.acct.opts.Now().Add(-createFreshness)
	if d.asked.After(fresh) {
		return d.asked
	}
	return fresh
}

// surely returns once the list is young enough to create what it lacks. One that is empty is read twice: GoTo may let two have one name
// (UNVERIFIED), and that the list was empty once is no proof.
func (d *Definitions[T]) surely(ctx context.Context) error {
	err := d.reader.After(ctx, d.oldest())
	if err == nil && d.Len() == 0 {
		err = d.reader.After(ctx, d.acct.opts.Now())
	}
	return err
}

// afterReading reads the list, and finds what a create has made: by its key, or by its name.
func (d *Definitions[T]) afterReading(ctx context.Context, key gotoclient.Key, name string) (T, bool) {
	var none T
	if err := d.reader.After(ctx, d.acct.opts.Now()); err != nil {
		return none, false
	}
	if made, ok := d.Get(key); ok {
		return made, true
	}
	return d.Named(name)
}

// Confirm reads one as GoTo lists it now. The answer false is proof that it is not there: two readings lack it, or one does and GoTo, asked
// for it, says so too.
func (d *Definitions[T]) Confirm(ctx context.Context, key gotoclient.Key) (T, bool, error) {
	now := d.acct.opts.Now
	if seen, ok, err := d.listed(ctx, key); ok || err != nil {
		return seen, ok, err
	}
	one, err := d.api.Get(ctx, key)
	switch {
	case err == nil:
		d.records.Correct(key, one, now())
		return *one, true, nil
	case !gotoclient.IsAbsent(err) && (!gotoclient.IsRefused(err) || gotoclient.IsForbidden(err) && !d.acct.seesAll()):
		return *new(T), false, err
	case !gotoclient.IsAbsent(err):
		if seen, ok, err := d.listed(ctx, key); ok || err != nil {
			return seen, ok, err
		}
	}
	d.vanish(key)
	return *new(T), false, nil
}

// vanish forgets one that was found gone, and tells whoever stands for it: no later reading finds a difference.
func (d *Definitions[T]) vanish(key gotoclient.Key) {
	was := d.records.Get(key)
	d.records.Correct(key, nil, d.acct.opts.Now())
	d.tell([]records.Difference[T]{{Key: key, Was: was}})
}

// listed reads the list and tells whether it shows one; what it shows counts, and not what was written.
func (d *Definitions[T]) listed(ctx context.Context, key gotoclient.Key) (T, bool, error) {
	if err := d.reader.After(ctx, d.acct.opts.Now()); err != nil {
		return *new(T), false, err
	}
	seen := d.records.AsRead(key)
	if seen != nil {
		d.records.Correct(key, seen, d.acct.opts.Now())
		return *seen, true, nil
	}
	return *new(T), false, nil
}

// Update gives one other content, whole, and returns it as it was sent. It returns ErrGone for one that is surely not there.
func (d *Definitions[T]) Update(ctx context.Context, key gotoclient.Key, what T) (T, error) {
	if err := d.api.Update(ctx, key, what); err != nil {
		return *new(T), d.unlessGone(ctx, key, err)
	}
	d.about.setKey(&what, key)
	d.write(key, &what)
	return what, nil
}

// unlessGone is ErrGone for a refusal that says that nothing is there, if it is so. That GoTo knows no such path may look alike.
func (d *Definitions[T]) unlessGone(ctx context.Context, key gotoclient.Key, refusal error) error {
	if !evidence.IsMissing(refusal) && !gotoclient.IsNoSuchPath(refusal) {
		return refusal
	}
	if _, there, err := d.Confirm(ctx, key); err != nil || there {
		return errors.Join(refusal, err)
	}
	return ErrGone
}

// Delete deletes one if the brake allows it, or returns a *BlockedError. One that is not there is deleted.
func (d *Definitions[T]) Delete(ctx context.Context, key gotoclient.Key) error {
	err := d.acct.Deletions().braked(ctx, brake.Definitions, func(ctx context.Context) error { return d.api.Delete(ctx, key) })
	if err != nil && !gotoclient.IsAbsent(err) {
		if err = d.unlessGone(ctx, key, err); !errors.Is(err, ErrGone) {
			return err
		}
	}
	d.write(key, nil)
	return nil
}

// write keeps what was written, and tells those who know it by a name that it has no more: our own write is no news to a reading.
func (d *Definitions[T]) write(key gotoclient.Key, now *T) {
	was := d.records.Get(key)
	d.records.Write(key, now, d.acct.opts.Now())
	d.tell([]records.Difference[T]{{Key: key, Was: was, Now: now}})
}

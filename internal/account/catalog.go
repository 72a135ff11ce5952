package account

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// catalog is a short list of named things that is read only while somebody needs it.
type catalog[T any] struct {
	acct    *Account
	about   about[T]
	records *records.Records[T]
	reader  *reading.Reader

	mu      sync.Mutex
	uses    map[string]func(context.Context) bool
	refused error // by GoTo, for a cause that no retry cures
	changed time.Time
	asked   time.Time // for the last create
}

// about says what the things of a catalog are.
type about[T any] struct {
	size   *knowledge.PageSize
	pages  func(context.Context, gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[T], error]
	key    func(*T) gotoclient.Key
	setKey func(*T, gotoclient.Key) // nil for what is not written
	name   func(*T) string
	same   func(a, b *T) bool
	fields records.Fields[T]
	change func([]NamedRef) Change
}

func newCatalog[T any](ctx context.Context, a *Account, of about[T]) *catalog[T] {
	c := &catalog[T]{acct: a, about: of, uses: map[string]func(context.Context) bool{}}
	c.records = records.New(records.Options[T]{Same: of.same, Merge: of.fields.Merge, Lag: lag})
	c.reader = reading.NewReader(ctx, a.opts.Now, c.read)
	return c
}

// Need makes sure that the list was read, and has it read at every resync from now on, as long as one of those who need it says so; by
// is which of them asks. A refusal that no retry cures is remembered until the next resync.
func (c *catalog[T]) Need(ctx context.Context, by string, inUse func(context.Context) bool) error {
	c.mu.Lock()
	c.uses[by] = inUse
	refused := c.refused
	c.mu.Unlock()
	if refused != nil {
		return refused
	}
	return c.reader.After(ctx, time.Time{})
}

// resync reads the list if somebody needs it. Its failure is not the account's.
func (c *catalog[T]) resync(ctx context.Context) {
	wasRefused, uses := c.state()
	if !slices.ContainsFunc(uses, func(inUse func(context.Context) bool) bool { return inUse(ctx) }) {
		return
	}
	if c.reader.After(ctx, c.acct.opts.Now()) != nil || !wasRefused {
		return
	}
	var refs []NamedRef
	for key, record := range c.records.All() {
		refs = append(refs, NamedRef{key, c.about.name(record)})
	}
	c.acct.opts.OnChange(c.about.change(append(refs, NamedRef{})))
}

// state is whether GoTo refused the list, and who may need it. They are asked without the lock: they look into other caches.
func (c *catalog[T]) state() (refused bool, uses []func(context.Context) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused != nil, slices.Collect(maps.Values(c.uses))
}

// read makes one reading of the list, and reports what changed.
func (c *catalog[T]) read(ctx context.Context, began time.Time, _ func(gotoclient.Key) bool) error {
	list, err := reading.List[T, T]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[T], error] { return c.about.pages(ctx, o) },
		Key:   c.about.key,
		Valid: func(k gotoclient.Key) bool { return k != "" },
		Keep:  func(read *T) *T { return c.records.Keep(c.about.key(read), read) },
		Known: c.records.Known,
		Size:  c.about.size, Now: c.acct.opts.Now,
	}.Whole()
	c.note(err)
	if err != nil {
		return err
	}
	c.tell(c.records.Read(began, list))
	return nil
}

// tell reports what is different.
func (c *catalog[T]) tell(differences []records.Difference[T]) {
	refs := c.refs(differences)
	if len(refs) == 0 {
		return
	}
	c.mu.Lock()
	c.changed = c.acct.opts.Now()
	c.mu.Unlock()
	c.acct.opts.OnChange(c.about.change(refs))
}

// changedAt is when a difference was last found or written.
func (c *catalog[T]) changedAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *catalog[T]) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = nil
	if gotoclient.IsRefused(err) {
		c.refused = err
	}
}

// refs names the things that are different, by both names if they have another now.
func (c *catalog[T]) refs(differences []records.Difference[T]) []NamedRef {
	var refs []NamedRef
	for _, d := range differences {
		for _, record := range []*T{d.Was, d.Now} {
			if record != nil {
				refs = append(refs, NamedRef{d.Key, c.about.name(record)})
			}
		}
	}
	return refs
}

// Get returns the thing with the given key, as of the last reading and our own writes since.
func (c *catalog[T]) Get(key gotoclient.Key) (T, bool) { return value(c.records.Get(key)) }

// Named returns the thing of that name: to the letter, or else as gotoclient.SameName has it; of several the one of the lowest key.
func (c *catalog[T]) Named(name string) (T, bool) {
	var found *T
	exact := false
	for key, record := range c.records.All() {
		has := c.about.name(record)
		same := has == name
		if exact && !same || !gotoclient.SameName(name, has) {
			continue
		}
		if found == nil || same && !exact || key < c.about.key(found) {
			found, exact = record, same
		}
	}
	return value(found)
}

// Len is the number of things that are known.
func (c *catalog[T]) Len() int { return c.records.Len() }

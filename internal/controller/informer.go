package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/goto-operator/goto-operator/internal/turn"
)

// fanOut is an informer that keeps one queue of events for all who watch its kind, and tells them one after the other. One of its own for
// each of the ten who watch GoToUsers has room for every user, once all come at the start, and never gives it back.
type fanOut struct {
	toolscache.SharedIndexInformer

	own toolscache.ResourceEventHandlerRegistration // of the one queue

	turn   turn.Turn // of those who tell: a handler may wait for the first list of another kind
	told   []*listener
	broken error // why nobody is ever told
}

// listener is one of those who are told.
type listener struct {
	toolscache.ResourceEventHandlerRegistration
	toolscache.ResourceEventHandler
}

// NewInformer makes the informers of the operator's cache.
func NewInformer(
	source toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers,
) toolscache.SharedIndexInformer {
	return newFanOut(toolscache.NewSharedIndexInformer(source, o, resync, indexers))
}

// newFanOut is the only one who hears from an informer.
func newFanOut(of toolscache.SharedIndexInformer) *fanOut {
	f := &fanOut{SharedIndexInformer: of}
	f.own, f.broken = of.AddEventHandler(toolscache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(o any, initial bool) { f.tell(func(l *listener) { l.OnAdd(o, initial) }) },
		UpdateFunc: func(before, now any) { f.tell(func(l *listener) { l.OnUpdate(before, now) }) },
		DeleteFunc: func(o any) { f.tell(func(l *listener) { l.OnDelete(o) }) },
	})
	return f
}

func (f *fanOut) tell(each func(*listener)) {
	defer f.take()()
	for _, l := range f.told {
		each(l)
	}
}

// take has the turn until what it returns is called.
func (f *fanOut) take() (leave func()) {
	_ = f.turn.Take(context.Background()) // which never ends
	return f.turn.Leave
}

// AddEventHandlerWithOptions tells a handler of what there is already, before it returns, and of what comes then. What comes may be what it
// has been told of: the store is ahead of the events.
func (f *fanOut) AddEventHandlerWithOptions(h toolscache.ResourceEventHandler, _ toolscache.HandlerOptions) (toolscache.ResourceEventHandlerRegistration, error) {
	defer f.take()()
	for _, o := range f.GetStore().List() {
		h.OnAdd(o, true)
	}
	l := &listener{f.own, h}
	f.told = append(f.told, l)
	return l, f.broken
}

// AddEventHandler is AddEventHandlerWithOptions without any.
func (f *fanOut) AddEventHandler(h toolscache.ResourceEventHandler) (toolscache.ResourceEventHandlerRegistration, error) {
	return f.AddEventHandlerWithOptions(h, toolscache.HandlerOptions{})
}

// AddEventHandlerWithResyncPeriod is the same: the cache has no resync of its own.
func (f *fanOut) AddEventHandlerWithResyncPeriod(
	h toolscache.ResourceEventHandler, _ time.Duration,
) (toolscache.ResourceEventHandlerRegistration, error) {
	return f.AddEventHandler(h)
}

// RemoveEventHandler tells a handler nothing any more.
func (f *fanOut) RemoveEventHandler(of toolscache.ResourceEventHandlerRegistration) error {
	defer f.take()()
	f.told = slices.DeleteFunc(f.told, func(l *listener) bool { return l == of })
	return nil
}

// everywhere begins the entries of an index by field that are of all namespaces. controller-runtime makes each entry twice, the other time
// with the object's namespace.
const everywhere = "__all_namespaces/"

// AddIndexers adds indexes without the entries by namespace, which nobody asks for: they are half of each.
func (f *fanOut) AddIndexers(indexers toolscache.Indexers) error {
	halves := make(toolscache.Indexers, len(indexers))
	for name, index := range indexers {
		halves[name] = half(index)
	}
	return f.SharedIndexInformer.AddIndexers(halves)
}

func half(index toolscache.IndexFunc) toolscache.IndexFunc {
	return func(o any) ([]string, error) {
		all, err := index(o)
		return slices.DeleteFunc(all, func(entry string) bool { return !strings.HasPrefix(entry, everywhere) }), err
	}
}

// GetIndexer is of an indexer that answers an error, and not that there is nothing, to who asks for what AddIndexers leaves out.
func (f *fanOut) GetIndexer() toolscache.Indexer {
	return halfIndexer{f.SharedIndexInformer.GetIndexer()}
}

type halfIndexer struct{ toolscache.Indexer }

func (h halfIndexer) ByIndex(name, entry string) ([]any, error) {
	if name != toolscache.NamespaceIndex && !strings.HasPrefix(entry, everywhere) {
		return nil, fmt.Errorf("the cache has no entries by namespace in the index %s: put the namespace into what is indexed", name)
	}
	return h.Indexer.ByIndex(name, entry)
}

package engine

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

const (
	// eventsAlike is how many events of one type and reason tell of single objects of an account within eventWindow. Bulk work
	// would otherwise write an event with every status, and the API server's pace is what it goes by.
	eventsAlike = 20
	eventWindow = time.Minute
)

// gathering tells of many alike events of a kind by one event of the objects' account.
type gathering struct {
	events.EventRecorder
	reader client.Reader
	kind   string

	mu     sync.Mutex
	counts map[alike]int
}

// gathered is the recorder of a kind's controller.
func gathered(mgr ctrl.Manager, controller string, kind Object) events.EventRecorder {
	gvk, _ := apiutil.GVKForObject(kind, mgr.GetScheme()) // the builder refuses a kind that the scheme does not know
	return &gathering{EventRecorder: mgr.GetEventRecorder(controller + "-controller"), reader: mgr.GetClient(), kind: gvk.Kind}
}

// alike are the events that are told together when there are many.
type alike struct {
	account           types.NamespacedName
	eventType, reason string
}

// Eventf implements events.EventRecorder.
func (g *gathering) Eventf(regarding, related runtime.Object, eventType, reason, action, note string, args ...any) {
	if o, managed := regarding.(Object); managed && !g.admit(alike{AccountName(o), eventType, reason}) {
		return
	}
	g.EventRecorder.Eventf(regarding, related, eventType, reason, action, note, args...)
}

// admit tells whether an event is among the first of its window, which the first of all begins.
func (g *gathering) admit(of alike) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.counts == nil {
		g.counts = map[alike]int{}
	}
	g.counts[of]++
	if g.counts[of] == 1 {
		time.AfterFunc(eventWindow, func() { g.tellRest(of) })
	}
	return g.counts[of] <= eventsAlike
}

// tellRest ends a window, and says how many objects had no event of their own.
func (g *gathering) tellRest(of alike) {
	g.mu.Lock()
	rest := g.counts[of] - eventsAlike
	delete(g.counts, of)
	g.mu.Unlock()
	var ga v1alpha1.GoToAccount
	if rest <= 0 || g.reader.Get(context.Background(), of.account, &ga) != nil {
		return // without an account, or while the operator stops, the objects' own status tells
	}
	g.EventRecorder.Eventf(&ga, nil, of.eventType, of.reason, "Reconcile", "%s: %d more within a minute, without events of their own", g.kind, rest)
}

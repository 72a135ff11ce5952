package kindtest

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Resync is the time between two readings of the account of a World, without jitter.
const Resync = 10 * time.Minute

// Run lets the operator work for that long, in the fake time of a bubble: the account is read at each resync, an object is
// reconciled when a person has changed it (see Start), when a reading found its counterpart changed, when it asked for it,
// and, later and later, when it failed. Nothing else starts one, as in a manager.
func (w *World[O, W, S]) Run(t *testing.T, d time.Duration) {
	t.Helper()
	for end := time.Now().Add(d); ; {
		name, at := w.queue.next()
		reading := at.IsZero() || !at.Before(w.reading)
		if reading {
			at = w.reading
		}
		if at.After(end) {
			time.Sleep(time.Until(end))
			return
		}
		time.Sleep(time.Until(at))
		if reading {
			w.read(t)
		} else {
			_ = w.Reconcile(t, name) // an error means to try again
		}
	}
}

// Start says that a person has created or changed the object of that name; in another namespace, namespace/name.
func (w *World[O, W, S]) Start(name string) { w.queue.add(name, 0) }

// Due is how long it is until the object of that name is reconciled, unless a reading starts it; false if nothing else will.
func (w *World[O, W, S]) Due(name string) (after time.Duration, is bool) {
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	at, is := w.queue.due[name]
	return time.Until(at), is
}

// Forget sets what is counted back to nothing: the writes, the reconciles, and the calls of GoTo.
func (w *World[O, W, S]) Forget() {
	w.mu.Lock()
	w.Writes = 0
	w.mu.Unlock()
	w.uncount()
}

// uncount sets back what a restart sets back too.
func (w *World[O, W, S]) uncount() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Reconciles, w.changes = map[string]int{}, nil
	w.Sim.ResetLog()
}

// Changes are the times of the requests that may have changed something in GoTo, since the last Forget.
func (w *World[O, W, S]) Changes() []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.changes)
}

func (w *World[O, W, S]) read(t *testing.T) {
	t.Helper()
	w.reading = time.Now().Add(Resync)
	if w.BeforeReading != nil {
		w.BeforeReading()
	}
	_ = w.Acct.Refresh(t.Context()) // a reading that fails changes nothing
	w.reboot(t)
}

// changed starts the objects whose counterpart a reading found changed.
func (w *World[O, W, S]) changed(c account.Change) {
	operator := w.engine.Load()
	if operator == nil {
		return // the first reading of all
	}
	claimer, claims := operator.Kind.(engine.Claimer[O, S])
	if !claims {
		return
	}
	changed := claimer.Changed(c)
	for _, o := range w.objects() {
		mine := append(claimer.Names(o), engine.KeyClaim(gotoclient.Key(*o.RemoteKey())))
		if slices.ContainsFunc(mine, func(claim string) bool { return slices.Contains(changed, claim) }) {
			w.Start(nameOf(o))
		}
	}
}

// nameOf is what Start calls an object.
func nameOf(o client.Object) string {
	if o.GetNamespace() == Namespace {
		return o.GetName()
	}
	return o.GetNamespace() + "/" + o.GetName()
}

// objects are all of the kind, as a manager's cache has them.
func (w *World[O, W, S]) objects() []O {
	list := w.engine.Load().Kind.NewList()
	if err := w.Kube.List(context.Background(), list); err != nil {
		panic(err) // there is no network
	}
	var out []O
	_ = meta.EachListItem(list, func(item runtime.Object) error {
		if o, ok := item.(O); ok {
			out = append(out, o)
		}
		return nil
	})
	return out
}

// answered tells the test of a request that GoTo has answered, and notes one that may have changed something.
func (w *World[O, W, S]) answered(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		if r.Method != http.MethodGet && r.URL.Path != "/oauth/token" {
			w.mu.Lock()
			w.changes = append(w.changes, time.Now())
			w.mu.Unlock()
			if w.AfterChange != nil {
				w.AfterChange()
			}
		}
		return answer, err
	})
}

package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/controller"
)

// waiters are objects that wait for another one, and what starts them all.
var waiters = map[string]struct {
	make  func(name string) client.Object // that waits
	begin func(*World)
	start func(*World)
}{
	"users of a group": {
		make: func(name string) client.Object {
			u := newUser(name)
			u.Spec.GroupRef.Name = "sales"
			return u
		},
		start: func(w *World) { w.create(newGroup("sales")) },
	},
	"users with an attribute": {
		make: func(name string) client.Object {
			u := newUser(name)
			u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": "7"}
			return u
		},
		start: func(w *World) { w.create(newAttribute("room")) },
	},
	"users with a template": {
		make: func(name string) client.Object {
			u := newUser(name)
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{TemplateRef: v1alpha1.TemplateReference{Name: "welcome"}}
			return u
		},
		start: func(w *World) { w.create(newTemplate("welcome")) },
	},
	"groups below another": {
		make: func(name string) client.Object {
			g := newGroup(name)
			g.Spec.ParentRef.Name = "above"
			return g
		},
		start: func(w *World) { w.create(newGroup("above")) },
	},
	"attributes of a user": {
		make: func(name string) client.Object { return newAttribute(name) },
		begin: func(w *World) {
			u := newUser("holder")
			u.Spec.Attributes = map[string]v1alpha1.AttributeValue{}
			for _, name := range many(bulk) {
				u.Spec.Attributes[name] = "7"
			}
			w.create(u)
			w.settled()
			for _, name := range many(bulk) {
				w.remove(newAttribute(name))
			}
		},
		start: func(w *World) { w.remove(newUser("holder")) },
	},
	"meetings with a co-organizer": {
		make: func(name string) client.Object {
			m := newMeeting(name, time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC))
			m.Spec.Coorganizers = []v1alpha1.Coorganizer{{UserRef: v1alpha1.GoToUserReference{Name: "helper"}}}
			return m
		},
		start: func(w *World) { w.create(newUser("helper")) },
	},
	"reports about a user": {
		make: func(name string) client.Object {
			r := newReport(name)
			r.Spec.Selection.Users = []string{"helper"}
			return r
		},
		start: func(w *World) { w.create(newUser("helper")) },
	},
}

// bulk is how many wait.
const bulk = 60

// A new object goes before many that something else has started, of whichever kind, and for whatever they have waited.
func TestANewObjectGoesBeforeWhoWasWaitedFor(t *testing.T) {
	t.Parallel()
	for name, row := range waiters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.workers = controller.Concurrency{}
				w.must(w.workers.Set("GoToUser=2,GoToGroup=2,GoToAttribute=2,GoToMeeting=2,GoToReport=2"))
				w.create(newAccount())
				before := map[client.Object]string{}
				for _, name := range many(bulk) {
					before[row.make(name)] = ""
				}
				for o := range before {
					w.create(o)
				}
				w.Start()
				w.settled()
				if row.begin != nil {
					row.begin(w)
					w.settled()
				}
				for o := range before {
					before[o] = w.ready(o)
				}
				w.gate.slows(100 * time.Millisecond)
				row.start(w)
				w.Until("some are through", func() bool { return w.unlike(before) > 0 })
				newcomer := row.make("newcomer")
				w.create(newcomer)
				w.Until("the new one is looked at", func() bool { return w.ready(newcomer) != "unknown" })
				if n := w.unlike(before); n > bulk/2 {
					t.Errorf("%d of %d went before a new one", n, bulk)
				}
				w.Stop()
			})
		})
	}
}

// unlike are those of some objects that are not as they were.
func (w *World) unlike(before map[client.Object]string) (n int) {
	w.Helper()
	for o, was := range before {
		if w.ready(o) != was {
			n++
		}
	}
	return n
}

package entitlement

import (
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// License is what a plan says of one licence.
type License struct{ Waiting, Given int }

// count adds n times a user to what is said of bindings and licences: once when it is decided, and minus once before anything
// of that changes.
func (p *Plan) count(u *user, n int) {
	p.countHolding(u, n)
	if u.deleting {
		return
	}
	wants := u.wants()
	for i := range wants {
		w := &wants[i]
		waits := w.sure && w.able && w.place > 0 && !u.has(w.license)
		for _, b := range w.by {
			if b.counts {
				b.binding.counts.add(w, waits, n)
			}
		}
		if waits {
			p.countLicense(w.license, License{Waiting: n})
		}
	}
	for _, g := range u.given {
		if key := gotoclient.Key(g.Key); slices.Contains(u.remote.licenses, key) {
			p.countLicense(key, License{Given: n})
		}
	}
}

func (b *Binding) add(w *want, waits bool, n int) {
	b.Selected += n
	switch {
	case w.user.has(w.license):
		b.Assigned += n
	case waits:
		b.Waiting += n
	case !w.able || !w.sure:
		b.Failed += n
	default:
		b.Working += n
	}
}

func (p *Plan) countLicense(key gotoclient.Key, more License) {
	l := p.licenses[key]
	l.Waiting, l.Given = l.Waiting+more.Waiting, l.Given+more.Given
	if p.licenses[key] = l; l == (License{}) {
		delete(p.licenses, key)
	}
}

// countHolding counts the users whom a binding still has to let go before it can be deleted. Those that nobody works on do
// not hold it up: they keep what they have.
func (p *Plan) countHolding(u *user, n int) {
	if !u.workable() {
		return
	}
	counted := make([]*binding, 0, 16)
	for _, g := range u.given {
		for _, name := range g.Bindings {
			b := p.bindings.named(u.name.Namespace, name)
			if b == nil || slices.Contains(counted, b) {
				continue
			}
			counted = append(counted, b)
			b.counts.Holding += n
			if u.braked {
				b.counts.Braked += n
			}
		}
	}
}

package entitlement

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// count adds a user to what is said of bindings and licences.
func (u *user) count(plan *Plan) {
	slices.SortFunc(u.plan.Waiting, func(a, b Waiting) int { return compareKeys(a.License, b.License) })
	for license, givers := range u.wants {
		has := slices.Contains(u.remote.LicenseKeys, license)
		waits := slices.ContainsFunc(u.plan.Waiting, func(w Waiting) bool { return w.License == license })
		for _, b := range givers {
			if b.frozen && !b.selects(u, nil) {
				continue
			}
			b.plan.Selected++
			switch {
			case has:
				b.plan.Assigned++
			case waits:
				b.plan.Waiting++
			case !writable(u.GoToUser) || stalled(u.GoToUser):
				b.plan.Failed++
			default:
				b.plan.Working++
			}
		}
		l := plan.Licenses[license]
		if waits {
			l.Waiting++
		}
		plan.Licenses[license] = l
	}
	for _, given := range u.Status.GivenLicenses {
		if key := gotoclient.Key(given.Key); slices.Contains(u.remote.LicenseKeys, key) {
			l := plan.Licenses[key]
			l.Given++
			plan.Licenses[key] = l
		}
	}
}

// countHolding counts the users whom a binding still has to let go before it can be deleted. Those that nobody works on do
// not hold it up: they keep what they have.
func countHolding(u *user, byName map[types.NamespacedName]*binding) {
	if !writable(u.GoToUser) {
		return
	}
	counted := map[*binding]bool{}
	for _, given := range u.Status.GivenLicenses {
		for _, name := range given.Bindings {
			if b := byName[types.NamespacedName{Namespace: u.Namespace, Name: name}]; b != nil && !counted[b] {
				counted[b] = true
				b.plan.Holding++
				if engine.WaitsForBrake(u.GoToUser) {
					b.plan.Braked++
				}
			}
		}
	}
}

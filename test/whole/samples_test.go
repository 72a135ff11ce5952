package whole

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/manifest"
)

// apply creates the objects of a sample.
func (w *World) apply(file string) {
	w.Helper()
	f, err := os.Open(filepath.Join("..", "..", "config", "samples", file))
	w.must(err)
	defer func() { w.must(f.Close()) }()
	objects, err := manifest.Objects(f)
	w.must(err)
	for i := range objects {
		objects[i].SetNamespace(namespace)
		w.create(&objects[i])
	}
}

// A team that is applied at once, a group with two below it, thirty users and two bindings, takes few requests: the token, the caller and three
// lists; the groups, each read back; the users of three groups with two sets of licences each, so at most six creates, or fewer and an update
// where a plan came between; and what is read back.
func TestCostOfATeam(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		for _, file := range []string{"groups.yaml", "team.yaml", "licenses.yaml"} {
			w.apply(file)
		}
		w.create(newAccount())
		w.Start()
		w.settled()
		holders := map[string]int{}
		for _, u := range w.Sim.Users(acct) {
			for _, key := range u.LicenseKeys {
				holders[key]++
			}
		}
		if holders[ofMeets] != 30 || holders[simulator.DefaultWebinarLicenseKey] != 6 {
			t.Errorf("holders: %v", holders)
		}
		calls, all := w.Sim.Calls(), 0
		for _, n := range calls {
			all += n
		}
		if n := calls[simulator.OpCreateUsers] + calls[simulator.OpUpdateUsers] + calls[simulator.OpMoveUsers]; n > 10 || all > 30 || calls[simulator.OpCreateGroup] != 3 {
			t.Errorf("requests: %v", calls)
		}
		w.readings(1, 0)
		w.restart()
		w.Stop()
	})
}

package account_test

import (
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Unicode has letters beyond ASCII whose lower or folded case is an ASCII letter: U+212A, U+017F, U+0130.
func TestAnAddressOfOtherLettersIsAnother(t *testing.T) {
	for _, there := range []string{"\u212Aate@example.test", "\u017Fue@example.test", "\u0130da@example.test"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.sim.AddUser(key, simulator.User{Email: there, FirstName: "K", LastName: "Field"})
			w.refresh(t)
			for _, asked := range []string{"kate@example.test", "sue@example.test", "ida@example.test"} {
				if u, ok := w.acct.Users().ByEmail(asked); ok {
					t.Errorf("%s is taken for %+q", asked, u.Email)
				}
			}
			if _, ok := w.acct.Users().ByEmail(there); !ok {
				t.Errorf("%+q is not found", there)
			}
		})
	}
}

// Two people who exchange their addresses are both found, in whichever order the changes are noted.
func TestAddressesThatAreExchangedAreBothFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 2)
		w.refresh(t)
		first, second := w.user(t, 0).Key, w.user(t, 1).Key
		for i, to := range []string{"third@example.test", email(0), email(1)} {
			of := []gotoclient.Key{first, second, first}[i]
			if err := w.acct.Users().Update(t.Context(), of, gotoclient.UserPatch{Email: &to}); err != nil {
				t.Fatal(err)
			}
		}
		if w.user(t, 0).Key != second || w.user(t, 1).Key != first {
			t.Error("the snapshot has not exchanged them")
		}
	})
}

func TestGroupNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.GroupNameScope = "parent" })
		top := w.group(t, "Top", "")
		composed, decomposed := w.group(t, "Zo\u00eb", top), w.group(t, "Zoe\u0308", "")
		escaped := w.group(t, "R&amp;D", top)
		twins := []gotoclient.Key{w.group(t, "Twin", top), w.group(t, "Twin", "")}
		for name, want := range map[string]gotoclient.Key{
			"Top": top, "Zo\u00eb": composed, "Zoe\u0308": decomposed, "R&D": escaped, "Twin": twins[0], "top": "", "Top ": "", "none": "",
		} {
			g, ok := w.acct.Groups().Named(name)
			if g.Key != want || ok != (want != "") {
				t.Errorf("%+q: %s, %t; want %s", name, g.Key, ok, want)
			}
		}
		if g, _ := w.acct.Groups().ByName("Twin", ""); g.Key != twins[1] {
			t.Errorf("at the top: %s", g.Key)
		}
	})
}

func (w *world) addUsers(from, to int) {
	for i := from; i < to; i++ {
		w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
	}
}

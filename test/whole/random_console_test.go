package whole

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func (s *story) inTheConsole() acting {
	return acting{
		"console: add a user": s.consoleAdds, "console: delete a user": s.consoleDeletes, "console: edit a user": s.consoleEdits,
		"console: give a licence": s.consoleGives, "console: give a seat": s.consoleGivesSeat,
		"console: give a licence, and then a binding": s.consoleGivesBeside, "console: take a licence": s.consoleTakes, "console: buy or give up seats": s.consoleBuys,
		"console: add a group": s.consoleAddsGroup, "console: delete a group": s.consoleDeletesGroup, "console: move a user": s.consoleMoves,
		"console: cancel a meeting": s.consoleCancels, "console: edit a setting": s.consoleEditsSetting,
	}
}

func (s *story) userInGoTo(t *rapid.T) (simulator.User, bool) {
	email := s.one(t, names, "address") + "@example.test"
	return s.Sim.UserByEmail(acct, email)
}

// consoleAdds makes a user by hand. Within the minutes of a create of the same address nobody could tell whose it is.
func (s *story) consoleAdds(t *rapid.T) {
	name := s.one(t, names, "address")
	email := name + "@example.test"
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.Sim.UserByEmail(acct, email); there || s.isNamed(email) || time.Since(s.named[email]) < time.Hour {
		return
	}
	s.theirs[s.Sim.AddUser(acct, simulator.User{Email: email, FirstName: "Fay", LastName: "Console"})] = time.Now()
	s.lookWhoIsThere()
}

// isNamed tells whether an object asks for an address, and remembers when one did. It could have made whom a person made so shortly before
// that no list shows it: see ADR 44.
func (s *story) isNamed(email string) bool {
	const untold = 2 * time.Minute
	for _, name := range names {
		u := newUser(name)
		if !s.there(u) {
			continue
		}
		s.named[u.Spec.Email] = time.Now()
		if seen, there := s.Sim.UserByEmail(acct, u.Spec.Email); there && time.Since(s.theirs[seen.Key]) < untold {
			delete(s.theirs, seen.Key)
		}
	}
	at, was := s.named[email]
	return was && at.Equal(time.Now())
}

func (s *story) consoleDeletes(t *rapid.T) {
	if u, there := s.userInGoTo(t); there {
		s.forgetGift(u.Key)
		s.Sim.RemoveUser(acct, u.Key)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lookWhoIsThere()
		s.lookAtSeats()
		delete(s.theirs, u.Key)
		delete(s.given, u.Key)
		delete(s.lost, u.Key)
	}
}

func (s *story) consoleEdits(t *rapid.T) {
	if u, there := s.userInGoTo(t); there {
		s.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LastName = "Edited" })
	}
}

func (s *story) consoleGives(t *rapid.T) {
	if u, there := s.userInGoTo(t); there && len(s.given) < 5 && !slices.Contains(u.LicenseKeys, ofMeets) {
		s.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LicenseKeys = append(u.LicenseKeys, ofMeets) })
		s.mu.Lock()
		defer s.mu.Unlock()
		s.given[u.Key] = time.Now()
		delete(s.lost, u.Key)
	}
}

// consoleGivesBeside gives a licence, and before the next reading somebody has another one given to many.
func (s *story) consoleGivesBeside(t *rapid.T) {
	s.consoleGives(t)
	s.Wait(time.Duration(s.number(t, []int{10, 150, 240}, "seconds")) * time.Second)
	s.applyBinding(t)
}

// consoleTakes takes away what bindings give.
func (s *story) consoleTakes(t *rapid.T) {
	if u, there := s.userInGoTo(t); there {
		s.forgetGift(u.Key)
		s.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) {
			u.LicenseKeys = slices.DeleteFunc(u.LicenseKeys, func(key string) bool { return key == ofWebs })
		})
		s.countSeats()
	}
}

func (s *story) consoleAddsGroup(t *rapid.T) {
	name := s.one(t, []string{"Sales", "Operations", "Guests"}, "name")
	if !slices.ContainsFunc(s.Sim.State().Accounts[0].Groups, func(g simulator.Group) bool { return g.Name == name }) {
		s.Sim.AddGroup(acct, simulator.Group{Name: name})
	}
}

// groupInGoTo is one of those that there are.
func (s *story) groupInGoTo(t *rapid.T) (simulator.Group, bool) {
	all := s.Sim.State().Accounts[0].Groups
	if len(all) == 0 {
		return simulator.Group{}, false
	}
	return all[s.number(t, []int{0, 1, 2, 3}, "group")%len(all)], true
}

func (s *story) consoleDeletesGroup(t *rapid.T) {
	if g, some := s.groupInGoTo(t); some {
		s.Sim.RemoveGroup(acct, g.Key)
	}
}

func (s *story) consoleMoves(t *rapid.T) {
	u, there := s.userInGoTo(t)
	if g, some := s.groupInGoTo(t); some && there {
		s.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.GroupKey = g.Key })
	}
}

func (s *story) consoleCancels(t *rapid.T) {
	if all := s.Sim.Meetings(acct); len(all) > 0 {
		s.Sim.RemoveMeeting(acct, all[s.number(t, []int{0, 1}, "meeting")%len(all)].ID)
	}
}

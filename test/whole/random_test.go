package whole

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Whatever people do, in Kubernetes and in GoTo's console, in whatever order, whatever fails and whenever the operator is killed: what
// a promise says holds after each step, and when the faults end everything comes to rest.
func TestRandomSchedules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			s := begin(t)
			t.Repeat(s.acts(map[string]func(*rapid.T){
				"": s.holds,

				"apply a user": s.applyUser, "delete a user": s.deleteUser, "lose a cluster's copy of a user": s.restoreUser,
				"apply all users": s.applyAll, "delete all users": s.deleteAll, "swap two addresses": s.swap,
				"observe the account": s.observeAccount,
				"apply a group":       s.applyGroup, "delete a group": s.deleteGroup,
				"apply a binding": s.applyBinding, "delete a binding": s.deleteBinding,
				"apply a profile": s.applyProfile, "delete a profile": s.deleteProfile, "console: edit a setting": s.consoleEditsSetting,
				"apply a meeting": s.applyMeeting, "delete a meeting": s.deleteMeeting,
				"apply an attribute": s.applyAttribute, "delete an attribute": s.deleteAttribute, "give a value": s.applyValue,
				"apply a template": s.applyTemplate, "delete a template": s.deleteTemplate,
				"apply a report": s.applyReport, "delete a report": s.deleteReport,
				"approve deletions": s.approve, "withdraw the approval": s.withdraw,
				"console: add a user": s.consoleAdds, "console: delete a user": s.consoleDeletes, "console: edit a user": s.consoleEdits,
				"console: give a licence": s.consoleGives,
				"fault":                   s.fault, "kill": s.killed, "lag": s.lags, "time passes": s.time,
			}))
			s.rests()
			s.Stop()
		})
	})
}

// story is a random schedule and what the promises need to know of it.
type story struct {
	*World

	mu       sync.Mutex
	theirs   map[string]time.Time // when people made users in the console that they have not deleted, by key
	given    map[string]time.Time // when people gave users the licence for meetings, by key
	lost     map[string]time.Time // when the operator took it away
	named    map[string]time.Time
	deleted  []time.Time // by the operator, under no approval
	approved time.Time   // deletions are until then
	told     []string    // what has happened
	changes  int         // that were asked for up to the step before
	watched  bool        // the account was only observed for a while
}

var (
	names   = []string{"ann", "ben", "cem", "dot", "eve"}
	rarely  = []string{"no", "no", "no", "no", "no", "no", "no", "yes"}
	groups  = []string{"sales", "ops"}
	ofWebs  = simulator.DefaultWebinarLicenseKey
	ofMeets = simulator.DefaultMeetingLicenseKey
)

func begin(t *rapid.T) *story {
	s := &story{World: New(t), told: []string{"begin"}, theirs: map[string]time.Time{}, given: map[string]time.Time{}, lost: map[string]time.Time{}, named: map[string]time.Time{}}
	for range rapid.IntRange(0, 3).Draw(t, "switches") {
		name := s.one(t, simulator.SwitchNames(), "switch")
		position := s.one(t, simulator.SwitchPositions()[name], "position")
		s.Sim.SetSwitches(func(sw *simulator.Switches) { s.must(sw.Set(name, position)) })
	}
	s.Sim.OnRequest(s.noteDeletion)
	s.Sim.OnRequest(s.noteLosses)
	s.create(newAccount())
	s.Start()
	return s
}

// one draws a word, and keeps it for the report: a run cannot be repeated exactly, as goroutines take turns as they like.
func (s *story) one(t *rapid.T, of []string, label string) string {
	word := rapid.SampledFrom(of).Draw(t, label)
	s.told[len(s.told)-1] += fmt.Sprintf(" %s=%s", label, word)
	return word
}

// number likewise.
func (s *story) number(t *rapid.T, of []int, label string) int {
	n := rapid.SampledFrom(of).Draw(t, label)
	s.told[len(s.told)-1] += fmt.Sprintf(" %s=%d", label, n)
	return n
}

// acts are the actions, each with what is told of it.
func (s *story) acts(all map[string]func(*rapid.T)) map[string]func(*rapid.T) {
	for name, act := range all {
		if name != "" {
			all[name] = func(t *rapid.T) {
				s.told = append(s.told, fmt.Sprintf("%s %s", time.Now().Format("15:04:05"), name))
				act(t)
			}
		}
	}
	return all
}

func (s *story) applyUser(t *rapid.T) {
	u := newUser(s.one(t, names, "name"))
	address, last := s.one(t, names, "address"), s.one(t, []string{"Field", "Forest", "Frost"}, "last name")
	group, vip := s.one(t, append([]string{""}, groups...), "group"), s.one(t, []string{"yes", "no"}, "vip")
	suspended, observed := s.one(t, rarely, "suspended") == "yes", s.one(t, rarely, "observed") == "yes"
	s.apply(u, func() {
		u.Spec.Email, u.Spec.LastName, u.Spec.GroupRef.Name, u.Spec.Suspend = address+"@example.test", last, group, suspended
		u.Spec.ManagementPolicy = v1alpha1.Manage
		if observed {
			u.Spec.ManagementPolicy = v1alpha1.Observe
		}
		u.Labels = map[string]string{"vip": vip}
	})
}

// applyAll is what a repository does that is synced again: each has its own address, and nothing else is said.
func (s *story) applyAll(*rapid.T) {
	for _, name := range names {
		u := newUser(name)
		s.apply(u, func() { u.Spec = newUser(name).Spec })
	}
}

// deleteAll is what an emptied repository or kubectl delete --all does.
func (s *story) deleteAll(*rapid.T) {
	for _, name := range names {
		s.remove(newUser(name))
	}
}

// swap gives two people each other's address.
func (s *story) swap(t *rapid.T) {
	one, other := newUser(s.one(t, names, "one")), newUser(s.one(t, names, "other"))
	if !s.there(one) || !s.there(other) || one.DeletionTimestamp != nil || other.DeletionTimestamp != nil {
		return
	}
	first, second := one.Spec.Email, other.Spec.Email
	edit(s.World, one, func(u *v1alpha1.GoToUser) { u.Spec.Email = second })
	edit(s.World, other, func(u *v1alpha1.GoToUser) { u.Spec.Email = first })
}

func (s *story) observeAccount(t *rapid.T) {
	policy := v1alpha1.Manage
	if s.one(t, rarely, "observed") == "yes" {
		policy, s.watched = v1alpha1.Observe, true
	}
	s.manage(policy)
}

func (s *story) manage(policy v1alpha1.ManagementPolicy) {
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.ManagementPolicy = policy })
}

// apply creates an object, or changes the one that is there. What is being deleted is left alone.
func (s *story) apply(o client.Object, change func()) {
	if !s.there(o) {
		change()
		s.create(o)
		return
	}
	if o.GetDeletionTimestamp() == nil {
		edit(s.World, o, func(client.Object) { change() })
	}
}

func (s *story) deleteUser(t *rapid.T)    { s.remove(newUser(s.one(t, names, "name"))) }
func (s *story) deleteGroup(t *rapid.T)   { s.remove(newGroup(s.one(t, groups, "name"))) }
func (s *story) deleteBinding(t *rapid.T) { s.remove(newBinding(s.one(t, bindings, "name"), ofWebs)) }
func (s *story) deleteMeeting(t *rapid.T) {
	s.remove(newMeeting(s.one(t, meetings, "name"), time.Time{}))
}

func (s *story) deleteReport(*rapid.T) { s.remove(newReport("usage")) }

// A report once, or each year; it changes nothing in GoTo, whatever happens to it.
func (s *story) applyReport(t *rapid.T) {
	r := newReport("usage")
	schedule := s.one(t, []string{"", "@yearly"}, "schedule")
	s.apply(r, func() { r.Spec.Schedule = schedule })
}

var (
	bindings = []string{"vips", "all"}
	meetings = []string{"mon", "tue"}
)

func (s *story) applyGroup(t *rapid.T) {
	g := newGroup(s.one(t, groups, "name"))
	inGoTo := s.one(t, []string{"Sales", "Operations"}, "in GoTo")
	s.apply(g, func() { g.Spec.Name = inGoTo })
}

func (s *story) applyBinding(t *rapid.T) {
	b := newBinding(s.one(t, bindings, "name"), ofWebs)
	vip := s.one(t, []string{"yes", "no"}, "vip")
	s.apply(b, func() {
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"vip": vip}}}}
	})
}

// Meetings are far away, so that none is over.
func (s *story) applyMeeting(t *rapid.T) {
	m := newMeeting(s.one(t, meetings, "name"), time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC))
	subject := s.one(t, []string{"Sync", "Retro"}, "subject")
	s.apply(m, func() { m.Spec.Subject = subject })
}

// restoreUser takes an object away as the loss of a cluster does, and brings it back as a backup without status has it.
func (s *story) restoreUser(t *rapid.T) {
	u := newUser(s.one(t, names, "name"))
	if !s.there(u) || u.DeletionTimestamp != nil {
		return
	}
	s.gate.kill() // nobody is there to see it
	s.must(s.Kube.Get(t.Context(), client.ObjectKeyFromObject(u), u))
	saved := u.DeepCopy()
	edit(s.World, u, func(u *v1alpha1.GoToUser) { u.Finalizers = nil })
	s.remove(u)
	saved.ResourceVersion, saved.UID, saved.Status = "", "", v1alpha1.GoToUserStatus{}
	s.create(saved)
	s.Wait(time.Second)
}

func (s *story) approve(*rapid.T) {
	s.approved = time.Now().Add(time.Hour)
	s.annotate(s.approved.Format(time.RFC3339))
}

func (s *story) withdraw(*rapid.T) {
	if time.Now().Before(s.approved) {
		s.approved = time.Now().Add(time.Minute) // until it is noticed
	}
	s.annotate("")
}

func (s *story) annotate(until string) {
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) {
		metav1.SetMetaDataAnnotation(&ga.ObjectMeta, v1alpha1.ApproveDeletionsUntilAnnotation, until)
	})
}

func (s *story) time(t *rapid.T) {
	s.Wait(time.Duration(s.number(t, []int{1, 10, 60, 900, 7200}, "seconds")) * time.Second)
}

func (s *story) lags(t *rapid.T) {
	s.API.Lag(time.Duration(s.number(t, []int{0, 300, 5000}, "milliseconds")) * time.Millisecond)
}

func (s *story) killed(*rapid.T) {
	s.gate.kill()
	s.Wait(time.Second)
}

// faults are those that an operation may meet.
var faults = []simulator.Fault{
	{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore, Status: 500}, {Kind: simulator.FaultErrorAfter, Status: 500},
	{Kind: simulator.FaultErrorBefore, Status: 503}, {Kind: simulator.FaultErrorBefore, Status: 401}, {Kind: simulator.FaultErrorBefore, Status: 403},
	{Kind: simulator.FaultErrorBefore, Status: 400}, {Kind: simulator.FaultErrorBefore, Status: 404}, {Kind: simulator.FaultErrorAfter, Status: 502},
	{Kind: simulator.FaultCutBefore}, {Kind: simulator.FaultCutAfter}, {Kind: simulator.FaultCutBody}, {Kind: simulator.FaultTruncate},
	{Kind: simulator.FaultHTML}, {Kind: simulator.FaultEmptyList}, {Kind: simulator.FaultShortList, Drop: 1}, {Kind: simulator.FaultPartialList, Drop: 1},
	{Kind: simulator.FaultExpireToken},
}

func (s *story) fault(t *rapid.T) {
	f := rapid.SampledFrom(faults).Draw(t, "fault")
	f.Count, f.Skip = s.number(t, []int{1, 2, 3}, "times"), s.number(t, []int{0, 1, 2, 3}, "after")
	s.told[len(s.told)-1] += fmt.Sprintf(" %s %d", f.Kind, f.Status)
	s.Sim.Inject(f)
}

func (s *story) userInGoTo(t *rapid.T) (simulator.User, bool) {
	email := s.one(t, names, "address") + "@example.test"
	return s.Sim.UserByEmail(acct, email)
}

// consoleAdds makes a user by hand. Within the minutes of a create of the same address nobody could tell whose it is.
func (s *story) consoleAdds(t *rapid.T) {
	name := s.one(t, names, "address")
	email := name + "@example.test"
	if _, there := s.Sim.UserByEmail(acct, email); there || s.isNamed(email) || time.Since(s.named[email]) < time.Hour {
		return
	}
	s.theirs[s.Sim.AddUser(acct, simulator.User{Email: email, FirstName: "Fay", LastName: "Console"})] = time.Now()
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
		s.Sim.RemoveUser(acct, u.Key)
		s.mu.Lock()
		defer s.mu.Unlock()
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

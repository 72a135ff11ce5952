package gotomeeting

import (
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type meetingField = kindtest.Field[*v1alpha1.GoToMeeting]

// applyIn creates a meeting that is planned for next month, or edits the one that there is.
func applyIn(t *testing.T, w *bubble, name string, edit func(*v1alpha1.GoToMeeting)) *v1alpha1.GoToMeeting {
	t.Helper()
	return apply(t, w, name, func(m *v1alpha1.GoToMeeting) {
		m.Spec.Subject, m.Spec.Start, m.Spec.End = "About "+name, nextMonth(0), nextMonth(60)
	}, edit)
}

// nextMonth is so many minutes after a time in the month that follows the one in which worlds begin.
func nextMonth(minutes int) metav1.Time {
	return metav1.NewTime(time.Date(2030, 2, 7, 8, minutes, 0, 0, time.UTC))
}

// corrected are the fields that a list of meetings shows. Co-organizers are not among them: see
// TestCoorganizersThatAreNotKept.
var corrected = kindtest.Corrected[*v1alpha1.GoToMeeting, Wants, Remote]{
	Build: with(),
	Apply: applyIn,
	Fields: func(w *bubble) []meetingField {
		put := func(edit func(*simulator.Meeting, int)) func(*v1alpha1.GoToMeeting, int) {
			return func(m *v1alpha1.GoToMeeting, v int) {
				editMeeting(w.Sim, string(m.Status.MeetingID), func(r *simulator.Meeting) { edit(r, v) })
			}
		}
		subjects := []string{"Weekly", "Weekly <sync>", "Monthly"}
		kinds := []v1alpha1.AudioType{"Hybrid", "PSTN", "VoIP"}
		return []meetingField{
			{Name: "subject", Ask: func(m *v1alpha1.GoToMeeting, v int) { m.Spec.Subject = subjects[v] },
				Put: put(func(r *simulator.Meeting, v int) { r.Subject = subjects[v] })},
			{Name: "start", Ask: func(m *v1alpha1.GoToMeeting, v int) { m.Spec.Start = nextMonth(v) },
				Put: put(func(r *simulator.Meeting, v int) { r.Start = nextMonth(v).Time })},
			{Name: "end", Ask: func(m *v1alpha1.GoToMeeting, v int) { m.Spec.End = nextMonth(60 + v) },
				Put: put(func(r *simulator.Meeting, v int) { r.End = nextMonth(60 + v).Time })},
			{Name: "audio", Blind: true, Ask: func(m *v1alpha1.GoToMeeting, v int) { m.Spec.Audio.Type = kinds[v] },
				Put: put(func(r *simulator.Meeting, v int) { r.ConferenceCallInfo = string(kinds[v]) })},
			{Name: "passwordRequired", Two: true, Ask: func(m *v1alpha1.GoToMeeting, v int) { yes := v == 1; m.Spec.PasswordRequired = &yes },
				Put: put(func(r *simulator.Meeting, v int) { r.PasswordRequired = v == 1 })},
		}
	},
}

func TestWhatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); corrected.NotKept(t) }
func TestWhatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); corrected.Contested(t) }
func TestWhatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); corrected.Meanwhile(t) }

// No list shows who helps (D): a meeting whose helpers were written is read by itself, if GoTo shows them there. That nobody helps is
// told only by a service that has shown somebody before.
func TestCoorganizersThatAreNotKept(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		shown    string
		left     int // of two
		atCreate bool
		requests int
		reason   string
	}{
		"one is dropped":                          {"yes", 1, false, 2, "False " + v1alpha1.ReasonNotKept},
		"all are dropped":                         {"yes", 0, false, 2, "False " + v1alpha1.ReasonNotKept},
		"one is dropped by a create":              {"yes", 1, true, 3, "False " + v1alpha1.ReasonNotKept},
		"they are not shown":                      {"no", 1, false, 1, "True Synced"},
		"they are not shown, dropped by a create": {"no", 0, true, 1, "True Synced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := with()(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.CoorganizersInReads = row.shown })
				helpers := []string{simulator.DefaultAdminKey, w.Sim.AddUser(acctKey, simulator.User{Email: "max@example.test"})}
				help := func(m *v1alpha1.GoToMeeting) {
					m.Spec.Coorganizers = []v1alpha1.Coorganizer{{Key: v1alpha1.Key(helpers[0])}, {Key: v1alpha1.Key(helpers[1])}}
				}
				m := called("a")
				if !row.atCreate {
					applyIn(t, w, "a", help)
					w.Start("a")
					w.Run(t, kindtest.Resync)
					applyIn(t, w, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Coorganizers = []v1alpha1.Coorganizer{} })
					w.Start("a")
					w.Run(t, kindtest.Resync)
				}
				w.AfterChange = func() {
					for _, r := range w.Sim.Meetings(acctKey) {
						editMeeting(w.Sim, r.ID, func(r *simulator.Meeting) { r.CoorganizerKeys = helpers[:row.left] })
					}
				}
				applyIn(t, w, "a", help)
				w.Start("a")
				w.Forget()
				w.Run(t, 10*kindtest.Resync)
				if n := len(w.Changes()); n != row.requests {
					t.Errorf("%d requests, want %d", n, row.requests)
				}
				w.Restart(t)
				w.Run(t, 10*kindtest.Resync)
				kindtest.Object(t, w.Kube, m)
				if n := len(w.Changes()); n > 0 || kindtest.Reason(m) != row.reason {
					t.Errorf("%d requests after a restart, %s", n, kindtest.Reason(m))
				}
			})
		})
	}
}

package gotomeeting

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// held is a meeting that was held, by two people, one of whom left and came again.
func held(t *testing.T, w *world, edit change) *v1alpha1.GoToMeeting {
	t.Helper()
	w.apply(t, "a", edit)
	w.steady(t, "a")
	id := w.one(t).ID
	time.Sleep(24 * time.Hour)
	w.Sim.StartMeeting(acctKey, id)
	w.resync(t)
	w.once(t, "a")
	if c := conditionOf(w.object(t, "a"), "Running"); c != "True Active" {
		t.Errorf("Running is %s", c)
	}
	w.Sim.JoinMeeting(acctKey, id, simulator.Attendee{Name: `=HYPERLINK("http://x")`, Email: "ada@attendee.test"})
	time.Sleep(10 * time.Minute)
	w.Sim.JoinMeeting(acctKey, id, simulator.Attendee{Name: "Grace, née Murray", Email: "grace@attendee.test"})
	w.Sim.LeaveMeeting(acctKey, id, "ada@attendee.test")
	time.Sleep(5 * time.Minute)
	w.Sim.JoinMeeting(acctKey, id, simulator.Attendee{Name: `=HYPERLINK("http://x")`, Email: "ada@attendee.test"})
	time.Sleep(10 * time.Minute)
	w.Sim.EndMeeting(acctKey, id)
	time.Sleep(10 * time.Minute)
	w.resync(t)
	w.Forget()
	return w.object(t, "a")
}

func withAttendance(policy v1alpha1.AttendancePolicy) change {
	return func(m *v1alpha1.GoToMeeting) {
		m.Spec.Attendance = policy
		if policy == v1alpha1.FullAttendance {
			m.Spec.AttendanceSecretRef.Name = "a-attendees"
		}
	}
}

func TestAttendanceSummary(t *testing.T) {
	t.Parallel()
	for position, set := range positions() {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, set)
				held(t, w, withAttendance(v1alpha1.AttendanceSummary))
				w.once(t, "a")
				w.calls(t, map[string]int{gotoclient.OpListHistoricalMeetings: 1})
				m := w.object(t, "a")
				want := v1alpha1.MeetingAttendance{Sessions: 1, Attendees: 3, Minutes: 25, Policy: v1alpha1.AttendanceSummary}
				if d := cmp.Diff(want, m.Status.Attendance); d != "" || conditionOf(m, "AttendanceRecorded") != "True Recorded" || conditionOf(m, "Ended") != "True Over" {
					t.Errorf("%s%+v", d, m.Status)
				}
				if !m.Status.LastSession.Time.Equal(epoch.Add(24 * time.Hour)) {
					t.Errorf("last session %s", m.Status.LastSession)
				}
				w.quiet(t, "a")
				w.Restart(t)
				w.once(t, "a")
				w.quiet(t, "a")
			})
		})
	}
}

func TestAttendanceInFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		held(t, w, withAttendance(v1alpha1.FullAttendance))
		w.once(t, "a")
		w.calls(t, map[string]int{gotoclient.OpListHistoricalMeetings: 1, gotoclient.OpListMeetingAttendees: 1})
		m := w.object(t, "a")
		want := v1alpha1.MeetingAttendance{Sessions: 1, Attendees: 3, Minutes: 25, Listed: 3, Policy: v1alpha1.FullAttendance}
		if d := cmp.Diff(want, m.Status.Attendance); d != "" {
			t.Error(d)
		}
		s := secretOf(t, w.bubble, "a-attendees")
		if !metav1.IsControlledBy(s, m) {
			t.Errorf("not the object's: %+v", s.OwnerReferences)
		}
		rows, err := csv.NewReader(strings.NewReader(string(s.Data["attendees.csv"]))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		start := "2030-01-08T08:00:00Z"
		if d := cmp.Diff([][]string{
			{"name", "email", "join", "leave", "minutes", "session start"},
			{`'=HYPERLINK("http://x")`, "ada@attendee.test", "2030-01-08T08:00:00Z", "2030-01-08T08:10:00Z", "10", start},
			{"Grace, née Murray", "grace@attendee.test", "2030-01-08T08:10:00Z", "2030-01-08T08:25:00Z", "15", start},
			{`'=HYPERLINK("http://x")`, "ada@attendee.test", "2030-01-08T08:15:00Z", "2030-01-08T08:25:00Z", "10", start},
		}, rows); d != "" {
			t.Error(d)
		}
		var list []stay
		if err := json.Unmarshal(s.Data["attendees.json"], &list); err != nil || len(list) != 3 || list[0].Name != `=HYPERLINK("http://x")` || list[1].Minutes != 15 {
			t.Errorf("%v: %+v", err, list)
		}
		w.quiet(t, "a")
		for place, text := range map[string]string{"object": fmt.Sprint(m), "events": strings.Join(w.Events, "\n")} {
			if strings.Contains(text, "attendee.test") || strings.Contains(text, "Murray") {
				t.Errorf("attendees are in the %s", place)
			}
		}
	})
}

func TestAttendanceThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"200", "404"} {
		t.Run(empty, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.EmptyHistory = empty })
				w.apply(t, "a", withAttendance(v1alpha1.FullAttendance))
				w.steady(t, "a")
				time.Sleep(25 * time.Hour)
				looks := 0
				for range 40 {
					w.Forget()
					after := w.once(t, "a")
					looks += min(1, w.Sim.Calls()[gotoclient.OpListHistoricalMeetings]) // an expired token makes two of one
					if conditionOf(w.object(t, "a"), "AttendanceRecorded") != "False Pending" {
						break
					}
					if after == 0 {
						t.Fatal("nobody looks again")
					}
					time.Sleep(after)
				}
				if c := conditionOf(w.object(t, "a"), "AttendanceRecorded"); c != "False NothingHeld" || looks != 13 {
					t.Errorf("after %d looks %s", looks, c)
				}
				w.quiet(t, "a")
			})
		})
	}
	t.Run("but comes", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.apply(t, "a", withAttendance(v1alpha1.AttendanceSummary))
			w.steady(t, "a")
			id := w.one(t).ID
			time.Sleep(24 * time.Hour)
			w.Sim.StartMeeting(acctKey, id)
			time.Sleep(time.Hour) // it takes longer than planned, and no reading showed that it runs
			w.once(t, "a")
			if c := conditionOf(w.object(t, "a"), "AttendanceRecorded"); c != "False Pending" {
				t.Errorf("%s", c)
			}
			w.Sim.EndMeeting(acctKey, id)
			time.Sleep(10 * time.Minute)
			w.once(t, "a")
			if a := w.object(t, "a").Status.Attendance; a.Sessions != 1 || a.Minutes != 60 {
				t.Errorf("%+v", a)
			}
		})
	})
}

// Meetings that end together share one look at the history.
func TestHistoryIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		names := []string{"a", "b", "c", "d"}
		for _, n := range names {
			w.apply(t, n, withAttendance(v1alpha1.AttendanceSummary))
		}
		w.until(t, ready, names...)
		time.Sleep(24 * time.Hour)
		for _, m := range w.Sim.Meetings(acctKey) {
			w.Sim.StartMeeting(acctKey, m.ID)
		}
		time.Sleep(20 * time.Minute)
		for _, m := range w.Sim.Meetings(acctKey) {
			w.Sim.EndMeeting(acctKey, m.ID)
		}
		time.Sleep(20 * time.Minute)
		w.resync(t)
		for _, n := range names {
			w.once(t, n)
			if a := w.object(t, n).Status.Attendance; a.Sessions != 1 {
				t.Errorf("%s: %+v", n, a)
			}
		}
		w.calls(t, map[string]int{gotoclient.OpListHistoricalMeetings: 1})
	})
}

func TestObjectGoesAfterItsTimeAndTheHistoryStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ttl := int32(3600)
		held(t, w, func(m *v1alpha1.GoToMeeting) {
			withAttendance(v1alpha1.AttendanceSummary)(m)
			m.Spec.TTLSecondsAfterEnd = &ttl
		})
		after := w.once(t, "a")
		if end := epoch.Add(24*time.Hour + 30*time.Minute); !w.Sim.Now().Add(after).Equal(end.Add(time.Hour)) {
			t.Errorf("again after %s, at %s", after, w.Sim.Now())
		}
		time.Sleep(after)
		w.Forget()
		w.once(t, "a")
		w.until(t, gone, "a")
		w.calls(t, map[string]int{})
		if len(w.Sim.Sessions(acctKey)) != 1 {
			t.Error("the history is gone")
		}
		w.one(t)
	})
}

func TestEncodeKeepsWithinTheLimit(t *testing.T) {
	t.Parallel()
	var many []gotoclient.Attendance
	for i := range 20000 {
		many = append(many, gotoclient.Attendance{Name: fmt.Sprintf("Näme %d", i), Email: fmt.Sprintf("n%d@attendee.test", i), Join: epoch.Add(time.Duration(i) * time.Second), Leave: epoch.Add(time.Hour * 9)})
	}
	for _, limit := range []int{100, 1000, 12345, secretSize} {
		table, list, n := encode(many, limit)
		if len(table)+len(list) > limit || n == len(many) {
			t.Errorf("limit %d: %d bytes, %d of %d", limit, len(table)+len(list), n, len(many))
		}
		var back []stay
		if err := json.Unmarshal([]byte(list), &back); err != nil || len(back) != n {
			t.Errorf("limit %d: %v, %d of %d", limit, err, len(back), n)
		}
		if rows, err := csv.NewReader(strings.NewReader(table)).ReadAll(); err != nil || len(rows) != n+1 {
			t.Errorf("limit %d: %v, %d rows", limit, err, len(rows))
		}
	}
	if table, list, n := encode(nil, secretSize); n != 0 || list != "[]\n" || !strings.HasPrefix(table, "name,") {
		t.Errorf("nobody: %q %q %d", table, list, n)
	}
}

func TestTruncationIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", withAttendance(v1alpha1.FullAttendance))
		w.steady(t, "a")
		id := w.one(t).ID
		time.Sleep(24 * time.Hour)
		w.Sim.StartMeeting(acctKey, id)
		for i := range 4000 {
			w.Sim.JoinMeeting(acctKey, id, simulator.Attendee{Name: strings.Repeat("x", 100), Email: fmt.Sprintf("n%d@attendee.test", i)})
		}
		w.Sim.EndMeeting(acctKey, id)
		time.Sleep(time.Hour)
		w.once(t, "a")
		m := w.object(t, "a")
		if a := m.Status.Attendance; a.Omitted == 0 || a.Listed+a.Omitted != 4000 || conditionOf(m, "AttendanceTruncated") != "True TooLarge" {
			t.Errorf("%+v, %s", a, conditionOf(m, "AttendanceTruncated"))
		}
		size := 0
		for _, v := range secretOf(t, w.bubble, "a-attendees").Data {
			size += len(v)
		}
		if size > 900<<10 {
			t.Errorf("%d bytes", size)
		}
	})
}

func TestPlainIsNoFormula(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ada": "Ada", "": "", "a=b": "a=b", "Jean-Luc": "Jean-Luc", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", " =1": "' =1",
		"\t=1": "' =1", "\r\n=1": "'  =1", "＝1": "'＝1", "a\nb": "a b", "\u00a0@x": "'\u00a0@x",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

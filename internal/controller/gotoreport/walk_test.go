package gotoreport

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type walkWorld = kindtest.World[*v1alpha1.GoToReport, Wants, *Remote]

// soon lets time pass for what is tried again.
func soon(done func(*v1alpha1.GoToReport, bool) bool) func(*v1alpha1.GoToReport, bool) bool {
	return func(r *v1alpha1.GoToReport, there bool) bool {
		time.Sleep(10 * time.Second)
		return done(r, there)
	}
}

// Whatever fails, and wherever the process is killed, between the download and the store too: there is one whole report in the end, and none
// once the object is gone.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*v1alpha1.GoToReport)
		rows   int64
	}{
		"Secret":    {asIs, 1},
		"directory": {toDirectory, 1},
		"Administration": {func(r *v1alpha1.GoToReport) {
			r.Spec.Source, r.Spec.Kind = v1alpha1.ReportFromAdministration, v1alpha1.ActivityReport
			toDirectory(r)
		}, 2}, // the account's administrator has one
	} {
		t.Run(name, func(t *testing.T) {
			var current *world
			build := func(t *testing.T) *walkWorld {
				t.Helper()
				current = newWorld(t)
				return current.World
			}
			kindtest.Walk(t, build, func(t *testing.T, _ *walkWorld) {
				t.Helper()
				w := current
				r := w.apply(t, c.change)
				w.Until(t, r, soon(kindtest.Ready))
				files := w.files(t)
				if len(r.Status.History) != 1 || w.secrets(t)+len(files) != 1 {
					t.Errorf("%d Secrets, files %v, %+v", w.secrets(t), files, r.Status.History)
				}
				if rows := w.whole(t, r); rows != c.rows {
					t.Errorf("%d rows", rows)
				}
				if err := w.Kube.Delete(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				w.Until(t, r, soon(kindtest.Gone))
				if left := w.files(t); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		})
	}
}

func toDirectory(r *v1alpha1.GoToReport) { r.Spec.Output = v1alpha1.ReportToDirectory }

// files are all below the directory for reports.
func (w *world) files(t *testing.T) (out []string) {
	t.Helper()
	err := filepath.WalkDir(w.kind.Directory, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever goes wrong at a request that a report is made of, or at a write, delays it, and no more.
func TestWalkOfTheKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*v1alpha1.GoToReport)
		uses   string
	}{
		"organizer by organizer": {asIs, gotoclient.OpListOrganizerHistoricalMeetings},
		"group":                  {ofKind(v1alpha1.AttendeesReport), gotoclient.OpListGroupAttendees},
		"planned":                {ofKind(v1alpha1.ScheduledMeetingsReport), gotoclient.OpListOrganizerUpcomingMeetings},
		"Administration":         {ofKind(v1alpha1.ActivityReport), gotoclient.ReportOperation(gotoclient.ReportActivity, gotoclient.ReportOfAll)},
	} {
		t.Run(name, func(t *testing.T) {
			var current *world
			build := func(t *testing.T) *walkWorld {
				t.Helper()
				current = newWorld(t)
				if name == "group" {
					current.crew()
				}
				return current.World
			}
			used := 0
			kindtest.Walk(t, build, func(t *testing.T, _ *walkWorld) {
				t.Helper()
				w := current
				r := w.apply(t, c.change)
				w.Run(t, 5*time.Minute)
				if w.is(t, r, "True "+v1alpha1.ReasonMade); w.secrets(t) != 1 || len(r.Status.History) != 1 {
					t.Fatalf("%d Secrets, %+v", w.secrets(t), r.Status)
				}
				w.whole(t, r)
				used += w.Sim.Calls()[c.uses]
			})
			if used == 0 {
				t.Errorf("no %s is made", c.uses)
			}
		})
	}
}

// crew puts two more organizers into a group, whose list is one.
func (w *world) crew() {
	group := w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Crew"})
	for _, name := range []string{"ivy", "jan"} {
		w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{
			Email: name + "@example.test", FirstName: name, LastName: "Field", GroupKey: group,
			LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, PasswordCreated: true,
		})
	}
}

package gotoreport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/reportstore"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// world is the operator with reports alone. kind is the one of the process that runs.
type world struct {
	*kindtest.World[*v1alpha1.GoToReport, Wants, *Remote]

	kind      Kind
	organizer string
}

// newWorld has one meeting that took place yesterday, with a guest.
func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := &world{}
	o := Options{Background: t.Context(), Places: reportstore.Places{Directory: t.TempDir(), Allowed: func(string) bool { return false }}}
	for _, c := range change {
		c(&o)
	}
	w.World = kindtest.New(t,
		func(i client.FieldIndexer) error { return errors.Join(engine.AddIndexes(i, Kind{}), addIndexes(i)) },
		func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToReport, Wants, *Remote] {
			w.kind = NewKind(c, c, o)
			return w.kind
		})
	w.organizer = w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{
		Email: "hal@example.test", FirstName: "Hal", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, PasswordCreated: true,
	})
	w.hold()
	time.Sleep(24 * time.Hour)
	w.Quietly(func() { w.Restart(t) })
	return w
}

// hold lets a meeting take place now.
func (w *world) hold() {
	id := w.Sim.AddMeeting(simulator.DefaultAccountKey, simulator.Meeting{
		Subject: "Stand-up", OrganizerKey: w.organizer, Start: time.Now(), End: time.Now().Add(time.Hour),
	})
	w.Sim.StartMeeting(simulator.DefaultAccountKey, id)
	w.Sim.JoinMeeting(simulator.DefaultAccountKey, id, simulator.Attendee{Name: "Guest", Email: "guest@guest.test"})
	time.Sleep(time.Hour)
	w.Sim.EndMeeting(simulator.DefaultAccountKey, id)
}

// apply creates a report on the meetings of the last 30 days, or changes the one that there is.
func (w *world) apply(t *testing.T, change func(*v1alpha1.GoToReport)) *v1alpha1.GoToReport {
	t.Helper()
	r := kindtest.Apply(t, w.Kube, &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Name: "usage"}}, func(r *v1alpha1.GoToReport) {
		if r.CreationTimestamp.IsZero() {
			r.CreationTimestamp = metav1.Now()
			r.Spec.AccountRef.Name, r.Spec.Kind, r.Spec.Range.Last = kindtest.Account, v1alpha1.MeetingHistoryReport, "30d"
			r.Spec.Formats = []v1alpha1.ReportFormat{v1alpha1.ReportJSON}
		}
		change(r)
	})
	w.Start(r.Name)
	return r
}

func asIs(*v1alpha1.GoToReport) {}

func daily(r *v1alpha1.GoToReport) { r.Spec.Schedule, r.Spec.TimeZone = "30 2 * * *", "Europe/Berlin" }

// is fails unless Ready is as said.
func (w *world) is(t *testing.T, r *v1alpha1.GoToReport, want string) {
	t.Helper()
	if kindtest.Object(t, w.Kube, r); kindtest.Reason(r) != want {
		t.Errorf("Ready is %s, want %s: %+v", kindtest.Reason(r), want, r.Status.Conditions)
	}
}

// stored are the rows of the report in a Secret; nil if there is none.
func (w *world) stored(t *testing.T, name string) (rows []map[string]any, due string) {
	t.Helper()
	var s corev1.Secret
	err := w.Kube.Get(t.Context(), client.ObjectKey{Namespace: kindtest.Namespace, Name: name}, &s)
	if client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	if data := s.Data["report.json"]; len(data) > 0 {
		if err := json.Unmarshal(data, &rows); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
	}
	return rows, string(s.Data[v1alpha1.SecretKeyReportDue])
}

// whole is how many rows the newest report has. It fails unless what is stored is what the status says, byte by byte and row by row.
func (w *world) whole(t *testing.T, r *v1alpha1.GoToReport) (rows int64) {
	t.Helper()
	run := r.Status.History[0]
	for _, f := range run.Files {
		data := w.bytes(t, r, f)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(data)) != *f.Bytes {
			t.Errorf("%s has %d bytes: %+v", f.Where, len(data), f)
		}
		if rows = rowsOf(t, f.Format, data); rows != *run.Rows {
			t.Errorf("%s has %d rows: %+v", f.Where, rows, run)
		}
	}
	return rows
}

// bytes are those of a file of a report, wherever it is.
func (w *world) bytes(t *testing.T, r *v1alpha1.GoToReport, f v1alpha1.ReportFile) []byte {
	t.Helper()
	if !reportstore.ToSecret(r) {
		data, err := os.ReadFile(filepath.Join(w.kind.Directory, f.Where))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var s corev1.Secret
	name, key, _ := strings.Cut(f.Where, "/")
	if err := w.Kube.Get(t.Context(), client.ObjectKey{Namespace: kindtest.Namespace, Name: name}, &s); err != nil {
		t.Fatal(err)
	}
	return s.Data[key]
}

// rowsOf is how many rows are in a file.
func rowsOf(t *testing.T, format v1alpha1.ReportFormat, data []byte) int64 {
	t.Helper()
	if format == v1alpha1.ReportXLSX {
		table, err := report.ReadXLSX(data, report.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return int64(len(table.Rows))
	}
	var rows []map[string]any
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return int64(len(rows))
}

// secrets is how many Secrets have a report.
func (w *world) secrets(t *testing.T) (n int) {
	t.Helper()
	var list corev1.SecretList
	if err := w.Kube.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Items {
		if len(s.Data) > 0 {
			n++
		}
	}
	return n
}

package s3

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/controller/gotoreport"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/reportstore"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

const endpoint = "http://s3.test"

type world = kindtest.World[*v1alpha1.GoToReport, gotoreport.Wants, *gotoreport.Remote]

// newWorld is the operator with reports, beside an S3 service in memory, before which may stand who refuses requests.
func newWorld(t *testing.T, backend gofakes3.Backend, before ...func(http.Handler) http.Handler) *world {
	t.Helper()
	service := gofakes3.New(backend).Server()
	for _, b := range before {
		service = b(service)
	}
	transport := inprocess.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10)) // as it arrives by a network
		service.ServeHTTP(w, r)
	}))
	var w *world
	o := gotoreport.Options{Background: t.Context(), Places: reportstore.Places{
		Allowed:   func(e string) bool { return e == endpoint },
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) { return w.Through(transport).RoundTrip(r) }),
	}}
	w = kindtest.New(t,
		func(i client.FieldIndexer) error { return engine.AddIndexes(i, gotoreport.Kind{}) },
		func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToReport, gotoreport.Wants, *gotoreport.Remote] {
			return gotoreport.NewKind(c, c, o)
		})
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: kindtest.Namespace, Name: "bucket"}, Data: map[string][]byte{
		v1alpha1.SecretKeyAccessKeyID: []byte(key), v1alpha1.SecretKeySecretAccessKey: []byte("secret-of-the-bucket"),
	}}
	if err := w.Kube.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	return w
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// crowded is a meeting that took place yesterday, with so many who attended.
func crowded(w *world, attendees int) {
	organizer := w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{
		Email: "hal@example.test", FirstName: "Hal", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, PasswordCreated: true,
	})
	id := w.Sim.AddMeeting(simulator.DefaultAccountKey, simulator.Meeting{OrganizerKey: organizer, Subject: "All hands", Start: time.Now(), End: time.Now().Add(time.Hour)})
	w.Sim.StartMeeting(simulator.DefaultAccountKey, id)
	for i := range attendees {
		name := fmt.Sprintf("Guest %d of %s", i, strings.Repeat("a long name ", 10))
		w.Sim.JoinMeeting(simulator.DefaultAccountKey, id, simulator.Attendee{Name: name, Email: fmt.Sprintf("guest-%d@guest.test", i)})
	}
	time.Sleep(time.Hour)
	w.Sim.EndMeeting(simulator.DefaultAccountKey, id)
	time.Sleep(24 * time.Hour)
}

// Credentials that may not list the bucket: each report is made once and stored, and the status says that older ones stay, until the right is
// there and the next report is made.
func TestWithoutTheRightToList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, mayList := s3mem.New(), false
		if err := backend.CreateBucket(bucket); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, backend, func(service http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && !mayList {
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>")
					return
				}
				service.ServeHTTP(w, r)
			})
		})
		crowded(w, 1)
		w.Quietly(func() { w.Restart(t) })
		one := int32(1)
		r := kindtest.Apply(t, w.Kube, &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Name: "usage"}}, func(r *v1alpha1.GoToReport) {
			r.CreationTimestamp = metav1.Now()
			toBucket(r)
			r.Spec.Schedule, r.Spec.Keep = "@daily", &one
		})
		w.Start("usage")
		is := func(days int, files int, left bool) {
			t.Helper()
			w.Forget()
			w.Run(t, time.Duration(days)*24*time.Hour)
			kindtest.Object(t, w.Kube, r)
			if kindtest.Reason(r) != "True "+v1alpha1.ReasonMade || len(stored(t, backend)) != files || w.Sim.Calls()["listOrganizers"] != days {
				t.Errorf("%s, stored %v, calls %v", kindtest.Reason(r), stored(t, backend), w.Sim.Calls())
			}
			c := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionOldReportsLeft)
			if (c != nil) != left || left && (c.Status != metav1.ConditionTrue || !strings.Contains(c.Message, "AccessDenied")) {
				t.Errorf("%+v", r.Status.Conditions)
			}
		}
		is(3, 3, true)
		w.Quietly(func() { w.Restart(t) })
		mayList = true
		is(1, 1, false)
	})
}

// toBucket asks for the attendees of the last 30 days in the bucket.
func toBucket(r *v1alpha1.GoToReport) {
	r.Spec.AccountRef.Name, r.Spec.Kind, r.Spec.Range.Last = kindtest.Account, v1alpha1.AttendeesReport, "30d"
	r.Spec.Formats, r.Spec.Output = []v1alpha1.ReportFormat{v1alpha1.ReportCSV}, v1alpha1.ReportToS3
	r.Spec.S3 = &v1alpha1.ReportBucket{Endpoint: endpoint, Bucket: bucket, CredentialsSecretRef: v1alpha1.BucketSecretReference{Name: "bucket"}}
}

// A report of more than 3 MiB, which is refused for a Secret, goes to the bucket whole, and leaves it with its object.
func TestLargeReportOfTheOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := s3mem.New()
		if err := backend.CreateBucket(bucket); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, backend)
		crowded(w, 15000)
		w.Quietly(func() { w.Restart(t) })
		r := kindtest.Apply(t, w.Kube, &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Name: "usage"}}, func(r *v1alpha1.GoToReport) {
			r.CreationTimestamp = metav1.Now()
			r.Spec.AccountRef.Name, r.Spec.Kind, r.Spec.Range.Last = kindtest.Account, v1alpha1.AttendeesReport, "30d"
			r.Spec.Formats = []v1alpha1.ReportFormat{v1alpha1.ReportCSV}
		})
		w.Start("usage")
		w.Run(t, time.Minute)
		if kindtest.Object(t, w.Kube, r); kindtest.Reason(r) != "False "+v1alpha1.ReasonTooLarge {
			t.Fatalf("to a Secret: %s, %+v", kindtest.Reason(r), r.Status.Conditions)
		}
		kindtest.Apply(t, w.Kube, r, func(r *v1alpha1.GoToReport) {
			r.Spec.Output = v1alpha1.ReportToS3
			r.Spec.S3 = &v1alpha1.ReportBucket{Endpoint: endpoint, Bucket: bucket, Prefix: "goto", CredentialsSecretRef: v1alpha1.BucketSecretReference{Name: "bucket"}}
		})
		w.Start("usage")
		w.Run(t, 5*time.Minute)
		if kindtest.Object(t, w.Kube, r); kindtest.Reason(r) != "True "+v1alpha1.ReasonMade {
			t.Fatalf("to the bucket: %s, %+v", kindtest.Reason(r), r.Status.Conditions)
		}
		file := r.Status.History[0].Files[0]
		if rows := whole(t, backend, r); rows != 15000 || *file.Bytes < 3<<20 {
			t.Errorf("%d rows: %+v", rows, r.Status.History)
		}
		if err := w.Kube.Delete(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		w.Start("usage")
		w.Run(t, time.Minute)
		list, err := backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
		if _, there := kindtest.Object(t, w.Kube, r); there || err != nil || len(list.Contents) > 0 {
			t.Errorf("still there: %t, %v, %v", there, list, err)
		}
	})
}

// whole is how many rows the newest report has. It fails unless the CSV in the bucket is what the status says, byte by byte and row by row.
func whole(t *testing.T, backend gofakes3.Backend, r *v1alpha1.GoToReport) int {
	t.Helper()
	run := r.Status.History[0]
	file := run.Files[0]
	o, err := backend.GetObject(bucket, strings.TrimPrefix(file.Where, "s3://"+bucket+"/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(o.Contents)
	sum := sha256.Sum256(data)
	if err != nil || int64(len(data)) != *file.Bytes || hex.EncodeToString(sum[:]) != file.SHA256 {
		t.Errorf("%d bytes: %v, %+v", len(data), err, file)
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || int64(len(lines)-1) != *run.Rows {
		t.Errorf("%d lines: %v, %+v", len(lines), err, run)
	}
	return len(lines) - 1
}

// Whatever fails, and wherever the process is killed, at a request to the bucket too: there is one whole report in the end, and none once the
// object is gone.
func TestWalk(t *testing.T) {
	var backend *s3mem.Backend
	build := func(t *testing.T) *world {
		t.Helper()
		backend = s3mem.New()
		if err := backend.CreateBucket(bucket); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, backend)
		crowded(w, 1)
		w.Quietly(func() { w.Restart(t) })
		return w
	}
	soon := func(done func(*v1alpha1.GoToReport, bool) bool) func(*v1alpha1.GoToReport, bool) bool {
		return func(r *v1alpha1.GoToReport, there bool) bool {
			time.Sleep(10 * time.Second)
			return done(r, there)
		}
	}
	kindtest.Walk(t, build, func(t *testing.T, w *world) {
		t.Helper()
		r := kindtest.Apply(t, w.Kube, &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Name: "usage"}}, func(r *v1alpha1.GoToReport) {
			r.CreationTimestamp = metav1.Now()
			toBucket(r)
		})
		w.Until(t, r, soon(kindtest.Ready))
		if stored := stored(t, backend); len(r.Status.History) != 1 || len(stored) != 1 || "s3://"+bucket+"/"+stored[0] != r.Status.History[0].Files[0].Where {
			t.Errorf("stored %v, %+v", stored, r.Status.History)
		}
		if rows := whole(t, backend, r); rows != 1 {
			t.Errorf("%d rows", rows)
		}
		if err := w.Kube.Delete(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		w.Until(t, r, soon(kindtest.Gone))
		if left := stored(t, backend); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

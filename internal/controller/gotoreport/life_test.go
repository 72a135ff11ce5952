package gotoreport

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// A report without schedule is made once; nothing happens after that until its spec asks for something else.
func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.apply(t, asIs)
		w.Run(t, time.Minute)
		w.is(t, r, "True "+v1alpha1.ReasonMade)
		rows, due := w.stored(t, "usage-0")
		if len(rows) != 1 || due != r.CreationTimestamp.UTC().Format(time.RFC3339) {
			t.Errorf("due %s: %v", due, rows)
		}
		run := r.Status.History[0]
		if *run.Rows != 1 || run.Files[0].Where != "usage-0/report.json" || len(run.Files[0].SHA256) != 64 || *run.Files[0].Bytes == 0 || w.Writes != 3 {
			t.Errorf("%d writes: %+v", w.Writes, run)
		}
		w.Forget()
		w.Run(t, 5*24*time.Hour)
		w.Restart(t)
		w.Run(t, 24*time.Hour)
		if len(w.Changes()) > 0 || w.Writes > 0 || w.Reconciles["usage"] > 1 {
			t.Errorf("%d writes, %d reconciles, calls %v", w.Writes, w.Reconciles["usage"], w.Sim.Calls())
		}
		w.apply(t, func(r *v1alpha1.GoToReport) { r.Spec.Kind = v1alpha1.AttendeesReport })
		w.Run(t, time.Minute)
		kindtest.Object(t, w.Kube, r)
		if rows, _ := w.stored(t, "usage-0"); len(rows) != 1 || !strings.Contains(cmp.Diff(rows, nil), "Guest") || len(r.Status.History) != 1 {
			t.Errorf("%v, %+v", rows, r.Status.History)
		}
	})
}

// A daily report at half past two is made every day, also when clocks are put forward over that time and when they show it twice.
// Each is named by its time, three are kept, and a year's absence is made up for once.
func TestScheduleOverTheChangesOfClocks(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		from string
		want []string
	}{
		"forward": {"2026-03-27T12:00:00Z", []string{"2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		"back":    {"2026-10-23T12:00:00Z", []string{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, _ := time.Parse(time.RFC3339, row.from)
				time.Sleep(time.Until(from.Add(-26 * time.Hour)))
				w := newWorld(t)
				time.Sleep(time.Until(from))
				w.Quietly(func() { w.Restart(t) })
				r := w.apply(t, daily)
				w.Run(t, time.Minute)
				w.is(t, r, "True "+v1alpha1.ReasonScheduled)
				w.Forget()
				w.Run(t, 3*24*time.Hour)
				kindtest.Object(t, w.Kube, r)
				if d := cmp.Diff(row.want, dues(r)); d != "" || w.secrets(t) != 3 {
					t.Errorf("%d Secrets, %s", w.secrets(t), d)
				}
				if n := w.Sim.Calls()["listOrganizers"]; n > 3 || w.Reconciles["usage"] > 6 || w.Writes > 9 {
					t.Errorf("%d reconciles, %d writes, %v", w.Reconciles["usage"], w.Writes, w.Sim.Calls())
				}
			})
		})
	}
}

// dues are the times of the reports that were made, the oldest first.
func dues(r *v1alpha1.GoToReport) (out []string) {
	for _, run := range r.Status.History {
		out = append([]string{run.Due.UTC().Format(time.RFC3339)}, out...)
	}
	return out
}

// Runs that were missed are made up for by one, and only so many are kept, also where fewer than before.
func TestMissedRunsAndKeep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.apply(t, daily)
		w.Run(t, 6*24*time.Hour)
		if kindtest.Object(t, w.Kube, r); len(r.Status.History) != 3 || w.secrets(t) != 3 {
			t.Errorf("%v, %d Secrets", dues(r), w.secrets(t))
		}
		time.Sleep(100 * 24 * time.Hour)
		w.Restart(t)
		one := int32(1)
		w.apply(t, func(r *v1alpha1.GoToReport) { r.Spec.Keep = &one })
		w.Run(t, time.Minute)
		kindtest.Object(t, w.Kube, r)
		if n := len(r.Status.History); n != 1 || time.Since(r.Status.History[0].Due.Time) > 24*time.Hour || w.secrets(t) != 1 {
			t.Errorf("%v, %d Secrets", dues(r), w.secrets(t))
		}
	})
}

// A suspended report is not made, and one that is suspended while it is made is not stored; an account that only observes reads all
// the same.
func TestSuspendedAndObserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Policy(t, func(s *v1alpha1.GoToAccountSpec) { s.ManagementPolicy = v1alpha1.Observe })
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Operation: "listOrganizers", Delay: time.Minute, Count: 1})
		r := w.apply(t, asIs)
		w.Run(t, 10*time.Second)
		w.is(t, r, "False "+v1alpha1.ReasonMaking)
		w.apply(t, func(r *v1alpha1.GoToReport) { r.Spec.Suspend = true })
		w.Run(t, time.Hour)
		if w.is(t, r, "False "+v1alpha1.ReasonSuspended); w.secrets(t) > 0 {
			t.Error("it was stored")
		}
		w.apply(t, func(r *v1alpha1.GoToReport) { r.Spec.Suspend = false })
		w.Run(t, time.Minute)
		if w.is(t, r, "True "+v1alpha1.ReasonMade); w.secrets(t) != 1 {
			t.Error("it was not stored")
		}
	})
}

// What a person has to change is said, and not tried again and again.
func TestStalled(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*v1alpha1.GoToReport){
		v1alpha1.ReasonScheduleInvalid: func(r *v1alpha1.GoToReport) { r.Spec.Schedule = "every now and then" },
		v1alpha1.ReasonEndpointNotAllowed: func(r *v1alpha1.GoToReport) {
			r.Spec.Output, r.Spec.S3 = v1alpha1.ReportToS3, &v1alpha1.ReportBucket{Endpoint: "https://elsewhere.test"}
		},
		v1alpha1.ReasonUserNotFound:  func(r *v1alpha1.GoToReport) { r.Spec.Selection.Users = []string{"nobody"} },
		v1alpha1.ReasonGroupNotFound: func(r *v1alpha1.GoToReport) { r.Spec.Selection.Groups = []string{"none"} },
		v1alpha1.ReasonUnsupported: func(r *v1alpha1.GoToReport) {
			r.Spec.Kind, r.Spec.Source = v1alpha1.UserStatusReport, v1alpha1.ReportFromMeetings
		},
		v1alpha1.ReasonLimitExceeded: func(r *v1alpha1.GoToReport) { r.Spec.Kind, r.Spec.Limits.Rows = v1alpha1.AttendeesReport, -1 },
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if want == v1alpha1.ReasonLimitExceeded {
					w.hold()
					change = func(r *v1alpha1.GoToReport) {
						r.Spec.Limits.Rows, r.Spec.Range.Last, r.Spec.Kind = 1, "366d", v1alpha1.MeetingHistoryReport
					}
					time.Sleep(24 * time.Hour)
					w.Quietly(func() { w.Restart(t) })
				}
				r := w.apply(t, change)
				w.Run(t, 2*time.Hour)
				w.is(t, r, "False "+want)
				if n := w.Sim.Calls()["listOrganizers"]; n > 2 || w.secrets(t) > 0 {
					t.Errorf("%v, %d Secrets", w.Sim.Calls(), w.secrets(t))
				}
			})
		})
	}
}

// An object that was restored from a backup without its status does not make its last report again.
func TestRestored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.apply(t, asIs)
		w.Run(t, time.Minute)
		saved := kindtest.Vanish(t, w.Kube, r)
		saved.Status, saved.CreationTimestamp = v1alpha1.GoToReportStatus{}, metav1.Now()
		if err := w.Kube.Create(t.Context(), saved); err != nil {
			t.Fatal(err)
		}
		w.Forget()
		w.Start(saved.Name)
		w.Run(t, time.Minute)
		if w.is(t, saved, "True "+v1alpha1.ReasonMade); len(w.Sim.Calls()) > 0 {
			t.Errorf("%v", w.Sim.Calls())
		}
	})
}

// A bucket or a directory that cannot be reached any more holds the deletion of the object up, with a word about the way out, which works;
// but not where the bucket's Secret went with the namespace, and nobody can put it back.
func TestDeletionWithoutThePlace(t *testing.T) {
	t.Parallel()
	const credentials, host, directory = v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonEndpointNotAllowed, v1alpha1.ReasonDirectoryNotOffered
	for name, c := range map[string]struct {
		reason string
		ends   bool // the namespace
		goes   bool
	}{
		"no Secret":                          {credentials, false, false},
		"no Secret in a namespace that ends": {credentials, true, true},
		"no host":                            {host, false, false},
		"no host in a namespace that ends":   {host, true, false},
		"no directory":                       {directory, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(o *Options) {
					o.Directory, o.Allowed = "", func(string) bool { return c.reason == credentials }
				})
				ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: kindtest.Namespace, Finalizers: []string{"kubernetes"}}}
				if err := w.Kube.Create(t.Context(), ns); err != nil {
					t.Fatal(err)
				}
				r := w.apply(t, func(r *v1alpha1.GoToReport) {
					r.Spec.Output, r.Finalizers = v1alpha1.ReportToDirectory, []string{v1alpha1.Finalizer}
					if c.reason != directory {
						r.Spec.Output = v1alpha1.ReportToS3
						r.Spec.S3 = &v1alpha1.ReportBucket{Endpoint: "https://s3.test", Bucket: "reports", Prefix: "goto", CredentialsSecretRef: v1alpha1.BucketSecretReference{Name: "bucket"}}
					}
				})
				if err := w.Kube.Delete(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				if c.ends {
					if err := w.Kube.Delete(t.Context(), ns); err != nil {
						t.Fatal(err)
					}
				}
				w.Start(r.Name)
				w.Run(t, time.Hour)
				_, there := kindtest.Object(t, w.Kube, r)
				if c.goes {
					want := "Warning Orphaned the Secret with the bucket's credentials went with the namespace, and the reports stay: s3://reports/goto/team/usage/" + string(r.UID) + "-* at https://s3.test"
					if there || len(w.Events) != 1 || w.Events[0] != want {
						t.Errorf("there %t: %q, want %q", there, w.Events, want)
					}
					return
				}
				if ready := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionReady); !there || ready.Reason != c.reason || !strings.Contains(ready.Message, "deletionPolicy Orphan") {
					t.Errorf("there %t: %+v", there, r.Status.Conditions)
				}
				w.apply(t, func(r *v1alpha1.GoToReport) { r.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
				w.Run(t, time.Minute)
				if _, there := kindtest.Object(t, w.Kube, r); there {
					t.Errorf("it is not let go: %+v", r.Status.Conditions)
				}
			})
		})
	}
}

// A report about everybody, or about who has a licence, is made in another namespace only where the account lets that be about all of it.
func TestWholeAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		selection v1alpha1.ReportSelection
		whole     v1alpha1.NamespacesFrom
		want      string
	}{
		"all":               {v1alpha1.ReportSelection{}, v1alpha1.NamespacesFromSame, "False " + v1alpha1.ReasonWholeAccountDenied},
		"by licence":        {v1alpha1.ReportSelection{Licenses: []v1alpha1.Key{"1"}}, "", "False " + v1alpha1.ReasonWholeAccountDenied},
		"all, and allowed":  {v1alpha1.ReportSelection{}, v1alpha1.NamespacesFromAll, "True " + v1alpha1.ReasonMade},
		"of a user of hers": {v1alpha1.ReportSelection{Users: []string{"nobody"}}, v1alpha1.NamespacesFromSame, "False " + v1alpha1.ReasonUserNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				kindtest.Apply(t, w.Kube, &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Name: kindtest.Account}}, func(ga *v1alpha1.GoToAccount) {
					ga.Spec.AllowedNamespaces.From, ga.Spec.WholeAccountNamespaces.From = v1alpha1.NamespacesFromAll, c.whole
				})
				r := &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Namespace: "other", Name: "usage", UID: "other-usage", Generation: 1, CreationTimestamp: metav1.Now()}}
				r.Spec.AccountRef = v1alpha1.AccountReference{Namespace: kindtest.Namespace, Name: kindtest.Account}
				r.Spec.Kind, r.Spec.Range.Last, r.Spec.Selection = v1alpha1.MeetingHistoryReport, "30d", c.selection
				if err := w.Kube.Create(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				for range 4 {
					_ = w.Reconcile(t, "other/usage")
					time.Sleep(time.Minute)
				}
				if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(r), r); err != nil || kindtest.Reason(r) != c.want {
					t.Errorf("%v: %s, want %s: %+v", err, kindtest.Reason(r), c.want, r.Status.Conditions)
				}
				if n := w.secrets(t); (n > 0) != (c.want == "True "+v1alpha1.ReasonMade) {
					t.Errorf("%d reports", n)
				}
			})
		})
	}
}

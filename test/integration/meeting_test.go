package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// tomorrow is a day from now, to the minute.
func tomorrow() time.Time { return time.Now().UTC().Add(24 * time.Hour).Truncate(time.Minute) }

func newMeeting(namespace, name string) *v1alpha1.GoToMeeting {
	return &v1alpha1.GoToMeeting{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.GoToMeetingSpec{
			ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}},
			Subject:     "Meeting " + name, Start: metav1.NewTime(tomorrow()), Duration: metav1.Duration{Duration: 30 * time.Minute},
		},
	}
}

func (w *world) meeting(name string, change ...func(*v1alpha1.GoToMeeting)) *v1alpha1.GoToMeeting {
	GinkgoHelper()
	m := newMeeting(w.namespace, name)
	for _, f := range change {
		f(m)
	}
	Expect(k8s.Create(context.Background(), m)).To(Succeed())
	return m
}

func meetingIs(m *v1alpha1.GoToMeeting, kind string) func() string {
	return func() string { return condition(refreshed(m).Status.Conditions, kind) }
}

func (w *world) meetingSecret(name string) map[string][]byte {
	GinkgoHelper()
	s := &corev1.Secret{}
	s.Namespace, s.Name = w.namespace, name
	return refreshed(s).Data
}

func (w *world) edit(m *v1alpha1.GoToMeeting, change func(*v1alpha1.GoToMeeting)) {
	GinkgoHelper()
	patch := client.MergeFrom(refreshed(m).DeepCopy())
	change(m)
	Expect(k8s.Patch(context.Background(), m, patch)).To(Succeed())
}

// held is the meeting as GoTo has it, if it has it.
func (w *world) heldMeeting(m *v1alpha1.GoToMeeting) simulator.Meeting {
	for _, r := range w.sim.Meetings(acct) {
		if r.ID == string(m.Status.MeetingID) {
			return r
		}
	}
	return simulator.Meeting{}
}

var _ = Describe("GoToMeeting", func() {
	ctx := context.Background()

	It("is created, rescheduled, given co-organizers and a host URL, corrected and deleted", func() {
		w := newWorld()
		w.start()
		w.account()
		m := w.meeting("sync", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Coorganizers = []v1alpha1.Coorganizer{{UserRef: v1alpha1.GoToUserReference{Name: "fay"}}}
			m.Spec.HostURLSecretRef.Name = "sync-host"
		})
		Eventually(meetingIs(m, "Ready")).Should(Equal("False/CoorganizerNotFound"))
		w.user("fay")
		Eventually(meetingIs(m, "Ready")).Should(Equal("True/Synced"))
		Expect(m.Status.JoinURL).To(ContainSubstring(string(m.Status.MeetingID)))
		Expect(w.heldMeeting(m).CoorganizerKeys).To(HaveLen(1))
		Expect(string(w.meetingSecret("sync-host")[v1alpha1.SecretKeyHostURL])).To(ContainSubstring(simulator.HostToken))

		By("rescheduling it")
		w.edit(m, func(m *v1alpha1.GoToMeeting) {
			m.Spec.Start, m.Spec.Duration, m.Spec.End = metav1.NewTime(tomorrow().Add(time.Hour)), metav1.Duration{}, metav1.NewTime(tomorrow().Add(3*time.Hour))
		})
		Eventually(func() time.Time { return w.heldMeeting(m).End }).Should(Equal(m.Spec.End.UTC()))

		By("changing the subject in GoTo")
		id := string(m.Status.MeetingID)
		state := w.sim.State()
		for i := range state.Accounts[0].Meetings {
			state.Accounts[0].Meetings[i].Subject = "Changed"
		}
		Expect(w.sim.Load(state)).To(Succeed())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(func() string { return w.heldMeeting(m).Subject }).Should(Equal("Meeting sync"))

		By("deleting it")
		Expect(k8s.Delete(ctx, m)).To(Succeed())
		Eventually(func() int { return len(w.sim.Meetings(acct)) }).Should(BeZero(), id)
		Eventually(func() bool { return apierrors.IsNotFound(k8s.Get(ctx, client.ObjectKeyFromObject(m), m)) }).Should(BeTrue())
	})

	It("is held: attendance in status and Secret, and the object goes while the history stays", func() {
		w := newWorld()
		w.start()
		w.account()
		ttl := int32(3600)
		m := w.meeting("played", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Attendance, m.Spec.AttendanceSecretRef.Name, m.Spec.TTLSecondsAfterEnd = v1alpha1.FullAttendance, "played-attendees", &ttl
		})
		Eventually(meetingIs(m, "Ready")).Should(Equal("True/Synced"))
		id := string(m.Status.MeetingID)
		w.sim.AdvanceTo(m.Spec.Start.Time)
		w.sim.StartMeeting(acct, id)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(meetingIs(m, "Running")).Should(Equal("True/Active"))
		w.sim.JoinMeeting(acct, id, simulator.Attendee{Name: "Ada", Email: "ada@attendee.test"})
		w.sim.Advance(20 * time.Minute)
		w.sim.EndMeeting(acct, id)
		w.sim.Advance(15 * time.Minute)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(meetingIs(m, "AttendanceRecorded")).Should(Equal("True/Recorded"))
		Expect(condition(m.Status.Conditions, "Ended")).To(Equal("True/Over"))
		Expect(m.Status.Attendance).To(Equal(v1alpha1.MeetingAttendance{Sessions: 1, Attendees: 1, Minutes: 20, Listed: 1, Policy: v1alpha1.FullAttendance}))
		Expect(string(w.meetingSecret("played-attendees")[v1alpha1.SecretKeyAttendeesCSV])).To(ContainSubstring("ada@attendee.test"))

		w.sim.Advance(2 * time.Hour)
		w.touch(m)
		Eventually(func() bool { return apierrors.IsNotFound(k8s.Get(ctx, client.ObjectKeyFromObject(m), m)) }).Should(BeTrue())
		Expect(w.sim.Sessions(acct)).To(HaveLen(1))
		Expect(w.sim.Calls()[simulator.OpDeleteMeeting]).To(BeZero())
	})

	It("is made once when the operator is killed between the create and its answer", func() {
		w := newWorld()
		w.start()
		w.account()
		id := w.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: simulator.OpCreateMeeting, Count: 1})
		m := w.meeting("sync")
		Eventually(func() int { return len(w.sim.Meetings(acct)) }).Should(Equal(1))
		w.stop()
		w.sim.Release(id)
		w.start()
		Eventually(meetingIs(m, "Ready")).Should(Equal("True/Synced"))
		Expect(condition(m.Status.Conditions, "JoinURLKnown")).To(Equal("False/AnswerLost"))
		Expect(w.sim.Meetings(acct)).To(HaveLen(1))
		Expect(w.sim.Calls()[simulator.OpCreateMeeting]).To(Equal(1))
	})

	DescribeTable("that the API server refuses, and says why", func(change func(*v1alpha1.GoToMeeting), says string) {
		m := newMeeting("default", "refused")
		Expect(k8s.Create(ctx, m.DeepCopy(), client.DryRunAll)).To(Succeed(), "what is bad must be the change")
		change(m)
		err := k8s.Create(ctx, m, client.DryRunAll)
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("no subject", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "" }, "spec.subject"),
		Entry("a subject of 101 characters", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = strings.Repeat("ä", 101) }, "spec.subject"),
		Entry("no start", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.Time{} }, "spec.start"),
		Entry("neither end nor duration", func(m *v1alpha1.GoToMeeting) { m.Spec.Duration.Duration = 0 }, "exactly one of end and duration"),
		Entry("both", func(m *v1alpha1.GoToMeeting) { m.Spec.End = metav1.NewTime(tomorrow().Add(time.Hour)) }, "exactly one of end and duration"),
		Entry("an end before the start", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Duration.Duration, m.Spec.End = 0, metav1.NewTime(tomorrow().Add(-time.Hour))
		}, "end must be after start"),
		Entry("a duration that is too short", func(m *v1alpha1.GoToMeeting) { m.Spec.Duration.Duration = time.Second }, "duration must be between"),
		Entry("a duration of broken seconds", func(m *v1alpha1.GoToMeeting) { m.Spec.Duration.Duration += time.Millisecond }, "whole seconds"),
		Entry("an unknown type", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = "Weekly" }, "spec.type"),
		Entry("audio of 256 characters", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Audio = v1alpha1.MeetingAudio{Type: "Custom", Text: strings.Repeat("1", 256)}
		}, "spec.audio.text"),
		Entry("a co-organizer who is nobody", func(m *v1alpha1.GoToMeeting) { m.Spec.Coorganizers = []v1alpha1.Coorganizer{{}} }, "exactly one of userRef and key"),
		Entry("a co-organizer who is two", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Coorganizers = []v1alpha1.Coorganizer{{Key: "1", UserRef: v1alpha1.GoToUserReference{Name: "x"}}}
		}, "exactly one of userRef and key"),
		Entry("attendance Full without a Secret", func(m *v1alpha1.GoToMeeting) { m.Spec.Attendance = v1alpha1.FullAttendance }, "attendanceSecretRef"),
		Entry("one Secret for two things", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Attendance, m.Spec.AttendanceSecretRef.Name, m.Spec.HostURLSecretRef.Name = v1alpha1.FullAttendance, "x", "x"
		}, "two Secrets"),
		Entry("a recurring meeting with an end to wait for", func(m *v1alpha1.GoToMeeting) {
			ttl := int32(1)
			m.Spec.Type, m.Spec.TTLSecondsAfterEnd = v1alpha1.RecurringMeeting, &ttl
		}, "has no end"),
		Entry("a negative time to live", func(m *v1alpha1.GoToMeeting) { ttl := int32(-1); m.Spec.TTLSecondsAfterEnd = &ttl }, "spec.ttlSecondsAfterEnd"),
	)

	It("takes times in UTC alone, and keeps its type", func() {
		w := newWorld()
		raw := func(start string) error {
			manifest := fmt.Sprintf(`{"apiVersion":"goto-operator.dev/v1alpha1","kind":"GoToMeeting","metadata":{"namespace":%q,"name":"raw"},
				"spec":{"accountRef":{"name":"example"},"subject":"Raw","start":%q,"duration":"30m"}}`, w.namespace, start)
			return k8s.Patch(ctx, newMeeting(w.namespace, "raw"), client.RawPatch("application/apply-patch+yaml", []byte(manifest)),
				client.ForceOwnership, client.FieldOwner("test"))
		}
		for _, bad := range []string{"2035-01-08T09:00:00+01:00", "2035-01-08T09:00:00.5Z", "2035-01-08", "tomorrow"} {
			Expect(apierrors.IsInvalid(raw(bad))).To(BeTrue(), bad)
		}
		Expect(raw("2035-01-08T09:00:00Z")).To(Succeed())
		m := newMeeting(w.namespace, "raw")
		patch := client.MergeFrom(refreshed(m).DeepCopy())
		m.Spec.Type = v1alpha1.RecurringMeeting
		err := k8s.Patch(ctx, m, patch)
		Expect(apierrors.IsInvalid(err)).To(BeTrue())
		Expect(err.Error()).To(ContainSubstring("type cannot be changed"))
	})
})

// The operator as people run it, with a host URL, attendees and every kind of failure.
var _ = Describe("The operator's binary and meetings", func() {
	ctx := context.Background()

	It("tells neither host URL nor attendees, and is forbidden nothing", func() {
		w := newWorld()
		server := httptest.NewServer(w.sim.APIHandler())
		DeferCleanup(server.Close)
		w.url = server.URL
		api, metrics := newAPIProxy(), freeAddress()
		operator := exec.Command(operatorBinary, "--allowed-hosts="+w.url, "--leader-elect=false",
			"--watch-namespaces="+w.namespace, "--metrics-bind-address="+metrics, "--health-probe-bind-address="+freeAddress(), "--zap-log-level=debug")
		operator.Env = append(os.Environ(), "KUBECONFIG="+api.kubeconfig(token(ctx, "goto-operator-controller-manager")))
		var log lockedBuffer
		session, err := gexec.Start(operator, io.MultiWriter(&log, GinkgoWriter), io.MultiWriter(&log, GinkgoWriter))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Terminate().Wait() })

		By("a meeting that is held now")
		ga := w.account()
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("True/Connected"))
		for _, fault := range []simulator.Fault{
			{Kind: simulator.FaultHTML, Operation: simulator.OpGetStartURL}, {Kind: simulator.FaultTruncate, Operation: simulator.OpGetStartURL},
			{Kind: simulator.FaultCutBody, Operation: simulator.OpListMeetingAttendees}, {Kind: simulator.FaultTruncate, Operation: simulator.OpListMeetingAttendees},
		} {
			fault.Count = 1
			w.sim.Inject(fault)
		}
		start := time.Now().UTC().Add(soon).Truncate(time.Second)
		m := w.meeting("held", func(m *v1alpha1.GoToMeeting) {
			m.Spec.Start, m.Spec.Duration, m.Spec.End = metav1.NewTime(start), metav1.Duration{}, metav1.NewTime(start.Add(10*time.Second))
			m.Spec.HostURLSecretRef.Name, m.Spec.Attendance, m.Spec.AttendanceSecretRef.Name = "held-host", v1alpha1.FullAttendance, "held-attendees"
		})
		Eventually(meetingIs(m, "Ready")).Should(Equal("True/Synced"))
		w.sim.StartMeeting(acct, string(m.Status.MeetingID))
		w.sim.JoinMeeting(acct, string(m.Status.MeetingID), simulator.Attendee{Name: "Canary Attendee", Email: "canary@attendee.test"})
		w.sim.EndMeeting(acct, string(m.Status.MeetingID))
		Eventually(meetingIs(m, "AttendanceRecorded")).Should(Equal("True/Recorded"))
		Expect(string(w.meetingSecret("held-host")[v1alpha1.SecretKeyHostURL])).To(ContainSubstring(simulator.HostToken))
		Expect(string(w.meetingSecret("held-attendees")[v1alpha1.SecretKeyAttendeesJSON])).To(ContainSubstring("canary@attendee.test"))

		By("and one whose Secret is somebody else's")
		bad := w.meeting("bad", func(m *v1alpha1.GoToMeeting) { m.Spec.HostURLSecretRef.Name = "goto" })
		Eventually(meetingIs(bad, "Ready")).Should(Equal("False/SecretNotOwned"))

		By("looking for them wherever the operator writes")
		for place, text := range map[string]string{
			"log": log.String(), "metrics": scrape(ctx, metrics), "events": events(ctx, w.namespace), "objects": objects(ctx, w.namespace),
		} {
			Expect(text).NotTo(BeEmpty(), place)
			for _, canary := range []string{simulator.HostToken, "canary@attendee.test", "Canary Attendee", "start.example.test"} {
				Expect(strings.Contains(text, canary)).To(BeFalse(), "%s is in the %s", canary, place)
			}
		}
		Expect(api.refused()).To(BeEmpty())
		Expect(bytes.Contains([]byte(log.String()), []byte("forbidden"))).To(BeFalse())
	})
})

package integration_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// passes is what the API server says of a report that it takes.
const passes = ""

var _ = Describe("GoToReport", func() {
	ctx := context.Background()
	of := func(kind v1alpha1.ReportKind, product v1alpha1.ReportProduct) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Kind, r.Spec.Product = kind, product }
	}
	from := func(source v1alpha1.ReportSource, kind v1alpha1.ReportKind, product v1alpha1.ReportProduct) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Source, r.Spec.Kind, r.Spec.Product = source, kind, product }
	}
	as := func(kind v1alpha1.ReportKind, formats ...v1alpha1.ReportFormat) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Kind, r.Spec.Formats = kind, formats }
	}
	about := func(kind v1alpha1.ReportKind, selection v1alpha1.ReportSelection) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Kind, r.Spec.Selection = kind, selection }
	}
	in := func(days v1alpha1.ReportRange) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Range = days }
	}
	by := func(schedule, zone string, days v1alpha1.ReportRange) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Schedule, r.Spec.TimeZone, r.Spec.Range = schedule, zone, days }
	}
	to := func(output v1alpha1.ReportOutput, changes ...func(*v1alpha1.ReportBucket)) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) {
			r.Spec.Output = output
			for _, change := range changes {
				r.Spec.S3 = &v1alpha1.ReportBucket{
					Endpoint: "https://s3.example.test", Bucket: "reports", CredentialsSecretRef: v1alpha1.BucketSecretReference{Name: "bucket"},
				}
				change(r.Spec.S3)
			}
		}
	}
	whole := func(*v1alpha1.ReportBucket) {}
	kept := func(n int32) func(*v1alpha1.GoToReport) { return func(r *v1alpha1.GoToReport) { r.Spec.Keep = &n } }
	within := func(limits v1alpha1.ReportLimits) func(*v1alpha1.GoToReport) {
		return func(r *v1alpha1.GoToReport) { r.Spec.Limits = limits }
	}
	month, dates := v1alpha1.ReportRange{Last: "30d"}, v1alpha1.ReportRange{From: "2030-01-01", To: "2030-01-31"}
	const (
		meetings, planned, attendees = v1alpha1.MeetingHistoryReport, v1alpha1.ScheduledMeetingsReport, v1alpha1.AttendeesReport
		activity, status, tollFree   = v1alpha1.ActivityReport, v1alpha1.UserStatusReport, v1alpha1.TollFreeUsageReport
		registrants, recordings      = v1alpha1.RegistrantsReport, v1alpha1.RecordingRegistrantsReport
		billing, rates               = v1alpha1.BillingHistoryReport, v1alpha1.RatesAndNumbersReport
		rooms, audio                 = v1alpha1.ConferenceRoomsReport, v1alpha1.AudioUsageReport
		voice                        = v1alpha1.OpenVoice
		ofVoice, ofWebinars          = "are the reports of product OPENVOICE", "are the reports of product G2W"
		ofNone                       = "are not reports of one product"
		byMeetings                   = "set source: Administration for others"
		onlyHTML                     = "only TollFreeUsage can be had as html, and then as nothing else"
		oneOf                        = "a selection is one of users, groups and licenses"
		bucket                       = "output: S3 needs s3, and s3 has a meaning with it alone"
	)

	DescribeTable("as the API server takes and refuses it", func(change func(*v1alpha1.GoToReport), says string) {
		r := &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "usage"}}
		r.Spec.AccountRef.Name, r.Spec.Kind, r.Spec.Range = "example", meetings, month
		Expect(k8s.Create(ctx, r.DeepCopy(), client.DryRunAll)).To(Succeed(), "what is bad must be the change")
		change(r)
		err := k8s.Create(ctx, r, client.DryRunAll)
		if says == passes {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("a kind that is none", of("Weather", ""), "spec.kind"),
		Entry("no kind", of("", ""), "spec.kind"),
		Entry("a product that is none", of(meetings, "G2X"), "spec.product"),
		Entry("meetings of GoToMeeting", of(meetings, "G2M"), passes),
		Entry("meetings of GoToTraining", of(attendees, "G2T"), passes),
		Entry("planned meetings", of(planned, ""), passes),
		Entry("activity", of(activity, ""), passes),
		Entry("activity of one product", of(activity, "G2M"), ofNone),
		Entry("users", of(status, ""), passes),
		Entry("users of one product", of(status, "G2T"), ofNone),
		Entry("toll-free usage", of(tollFree, ""), passes),
		Entry("toll-free usage of one product", of(tollFree, "G2M"), ofNone),
		Entry("registrants", of(registrants, "G2W"), passes),
		Entry("registrants of recordings, of the product that goes without saying", of(recordings, ""), passes),
		Entry("registrants of meetings", of(registrants, "G2M"), ofWebinars),
		Entry("meetings of webinars", of(meetings, "G2W"), ofWebinars),
		Entry("billing", of(billing, voice), passes),
		Entry("rates", of(rates, voice), passes),
		Entry("rooms", of(rooms, voice), passes),
		Entry("audio, of the product that goes without saying", of(audio, ""), passes),
		Entry("billing of meetings", of(billing, "G2M"), ofVoice),
		Entry("meetings of OpenVoice", of(meetings, voice), ofVoice),

		Entry("a source that is none", from("Oracle", meetings, ""), "spec.source"),
		Entry("meetings by their own API", from(v1alpha1.ReportFromMeetings, attendees, "G2M"), passes),
		Entry("meetings by the other API", from(v1alpha1.ReportFromAdministration, planned, "G2T"), passes),
		Entry("trainings by the API of meetings", from(v1alpha1.ReportFromMeetings, planned, "G2T"), byMeetings),
		Entry("users by the API of meetings", from(v1alpha1.ReportFromMeetings, status, ""), byMeetings),
		Entry("a policy that manages", func(r *v1alpha1.GoToReport) { r.Spec.ManagementPolicy = v1alpha1.Manage }, passes),
		Entry("a policy that observes", func(r *v1alpha1.GoToReport) { r.Spec.ManagementPolicy = v1alpha1.Observe }, "a report writes nothing to GoTo: to stop it, set suspend"),

		Entry("every format but html", as(meetings, "xlsx", "csv", "json"), passes),
		Entry("a format that is none", as(meetings, "pdf"), "spec.formats"),
		Entry("a format twice", as(meetings, "csv", "csv"), "Duplicate value"),
		Entry("toll-free usage as html", as(tollFree, "html"), passes),
		Entry("meetings as html", as(meetings, "html"), onlyHTML),
		Entry("toll-free usage as html and more", as(tollFree, "html", "xlsx"), onlyHTML),

		Entry("of users", about(meetings, v1alpha1.ReportSelection{Users: []string{"fay"}}), passes),
		Entry("of groups", about(meetings, v1alpha1.ReportSelection{Groups: []string{"staff"}}), passes),
		Entry("of licences", about(meetings, v1alpha1.ReportSelection{Licenses: []v1alpha1.Key{"7"}}), passes),
		Entry("of users and groups", about(meetings, v1alpha1.ReportSelection{Users: []string{"fay"}, Groups: []string{"staff"}}), oneOf),
		Entry("of groups and licences", about(meetings, v1alpha1.ReportSelection{Groups: []string{"staff"}, Licenses: []v1alpha1.Key{"7"}}), oneOf),
		Entry("of a licence that is no key", about(meetings, v1alpha1.ReportSelection{Licenses: []v1alpha1.Key{"meetings"}}), "spec.selection.licenses"),
		Entry("of a user without a name", about(meetings, v1alpha1.ReportSelection{Users: []string{""}}), "spec.selection.users"),
		Entry("toll-free usage of users", about(tollFree, v1alpha1.ReportSelection{Users: []string{"fay"}}), "TollFreeUsage is about the whole account: selection has no use"),

		Entry("the last day", in(v1alpha1.ReportRange{Last: "1d"}), passes),
		Entry("the last year", in(v1alpha1.ReportRange{Last: "366d"}), passes),
		Entry("more than a year", in(v1alpha1.ReportRange{Last: "367d"}), "spec.range.last"),
		Entry("no day", in(v1alpha1.ReportRange{Last: "0d"}), "spec.range.last"),
		Entry("the last weeks", in(v1alpha1.ReportRange{Last: "2w"}), "spec.range.last"),
		Entry("dates", in(dates), passes),
		Entry("one date", in(v1alpha1.ReportRange{From: "2030-01-01", To: "2030-01-01"}), passes),
		Entry("no range", in(v1alpha1.ReportRange{}), "spec.range"),
		Entry("the last days and dates", in(v1alpha1.ReportRange{From: "2030-01-01", To: "2030-01-31", Last: "30d"}), "set last, or both from and to"),
		Entry("dates without an end", in(v1alpha1.ReportRange{From: "2030-01-01"}), "set both from and to"),
		Entry("the last days to a date", in(v1alpha1.ReportRange{To: "2030-01-01", Last: "30d"}), "set both from and to"),
		Entry("dates the wrong way round", in(v1alpha1.ReportRange{From: "2030-01-31", To: "2030-01-01"}), "from must not be after to"),
		Entry("a month that is none", in(v1alpha1.ReportRange{From: "2030-13-01", To: "2030-13-02"}), "spec.range.from"),
		Entry("a date with a time", in(v1alpha1.ReportRange{From: "2030-01-01", To: "2030-01-02T00:00:00Z"}), "spec.range.to"),

		Entry("by a schedule", by("30 2 * * 1", "Europe/Berlin", month), passes),
		Entry("once, in a time zone", by("", "Europe/Berlin", dates), passes),
		Entry("by a schedule about fixed dates", by("@daily", "", dates), "a report by a schedule needs range.last"),
		Entry("by a schedule of 129 characters", by(strings.Repeat("1", 129), "", month), "spec.schedule"),
		Entry("in a time zone of 65 characters", by("@daily", strings.Repeat("Z", 65), month), "spec.timeZone"),

		Entry("to a Secret", to(v1alpha1.ReportToSecret), passes),
		Entry("to the directory", to(v1alpha1.ReportToDirectory), passes),
		Entry("to a bucket", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Prefix, b.Region = "goto/team-1", "eu-central-1" }), passes),
		Entry("to a place that is none", to("Mail"), "spec.output"),
		Entry("to a bucket without one", to(v1alpha1.ReportToS3), bucket),
		Entry("to a Secret with a bucket", to(v1alpha1.ReportToSecret, whole), bucket),
		Entry("to a bucket when nothing is said", to("", whole), bucket),
		Entry("to an endpoint with a path", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Endpoint += "/reports" }), "spec.s3.endpoint"),
		Entry("to an endpoint with a user", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Endpoint = "https://me@s3.example.test" }), "spec.s3.endpoint"),
		Entry("to a bucket with a name that is none", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Bucket = "Reports" }), "spec.s3.bucket"),
		Entry("below a prefix that leaves it", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Prefix = "/goto" }), "spec.s3.prefix"),
		Entry("to a region that is none", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.Region = "EU Central" }), "spec.s3.region"),
		Entry("to a bucket without credentials", to(v1alpha1.ReportToS3, func(b *v1alpha1.ReportBucket) { b.CredentialsSecretRef.Name = "" }), "spec.s3.credentialsSecretRef"),

		Entry("one is kept", kept(1), passes),
		Entry("thirty are kept", kept(30), passes),
		Entry("none is kept", kept(0), "spec.keep"),
		Entry("thirty-one are kept", kept(31), "spec.keep"),
		Entry("the highest limits", within(v1alpha1.ReportLimits{Rows: 1_000_000, Megabytes: 256, Minutes: 360}), passes),
		Entry("the lowest limits", within(v1alpha1.ReportLimits{Rows: 1, Megabytes: 1, Minutes: 1}), passes),
		Entry("too many rows", within(v1alpha1.ReportLimits{Rows: 1_000_001}), "spec.limits.rows"),
		Entry("less than no rows", within(v1alpha1.ReportLimits{Rows: -1}), "spec.limits.rows"),
		Entry("too many megabytes", within(v1alpha1.ReportLimits{Megabytes: 257}), "spec.limits.megabytes"),
		Entry("too many minutes", within(v1alpha1.ReportLimits{Minutes: 361}), "spec.limits.minutes"),

		Entry("a name of 200 characters", func(r *v1alpha1.GoToReport) { r.Name = strings.Repeat("u", 200) }, passes),
		Entry("a name of 201 characters", func(r *v1alpha1.GoToReport) { r.Name = strings.Repeat("u", 201) }, "at most 200 characters"),
		Entry("no account", func(r *v1alpha1.GoToReport) { r.Spec.AccountRef.Name = "" }, "spec.accountRef"),
	)

	It("keeps three reports in Secrets unless it says otherwise, and its account", func() {
		r := &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kept"}}
		r.Spec.AccountRef.Name, r.Spec.Kind, r.Spec.Range = "example", meetings, month
		Expect(k8s.Create(ctx, r)).To(Succeed())
		defer func() { Expect(k8s.Delete(ctx, r)).To(Succeed()) }()
		Expect(*r.Spec.Keep).To(Equal(int32(3)))
		Expect(r.Spec.Output).To(Equal(v1alpha1.ReportToSecret))
		changed := r.DeepCopy()
		changed.Spec.AccountRef.Name = "other"
		Expect(k8s.Update(ctx, changed)).To(MatchError(ContainSubstring("accountRef cannot be changed")))
	})
})

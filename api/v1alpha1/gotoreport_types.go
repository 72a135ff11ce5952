package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReportKind is what a report is about.
//
// +kubebuilder:validation:Enum=Activity;UserStatus;MeetingHistory;ScheduledMeetings;Attendees;Registrants;RecordingRegistrants;AudioUsage;BillingHistory;RatesAndNumbers;ConferenceRooms;TollFreeUsage
type ReportKind string

// The kinds of reports. The first three come from the GoToMeeting API unless the spec says otherwise, the others from the
// Administration API alone.
const (
	MeetingHistoryReport       ReportKind = "MeetingHistory"
	ScheduledMeetingsReport    ReportKind = "ScheduledMeetings"
	AttendeesReport            ReportKind = "Attendees"
	ActivityReport             ReportKind = "Activity"
	UserStatusReport           ReportKind = "UserStatus"
	RegistrantsReport          ReportKind = "Registrants"
	RecordingRegistrantsReport ReportKind = "RecordingRegistrants"
	AudioUsageReport           ReportKind = "AudioUsage"
	BillingHistoryReport       ReportKind = "BillingHistory"
	RatesAndNumbersReport      ReportKind = "RatesAndNumbers"
	ConferenceRoomsReport      ReportKind = "ConferenceRooms"
	TollFreeUsageReport        ReportKind = "TollFreeUsage"
)

// ReportProduct is the product that a report is about, as GoTo names it.
//
// +kubebuilder:validation:Enum=G2M;G2W;G2T;OPENVOICE
type ReportProduct string

// OpenVoice is the product that billing is reported of.
const OpenVoice ReportProduct = "OPENVOICE"

// ReportSource is the API that a report comes from.
//
// +kubebuilder:validation:Enum=GoToMeeting;Administration
type ReportSource string

const (
	// ReportFromMeetings makes the report of what the GoToMeeting API says.
	ReportFromMeetings ReportSource = "GoToMeeting"
	// ReportFromAdministration takes the report that the Administration API makes.
	ReportFromAdministration ReportSource = "Administration"
)

// ReportFormat is how a report is written.
//
// +kubebuilder:validation:Enum=xlsx;html;csv;json
type ReportFormat string

const (
	// ReportXLSX is a sheet.
	ReportXLSX ReportFormat = "xlsx"
	// ReportHTML is a page, as GoTo makes it; of toll-free usage alone.
	ReportHTML ReportFormat = "html"
	// ReportCSV is comma-separated values.
	ReportCSV ReportFormat = "csv"
	// ReportJSON is a list of objects.
	ReportJSON ReportFormat = "json"
)

// ReportOutput is where reports go.
//
// +kubebuilder:validation:Enum=Secret;Directory;S3
type ReportOutput string

const (
	// ReportToSecret puts each report into a Secret.
	ReportToSecret ReportOutput = "Secret"
	// ReportToDirectory puts reports into the directory that the operator's flag --report-directory names.
	ReportToDirectory ReportOutput = "Directory"
	// ReportToS3 puts reports into a bucket.
	ReportToS3 ReportOutput = "S3"
)

// Keys of the Secret with the credentials for a bucket.
const (
	// SecretKeyAccessKeyID and SecretKeySecretAccessKey are what a bucket's owner gives out.
	SecretKeyAccessKeyID     = "access-key-id"
	SecretKeySecretAccessKey = "secret-access-key"
)

// SecretKeyReportDue in a Secret with a report is the time for which the report was due.
const SecretKeyReportDue = "due"

// GoToReportSpec is a report that is made once, or by a schedule. Nothing is written to GoTo for it.
//
// +kubebuilder:validation:XValidation:rule="!has(self.managementPolicy) || self.managementPolicy == 'Manage'",message="a report writes nothing to GoTo: to stop it, set suspend"
// +kubebuilder:validation:XValidation:rule="!has(self.product) || (self.product == 'OPENVOICE') == (self.kind in ['BillingHistory', 'RatesAndNumbers', 'ConferenceRooms', 'AudioUsage'])",message="BillingHistory, RatesAndNumbers, ConferenceRooms and AudioUsage are the reports of product OPENVOICE"
// +kubebuilder:validation:XValidation:rule="!has(self.product) || (self.product == 'G2W') == (self.kind in ['Registrants', 'RecordingRegistrants'])",message="Registrants and RecordingRegistrants are the reports of product G2W"
// +kubebuilder:validation:XValidation:rule="!has(self.product) || !(self.kind in ['Activity', 'UserStatus', 'TollFreeUsage'])",message="Activity, UserStatus and TollFreeUsage are not reports of one product"
// +kubebuilder:validation:XValidation:rule="!has(self.source) || self.source != 'GoToMeeting' || (self.kind in ['MeetingHistory', 'ScheduledMeetings', 'Attendees'] && (!has(self.product) || self.product == 'G2M'))",message="the GoToMeeting API has MeetingHistory, ScheduledMeetings and Attendees of product G2M; set source: Administration for others"
// +kubebuilder:validation:XValidation:rule="!has(self.formats) || !('html' in self.formats) || (self.kind == 'TollFreeUsage' && self.formats.size() == 1)",message="only TollFreeUsage can be had as html, and then as nothing else"
// +kubebuilder:validation:XValidation:rule="self.kind != 'TollFreeUsage' || !has(self.selection)",message="TollFreeUsage is about the whole account: selection has no use"
// +kubebuilder:validation:XValidation:rule="!has(self.output) || (self.output == 'S3') == has(self.s3)",message="output: S3 needs s3, and s3 has a meaning with it alone"
// +kubebuilder:validation:XValidation:rule="!has(self.schedule) || has(self.range.last)",message="a report by a schedule needs range.last: with fixed dates each would be the same"
type GoToReportSpec struct {
	ManagedSpec `json:",inline"`

	// kind of the report.
	// +required
	Kind ReportKind `json:"kind,omitempty"`

	// product that it is about, where there are several: G2M or G2T of meetings. OPENVOICE goes with billing and audio alone, G2W with
	// registrants.
	// +optional
	Product ReportProduct `json:"product,omitempty"`

	// source is GoToMeeting or Administration. When not set, MeetingHistory, ScheduledMeetings and Attendees of no product or of
	// G2M come from the GoToMeeting API, all else from the Administration API. Nobody has verified the paths of reports in
	// the latter: see the account's spec.endpoints.
	// +optional
	Source ReportSource `json:"source,omitempty"`

	// selection is whom the report is about: all when not set.
	// +optional
	Selection ReportSelection `json:"selection,omitzero"`

	// range of days that the report is about.
	// +required
	Range ReportRange `json:"range,omitzero"`

	// schedule of a report that is made again and again, as in cron: minute, hour, day of the month, month and day of the week,
	// or @daily, @weekly, @monthly and the like. A time of day that comes twice when clocks are put back counts once; one that is left
	// out when they are put forward counts as much later. Without schedule the report is made once. Runs that were missed
	// are made up for by one.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Schedule string `json:"schedule,omitempty"`

	// timeZone of the schedule, of the days of range, and of the times in the report, such as Europe/Berlin; UTC when not set.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// keep is how many reports are kept; older ones that this object made are deleted.
	// +optional
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=30
	Keep *int32 `json:"keep,omitempty"`

	// formats in which each report is written; xlsx when not set.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Formats []ReportFormat `json:"formats,omitempty"`

	// bom puts a byte order mark before csv, by which spreadsheet programs know that it is UTF-8.
	// +optional
	BOM *bool `json:"bom,omitempty"`

	// output is Secret for a Secret in the namespace of this object, which holds less than 900 KiB; Directory for the one that the
	// operator's flag --report-directory names; or S3 for a bucket. Reports hold personal data.
	// +optional
	// +kubebuilder:default=Secret
	Output ReportOutput `json:"output,omitempty"`

	// s3 is the bucket, with output: S3.
	// +optional
	S3 *ReportBucket `json:"s3,omitempty"`

	// limits beyond which a report is given up.
	// +optional
	Limits ReportLimits `json:"limits,omitzero"`
}

// ReportSelection is whom a report is about. It is one of users, groups and licenses.
//
// +kubebuilder:validation:XValidation:rule="(has(self.users) ? 1 : 0) + (has(self.groups) ? 1 : 0) + (has(self.licenses) ? 1 : 0) <= 1",message="a selection is one of users, groups and licenses"
type ReportSelection struct {
	// users are names of GoToUsers in the namespace of this object.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=512
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Users []string `json:"users,omitempty"`

	// groups are names of GoToGroups in the namespace of this object.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Groups []string `json:"groups,omitempty"`

	// licenses are keys of licences of the account.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Licenses []Key `json:"licenses,omitempty"`
}

// ReportRange is the days that a report is about: either last, or from and to.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="has(self.last) != (has(self.from) && has(self.to))",message="set last, or both from and to"
// +kubebuilder:validation:XValidation:rule="has(self.from) == has(self.to)",message="set both from and to"
// +kubebuilder:validation:XValidation:rule="!has(self.from) || self.from <= self.to",message="from must not be after to"
type ReportRange struct {
	// from is the first day, for example 2030-01-01.
	// +optional
	// +kubebuilder:validation:Pattern=`^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
	// +kubebuilder:validation:MinLength=10
	// +kubebuilder:validation:MaxLength=10
	From string `json:"from,omitempty"`

	// to is the last day, which counts too.
	// +optional
	// +kubebuilder:validation:Pattern=`^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
	// +kubebuilder:validation:MinLength=10
	// +kubebuilder:validation:MaxLength=10
	To string `json:"to,omitempty"`

	// last is so many whole days before the day for which the report is due, for example 30d. For ScheduledMeetings it is so many days
	// from that day on.
	// +optional
	// +kubebuilder:validation:Pattern=`^([1-9]|[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])d$`
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=4
	Last string `json:"last,omitempty"`
}

// ReportBucket is a bucket of an S3-compatible service.
type ReportBucket struct {
	// endpoint of the service, such as https://s3.eu-central-1.amazonaws.com. Its host must be listed by the operator's flag
	// --allowed-hosts.
	// +required
	// +kubebuilder:validation:Pattern=`^https?://[^/?#@\s]+/?$`
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=256
	Endpoint string `json:"endpoint,omitempty"`

	// bucket is its name.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9.-]*[a-z0-9]$`
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=63
	Bucket string `json:"bucket,omitempty"`

	// prefix of the keys, to which the namespace and the name of this object are added.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.=-]+(/[A-Za-z0-9_.=-]+)*$`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Prefix string `json:"prefix,omitempty"`

	// region for which requests are signed; us-east-1 when not set, which services that know none take.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+$`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Region string `json:"region,omitempty"`

	// credentialsSecretRef names a Secret in the namespace of this object with access-key-id and secret-access-key.
	// +required
	CredentialsSecretRef BucketSecretReference `json:"credentialsSecretRef,omitzero"`
}

// BucketSecretReference names a Secret in the object's own namespace.
type BucketSecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// ReportLimits are what a report may come to. One that comes to more is given up whole.
type ReportLimits struct {
	// rows of the report; 100,000 when not set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	Rows int32 `json:"rows,omitempty"`

	// megabytes (of 1,048,576 bytes) of each file; 32 when not set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=256
	Megabytes int32 `json:"megabytes,omitempty"`

	// minutes that making it may take; 30 when not set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=360
	Minutes int32 `json:"minutes,omitempty"`
}

// ReportRun is one report that was made.
type ReportRun struct {
	// due is the time for which it was due; by it the report is named.
	// +required
	Due metav1.Time `json:"due,omitempty,omitzero"`

	// finished is when it was stored.
	// +optional
	Finished metav1.Time `json:"finished,omitempty,omitzero"`

	// rows of the report, without its header. Of a report that is stored only as it came they are not counted.
	// +optional
	Rows *int64 `json:"rows,omitempty"`

	// files that were stored, one for each format.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Files []ReportFile `json:"files,omitempty"`
}

// ReportFile is one file of a report.
type ReportFile struct {
	// format of the file.
	// +required
	Format ReportFormat `json:"format,omitempty"`

	// where it is: Secret and key, path below the directory, or bucket and key.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Where string `json:"where,omitempty"`

	// bytes of the file.
	// +optional
	Bytes *int64 `json:"bytes,omitempty"`

	// sha256 of the file, in hexadecimal.
	// +optional
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	SHA256 string `json:"sha256,omitempty"`
}

// GoToReportStatus says what was made, and when the next is due.
type GoToReportStatus struct {
	ManagedStatus `json:",inline"`

	// lastRunKey is the time for which the last report was due, in seconds since 1970. It is remembered as the key of a
	// counterpart is: an object that was restored does not make its last report again.
	// +optional
	LastRunKey Key `json:"lastRunKey,omitempty"`

	// lastRunOf says which spec the last report was made by: one that is made once is made again when that changes.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LastRunOf string `json:"lastRunOf,omitempty"`

	// nextRun is when the next report is due.
	// +optional
	NextRun metav1.Time `json:"nextRun,omitempty,omitzero"`

	// history is the reports that are kept, the newest first.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=30
	History []ReportRun `json:"history,omitempty"`
}

// GoToReport is a report on a GoTo account, made once or by a schedule.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtreport,categories=goto
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.kind`
// +kubebuilder:printcolumn:name="Schedule",type=string,JSONPath=`.spec.schedule`,priority=1
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Last",type=date,JSONPath=`.status.history[0].finished`
// +kubebuilder:printcolumn:name="Rows",type=integer,JSONPath=`.status.history[0].rows`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextRun`
// +kubebuilder:printcolumn:name="Where",type=string,JSONPath=`.status.history[0].files[0].where`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 200",message="metadata.name of a GoToReport has at most 200 characters: Secrets are named after it"
type GoToReport struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the report and when it is made.
	// +required
	Spec GoToReportSpec `json:"spec,omitzero"`

	// status is what was made.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToReportStatus `json:"status,omitzero"`
}

// GoToReportList is a list of GoToReport.
//
// +kubebuilder:object:root=true
type GoToReportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToReport `json:"items"`
}

// Managed returns the parts of a GoToReport that every managed kind has.
func (r *GoToReport) Managed() (*ManagedSpec, *ManagedStatus) {
	return &r.Spec.ManagedSpec, &r.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.lastRunKey.
func (r *GoToReport) RemoteKey() *Key { return &r.Status.LastRunKey }

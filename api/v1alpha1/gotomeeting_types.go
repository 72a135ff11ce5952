package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Keys of the Secrets that a GoToMeeting keeps.
const (
	// SecretKeyHostURL is the address by which whoever has it runs the meeting without logging in.
	SecretKeyHostURL = "host-url"
	// SecretKeyJoinURL is the address for attendees, where it is known.
	SecretKeyJoinURL = "join-url"
	// SecretKeyMeetingID is the meeting that the addresses are of.
	SecretKeyMeetingID = "meeting-id"
	// SecretKeyAttendeesCSV and SecretKeyAttendeesJSON are the list of attendees.
	SecretKeyAttendeesCSV  = "attendees.csv"  //nolint:gosec // the name of a key
	SecretKeyAttendeesJSON = "attendees.json" //nolint:gosec // the name of a key
)

// MeetingType is when a meeting takes place.
//
// +kubebuilder:validation:Enum=Scheduled;Recurring;Immediate
type MeetingType string

const (
	// ScheduledMeeting takes place once, from start to end.
	ScheduledMeeting MeetingType = "Scheduled"
	// RecurringMeeting can be held again and again under one id; GoTo knows no rule of when.
	RecurringMeeting MeetingType = "Recurring"
	// ImmediateMeeting takes place now.
	ImmediateMeeting MeetingType = "Immediate"
)

// AttendancePolicy says what is kept of who attended.
//
// +kubebuilder:validation:Enum=None;Summary;Full
type AttendancePolicy string

const (
	// NoAttendance keeps nothing.
	NoAttendance AttendancePolicy = "None"
	// AttendanceSummary keeps numbers, in status.
	AttendanceSummary AttendancePolicy = "Summary"
	// FullAttendance keeps the list of attendees too, in a Secret.
	FullAttendance AttendancePolicy = "Full"
)

// GoToMeetingSpec is the meeting that should exist. It belongs to the user whose credentials the account has.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.meetingId) || (has(self.meetingId) && self.meetingId == oldSelf.meetingId)",message="meetingId cannot be changed once it is set; create a new object for another meeting"
// +kubebuilder:validation:XValidation:rule="has(self.end) != has(self.duration)",message="set exactly one of end and duration"
// +kubebuilder:validation:XValidation:rule="!has(self.end) || self.end > self.start",message="end must be after start"
// +kubebuilder:validation:XValidation:rule="!has(self.attendance) || self.attendance != 'Full' || has(self.attendanceSecretRef)",message="attendance Full needs attendanceSecretRef"
// +kubebuilder:validation:XValidation:rule="!has(self.attendanceSecretRef) || !has(self.hostURLSecretRef) || self.attendanceSecretRef.name != self.hostURLSecretRef.name",message="attendanceSecretRef and hostURLSecretRef must name two Secrets"
// +kubebuilder:validation:XValidation:rule="!has(self.type) || self.type != 'Recurring' || ((!has(self.attendance) || self.attendance == 'None') && !has(self.ttlSecondsAfterEnd))",message="a Recurring meeting has no end: attendance and ttlSecondsAfterEnd have no use"
type GoToMeetingSpec struct {
	ManagedSpec `json:",inline"`

	// meetingId of a meeting that exists and that this object is to stand for: the number that people type in to join. It
	// cannot be changed once it is set. Without it, a meeting of the credentials' user that has the same subject, start, end
	// and type, and for which no object stands, is adopted if there is exactly one.
	// +optional
	MeetingID Key `json:"meetingId,omitempty"`

	// subject of the meeting, at most 100 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^\S([^\x00-\x1f]*\S)?$`
	Subject string `json:"subject,omitempty"`

	// start of the meeting, in UTC and to the second, for example 2030-01-07T09:00:00Z.
	// +required
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:Pattern=`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`
	Start metav1.Time `json:"start,omitempty,omitzero"`

	// end of the meeting, in UTC and to the second. Set it or duration.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:Pattern=`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`
	End metav1.Time `json:"end,omitempty,omitzero"`

	// duration of the meeting, in whole seconds, for example 30m. Set it or end.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="duration must be between 1m and 8760h"
	// +kubebuilder:validation:XValidation:rule="duration(self).getMilliseconds() % 1000 == 0",message="duration must be whole seconds"
	Duration metav1.Duration `json:"duration,omitempty,omitzero"`

	// type is Scheduled for a meeting that takes place once, Recurring for one that can be held again and again, Immediate
	// for one that takes place now. It cannot be changed.
	// +optional
	// +kubebuilder:default=Scheduled
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type cannot be changed; create a new object for another type"
	Type MeetingType `json:"type,omitempty"`

	// audio says how people hear each other. It is Hybrid when not set, since GoTo takes no meeting without it.
	// +optional
	// +kubebuilder:default={type: Hybrid}
	Audio MeetingAudio `json:"audio,omitzero"`

	// passwordRequired asks attendees for a password. GoTo neither takes nor shows the password itself. When not set, a new
	// meeting has none, and whatever GoTo holds stays.
	// +optional
	PasswordRequired *bool `json:"passwordRequired,omitempty"`

	// coorganizers can run the meeting too. An empty list takes all away; without the field, co-organizers are not managed.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=50
	Coorganizers []Coorganizer `json:"coorganizers,omitzero"`

	// hostURLSecretRef names the Secret that gets the host URL. Whoever has that URL runs the meeting without logging in, so
	// it is written nowhere else. The Secret is made by the operator, belongs to this object and goes with it.
	// +optional
	HostURLSecretRef MeetingSecretReference `json:"hostURLSecretRef,omitzero"`

	// attendance is None, Summary for numbers in status, or Full for the list of attendees in a Secret too. It is read once
	// the meeting is over.
	// +optional
	// +kubebuilder:default=None
	Attendance AttendancePolicy `json:"attendance,omitempty"`

	// attendanceSecretRef names the Secret that gets the list of attendees with attendance Full. It is personal data. The
	// Secret is made by the operator, belongs to this object and goes with it.
	// +optional
	AttendanceSecretRef MeetingSecretReference `json:"attendanceSecretRef,omitzero"`

	// ttlSecondsAfterEnd deletes this object so many seconds after the end of the meeting, as with a Job. GoTo's history of
	// the meeting stays.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=315360000
	TTLSecondsAfterEnd *int32 `json:"ttlSecondsAfterEnd,omitempty"`

	// recreatePolicy says what to do when the meeting was deleted in GoTo before its end: Recreate makes another one, Report
	// only says so.
	// +optional
	// +kubebuilder:default=Recreate
	RecreatePolicy RecreatePolicy `json:"recreatePolicy,omitempty"`
}

// AudioType is how people hear each other in a meeting, as GoTo names it. Hybrid is PSTN and VoIP.
//
// +kubebuilder:validation:Enum=PSTN;Free;Hybrid;Private;VoIP;Custom
type AudioType string

const (
	// AudioHybrid is by telephone and over the internet.
	AudioHybrid AudioType = "Hybrid"
	// AudioCustom is a text with numbers of one's own.
	AudioCustom AudioType = "Custom"
)

// MeetingAudio says how people hear each other in a meeting.
//
// +kubebuilder:validation:XValidation:rule="(has(self.type) && self.type == 'Custom') == has(self.text)",message="text is required with type Custom, and has no use otherwise"
type MeetingAudio struct {
	// type is PSTN, Free, Hybrid, Private or VoIP, or Custom for a text with your own numbers to call.
	// +optional
	// +kubebuilder:default=Hybrid
	Type AudioType `json:"type,omitempty"`

	// text with your own numbers to call, with type Custom; at most 255 characters.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Text string `json:"text,omitempty"`
}

// Coorganizer is a user who can run the meeting too.
//
// +kubebuilder:validation:XValidation:rule="has(self.userRef) != has(self.key)",message="set exactly one of userRef and key"
type Coorganizer struct {
	// userRef names a GoToUser in this namespace, of the same account.
	// +optional
	UserRef GoToUserReference `json:"userRef,omitzero"`

	// key of the user in GoTo.
	// +optional
	Key Key `json:"key,omitempty"`
}

// GoToUserReference names a GoToUser in the same namespace.
type GoToUserReference struct {
	// name of the GoToUser.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// MeetingSecretReference names a Secret in the same namespace that the operator makes.
type MeetingSecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// GoToMeetingStatus is what GoTo says of the meeting, as of the last change.
type GoToMeetingStatus struct {
	ManagedStatus `json:",inline"`

	// meetingId is the number that people type in to join. It is what the operator remembers the meeting by.
	// +optional
	MeetingID Key `json:"meetingId,omitempty"`

	// joinURL is the address for attendees. GoTo tells it only in the answer that creates a meeting.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	JoinURL string `json:"joinURL,omitempty"`

	// organizerKey is the user to whom the meeting belongs.
	// +optional
	OrganizerKey Key `json:"organizerKey,omitempty"`

	// start of the meeting, as GoTo holds it.
	// +optional
	Start metav1.Time `json:"start,omitempty,omitzero"`

	// end of the meeting, as GoTo holds it.
	// +optional
	End metav1.Time `json:"end,omitempty,omitzero"`

	// nextSession is when the meeting is to begin, until then.
	// +optional
	NextSession metav1.Time `json:"nextSession,omitempty,omitzero"`

	// lastSession is when it was last held, once attendance was read.
	// +optional
	LastSession metav1.Time `json:"lastSession,omitempty,omitzero"`

	// maxParticipants is how many people can attend.
	// +optional
	MaxParticipants int32 `json:"maxParticipants,omitempty"`

	// audioInfo is the audio as GoTo shows it: its type, or the text of an invitation, shortened.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	AudioInfo string `json:"audioInfo,omitempty"`

	// applied is what was last written of the fields that GoTo does not show as they were written.
	// +optional
	Applied AppliedMeeting `json:"applied,omitzero"`

	// attendance of the meeting, once it was held.
	// +optional
	Attendance MeetingAttendance `json:"attendance,omitzero"`
}

// AppliedMeeting is what was last written of the fields that GoTo does not show as they were written.
type AppliedMeeting struct {
	// audio that was last written: a type, or a text.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Audio string `json:"audio,omitempty"`

	// coorganizerKeys that were last written.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	CoorganizerKeys []Key `json:"coorganizerKeys,omitempty"`
}

// MeetingAttendance counts who attended.
type MeetingAttendance struct {
	// sessions is how often the meeting was held.
	// +optional
	Sessions int32 `json:"sessions,omitempty"`

	// attendees is how many stays GoTo counts in all sessions: who leaves and joins again is counted again.
	// +optional
	Attendees int32 `json:"attendees,omitempty"`

	// minutes that all sessions lasted.
	// +optional
	Minutes int32 `json:"minutes,omitempty"`

	// listed is how many stays are in the Secret, with attendance Full.
	// +optional
	Listed int32 `json:"listed,omitempty"`

	// omitted is how many did not fit into the Secret.
	// +optional
	Omitted int32 `json:"omitted,omitempty"`

	// policy is the attendance policy that was carried out.
	// +optional
	Policy AttendancePolicy `json:"policy,omitempty"`
}

// GoToMeeting is a meeting of the user whose credentials a GoToAccount has.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=gtmeeting,categories=goto
// +kubebuilder:printcolumn:name="Subject",type=string,JSONPath=`.spec.subject`,priority=1
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Start",type=string,JSONPath=`.spec.start`
// +kubebuilder:printcolumn:name="Join URL",type=string,JSONPath=`.status.joinURL`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GoToMeeting struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard metadata of an object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the meeting that should exist.
	// +required
	Spec GoToMeetingSpec `json:"spec,omitzero"`

	// status is what was last seen.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status GoToMeetingStatus `json:"status,omitzero"`
}

// GoToMeetingList is a list of GoToMeeting.
//
// +kubebuilder:object:root=true
type GoToMeetingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []*GoToMeeting `json:"items"`
}

// Managed returns the parts of a GoToMeeting that every managed kind has.
func (m *GoToMeeting) Managed() (*ManagedSpec, *ManagedStatus) {
	return &m.Spec.ManagedSpec, &m.Status.ManagedStatus
}

// RemoteKey is where the status holds what it is remembered by: status.meetingId.
func (m *GoToMeeting) RemoteKey() *Key { return &m.Status.MeetingID }

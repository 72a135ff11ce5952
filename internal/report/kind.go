package report

import (
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Kind is what a report is about. Which kinds there are is D, as the vendor's help names them.
type Kind string

// The kinds of reports.
const (
	Activity             Kind = "Activity"             // the use that each user made of the products
	UserStatus           Kind = "UserStatus"           // each user with the status
	MeetingHistory       Kind = "MeetingHistory"       // what was held
	ScheduledMeetings    Kind = "ScheduledMeetings"    // what is planned
	Attendees            Kind = "Attendees"            // who was in what was held
	Registrants          Kind = "Registrants"          // who registered for webinars
	RecordingRegistrants Kind = "RecordingRegistrants" // who registered for recordings of webinars
	AudioUsage           Kind = "AudioUsage"           // calls of OpenVoice
	BillingHistory       Kind = "BillingHistory"       // minutes of OpenVoice by kind of call
	RatesAndNumbers      Kind = "RatesAndNumbers"      // numbers to call and what they cost
	ConferenceRooms      Kind = "ConferenceRooms"      // rooms of OpenVoice and whose they are
	TollFreeUsage        Kind = "TollFreeUsage"        // calls to toll-free numbers, of the whole account
)

// kinds says of each kind for which products it is made; the first is the default, none: it is not by product.
var kinds = map[Kind][]string{
	Activity:             nil,
	UserStatus:           nil,
	MeetingHistory:       {gotoclient.ProductMeeting, gotoclient.ProductTraining},
	ScheduledMeetings:    {gotoclient.ProductMeeting, gotoclient.ProductTraining},
	Attendees:            {gotoclient.ProductMeeting, gotoclient.ProductTraining},
	Registrants:          {gotoclient.ProductWebinar},
	RecordingRegistrants: {gotoclient.ProductWebinar},
	AudioUsage:           {gotoclient.ProductOpenVoice},
	BillingHistory:       {gotoclient.ProductOpenVoice},
	RatesAndNumbers:      {gotoclient.ProductOpenVoice},
	ConferenceRooms:      {gotoclient.ProductOpenVoice},
	TollFreeUsage:        nil,
}

// Known reports whether there is such a kind.
func (k Kind) Known() bool {
	_, is := kinds[k]
	return is
}

// Products returns the products of which the kind can be made, the default first; none if it is not by product.
func (k Kind) Products() []string { return slices.Clone(kinds[k]) }

// OfMeetings reports whether the GoToMeeting API has what the kind is made of.
func (k Kind) OfMeetings() bool {
	return k == MeetingHistory || k == ScheduledMeetings || k == Attendees
}

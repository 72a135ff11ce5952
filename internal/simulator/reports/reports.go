// Package reports makes the reports of the Administration API of what an account holds and of what was played in it. Which reports
// there are, and that they are .xlsx, is documented (D); their columns are a choice (U). It knows neither HTTP nor switches, and
// imports the state alone.
package reports

import (
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// Ask says what a report is to be about.
type Ask struct {
	Account *state.Directory
	Counts  func(*state.User) bool
	// From and To are the range of time in which meetings began; both ends are within.
	From, To time.Time
	Now      time.Time
	// Reader is who asks: dates are texts in their language (C), and in their time zone.
	Reader *state.User
}

// Table is the content of a report. Cells are texts and numbers (int).
type Table struct {
	Title   string
	Columns []string
	Rows    [][]any
}

// kind is one of the reports.
type kind struct {
	name, title string
	columns     []string
	rows        func(*Ask) [][]any
}

// whose are the columns about an organizer.
var whose = []string{"Organizer", "Organizer email", "Group"}

func after(columns []string, more ...string) []string { return append(slices.Clone(columns), more...) }

// kinds are the reports, in the order of the vendor's help (D-help).
var kinds = []kind{
	{"Activity", "Activity", after(whose, "Meetings", "Minutes", "Attendees", "Last activity"), activity},
	{"UserStatus", "User status", after(whose, "Status", "Products", "Roles", "Last activity"), userStatus},
	{"MeetingHistory", "Meeting history", after(whose, "Meeting ID", "Subject", "Type", "Start", "End", "Duration (minutes)", "Attendees"), meetingHistory},
	{"ScheduledMeetings", "Scheduled meetings", after(whose, "Meeting ID", "Subject", "Type", "Start", "End", "Duration (minutes)", "Password required"), scheduledMeetings},
	{"Attendees", "Attendees", after(whose, "Meeting ID", "Subject", "Meeting start", "Meeting end", "Attendee", "Attendee email", "Joined", "Left", "Stay (minutes)"), attendees},
	{"Registrants", "Registrants", after(whose, "Webinar", "Registrant", "Registrant email", "Registered"), nothing},
	{"RecordingRegistrants", "Recording registrants", after(whose, "Recording", "Registrant", "Registrant email", "Registered"), nothing},
	{"AudioUsage", "Usage", after(whose, "Meeting ID", "Caller", "Start", "Minutes", "Call"), audioUsage},
	{"BillingHistory", "Billing history", after(whose, "Call", "Minutes"), billingHistory},
	{"RatesAndNumbers", "Rates and numbers", []string{"Country", "Number", "Call", "Rate (USD per minute)"}, ratesAndNumbers},
	{"ConferenceRooms", "Conference rooms", after(whose, "Room"), conferenceRooms},
	{wholeAccount, "Toll-free usage", []string{"Date", "Organizer email", "Meeting ID", "Minutes"}, tollFreeUsage},
}

// wholeAccount is the kind that is not made of a selection (D).
const wholeAccount = "TollFreeUsage"

// Kinds returns the names of the reports.
func Kinds() []string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Selects reports whether a report of that kind can be about some users.
func Selects(name string) bool { return name != wholeAccount }

// Make makes the report of that name, of those in Kinds.
func Make(name string, ask *Ask) Table {
	k := kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
	return Table{Title: k.title, Columns: k.columns, Rows: k.rows(ask)}
}

// nothing is what there is of webinars, which nobody plays here.
func nothing(*Ask) [][]any { return nil }

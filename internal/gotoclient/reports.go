package gotoclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// ReportKind names a kind of report, which is all that is known of it (D, as the
// vendor's help names them).
type ReportKind string

// The kinds of reports.
const (
	ReportActivity             ReportKind = "Activity"
	ReportUserStatus           ReportKind = "UserStatus"
	ReportMeetingHistory       ReportKind = "MeetingHistory"
	ReportScheduledMeetings    ReportKind = "ScheduledMeetings"
	ReportAttendees            ReportKind = "Attendees"
	ReportRegistrants          ReportKind = "Registrants"
	ReportRecordingRegistrants ReportKind = "RecordingRegistrants"
	ReportAudioUsage           ReportKind = "AudioUsage"
	ReportBillingHistory       ReportKind = "BillingHistory"
	ReportRatesAndNumbers      ReportKind = "RatesAndNumbers"
	ReportConferenceRooms      ReportKind = "ConferenceRooms"
	ReportTollFreeUsage        ReportKind = "TollFreeUsage"
)

// ReportScope says whom a report is about. That reports are made of all, of users,
// of groups and of licences is D; of toll-free usage of all alone.
type ReportScope string

// The values of ReportScope.
const (
	ReportOfAll      ReportScope = ""
	ReportOfUsers    ReportScope = "OfUsers"
	ReportOfGroups   ReportScope = "OfGroups"
	ReportOfLicenses ReportScope = "OfLicenses"
)

// MaxReportKeys is how many keys a request for a report names. It keeps the address
// short; what the service allows is UNVERIFIED.
const MaxReportKeys = 100

// reportTimeout bounds one attempt: a report of a year takes the service longer than a
// page of a list.
const reportTimeout = 2 * time.Minute

const (
	mediaSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" // D
	mediaHTML  = "text/html"                                                         // D
)

// errReportKeys says how many keys there may be.
var errReportKeys = fmt.Errorf("a report names from 1 to %d keys, and none if it is about all", MaxReportKeys)

// ReportRequest says which report is asked for.
type ReportRequest struct {
	Kind  ReportKind
	Scope ReportScope
	Keys  []Key // of users, groups or licences, as Scope says; at most MaxReportKeys
	// Product is sent where it is not empty: some kinds are made of meetings and of
	// trainings (D, as two reports; that a parameter tells them apart is
	// UNVERIFIED).
	Product string
	// From is within, To is not. A report is about days of a year at most (D, as
	// transcribed elsewhere).
	From, To time.Time
	HTML     bool  // of ReportTollFreeUsage alone (D)
	MaxBytes int64 // of the answer; 0 for the client's own bound
}

// ReportFile is a report as it came.
type ReportFile struct {
	Data []byte // empty if there was no body, which is how a report without rows may come (UNVERIFIED)
	HTML bool   // else .xlsx (D)
}

// ReportsService gets the reports of one account. All its paths are UNVERIFIED: the
// vendor names the reports and that they are .xlsx (D), not where they are. An
// error of IsNoSuchPath says that the guess is wrong; override the operation of
// [ReportOperation].
type ReportsService struct {
	client  *Client
	account Key
}

// Reports returns the service for the reports of an account.
func (c *Client) Reports(account Key) *ReportsService { return &ReportsService{c, account} }

// Get returns a report. The range is sent as fromDate and toDate, which are
// mandatory (D), in one form and, if that is refused with 400, in the other: which
// of them it is is UNVERIFIED. An answer above MaxBytes is an error of IsTooLarge.
func (s *ReportsService) Get(ctx context.Context, r ReportRequest) (*ReportFile, error) {
	req, err := s.request(r)
	if err != nil {
		return nil, err
	}
	var data []byte
	for _, form := range []func(from, to time.Time) url.Values{asTimes, asDays} {
		values := form(r.From, r.To)
		if r.Product != "" {
			values.Set("product", r.Product)
		}
		req.query = encodeQuery(values)
		data, err = s.client.do(ctx, req)
		if e, is := asAPIError(err); !is || e.Status != http.StatusBadRequest {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return readReport(req.operation, data, r.HTML)
}

func (s *ReportsService) request(r ReportRequest) (request, error) {
	operation := ReportOperation(r.Kind, r.Scope)
	if _, known := endpoints[operation]; !known || (len(r.Keys) == 0) != (r.Scope == ReportOfAll) || len(r.Keys) > MaxReportKeys {
		return request{}, fmt.Errorf("gotoclient: %s: %w", printable(operation), errReportKeys)
	}
	req := request{operation: operation, account: s.account, accept: mediaSheet, maxBytes: r.MaxBytes, timeout: reportTimeout, keys: slices.Clone(r.Keys)}
	if r.HTML {
		req.accept = mediaHTML
	}
	return req, nil
}

func asTimes(from, to time.Time) url.Values {
	return url.Values{"fromDate": {formatTime(from)}, "toDate": {formatTime(to)}}
}

// asDays names the first and the last day, as the times' own clock has them.
func asDays(from, to time.Time) url.Values {
	return url.Values{"fromDate": {from.Format(time.DateOnly)}, "toDate": {to.Add(-time.Second).Format(time.DateOnly)}}
}

// readReport tells by its beginning what an answer is, whatever it was called on the
// way. A page is a report where one was asked for and it has a table (UNVERIFIED):
// others are those of gateways.
func readReport(operation string, data []byte, html bool) (*ReportFile, error) {
	start := bytes.TrimLeft(data, "\ufeff \t\r\n")
	switch {
	case len(start) == 0:
		return &ReportFile{}, nil
	case bytes.HasPrefix(data, []byte("PK")):
		return &ReportFile{Data: data}, nil
	case html && start[0] == '<' && bytes.Contains(bytes.ToLower(data), []byte("<table")):
		return &ReportFile{Data: data, HTML: true}, nil
	}
	return nil, newDecodeError(operation, unreadable("it is not the report that was asked for"))
}

// IsTooLarge reports whether an answer was longer than the client reads.
func IsTooLarge(err error) bool {
	var e *DecodeError
	return errors.As(err, &e) && e.tooLarge
}

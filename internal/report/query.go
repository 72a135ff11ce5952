package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// longest is the longest range: the service keeps a year (D) and refuses more (D, as transcribed elsewhere). The hour is that of a
// change of the clocks.
const longest = 366*24*time.Hour + time.Hour

// Query says what a report is to hold.
type Query struct {
	Kind Kind
	// Product is one of Kind.Products, empty for the first.
	Product string
	// From and To are the range of time in which meetings began: From is within, To is not. Of planned meetings those count that
	// are not over at From and begin before To; where both are zero, all do.
	From, To time.Time
	// Zone is that of the times, and stands in the header; nil for UTC.
	Zone *time.Location
	// Users, Groups and Licenses are whom the report is about: all if none is named, else whoever one of them names. A group is its
	// direct members.
	Users, Groups, Licenses []gotoclient.Key
	// HTML asks the Administration API for a page in the place of a spreadsheet; only TollFreeUsage has one (D).
	HTML bool
	// MaxRows and MaxBytes bound the report; 0 for no bound. The bytes are those of the answer, or of the texts in the rows.
	MaxRows  int
	MaxBytes int64
}

// Validate returns an error of ErrUnsupported, ErrRange or ErrSelection that says what is wrong with the query, whatever the
// source.
func (q *Query) Validate() error {
	switch {
	case !q.Kind.Known():
		return fmt.Errorf("%w: there is no such kind", ErrUnsupported)
	case q.Product != "" && !slices.Contains(kinds[q.Kind], q.Product):
		return fmt.Errorf("%w: %s is not made of the product that is named", ErrUnsupported, q.Kind)
	case q.HTML && q.Kind != TollFreeUsage:
		return fmt.Errorf("%w: only %s is made as HTML", ErrUnsupported, TollFreeUsage)
	case q.Kind == TollFreeUsage && q.selects():
		return fmt.Errorf("%w: %s is about the whole account: select nobody", ErrSelection, q.Kind)
	}
	return q.validateRange()
}

func (q *Query) validateRange() error {
	open := q.From.IsZero() && q.To.IsZero()
	switch {
	case open && q.Kind == ScheduledMeetings:
		return nil
	case q.From.IsZero() || q.To.IsZero():
		return fmt.Errorf("%w: name the beginning and the end", ErrRange)
	case !q.From.Before(q.To):
		return fmt.Errorf("%w: the end must be after the beginning", ErrRange)
	case q.To.Sub(q.From) > longest:
		return fmt.Errorf("%w: at most a year, which is what GoTo keeps", ErrRange)
	}
	return nil
}

// OfMeetings reports whether the GoToMeeting API has what the report is made of.
func (q *Query) OfMeetings() bool {
	return q.Kind.OfMeetings() && (q.Product == "" || q.Product == gotoclient.ProductMeeting)
}

// selects reports whether the query is about some and not all.
func (q *Query) selects() bool { return len(q.Users)+len(q.Groups)+len(q.Licenses) > 0 }

func (q *Query) zone() *time.Location {
	if q.Zone == nil {
		return time.UTC
	}
	return q.Zone
}

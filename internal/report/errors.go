package report

import "errors"

// What can be wrong with a report beside the service. An error of these says more; errors.Is tells which it is. Their texts hold no
// value out of a report.
var (
	// ErrRange is the error of a range of time that no report is made of. No retry cures it.
	ErrRange = errors.New("the range of time is none")
	// ErrUnsupported is the error of a kind, product or format that the source does not have. No retry cures it.
	ErrUnsupported = errors.New("there is no such report")
	// ErrSelection is the error of a selection that cannot be read. No retry cures it.
	ErrSelection = errors.New("the selection cannot be read")
	// ErrTooLarge is the error of a report above MaxRows or MaxBytes, or of a sheet above a limit of its reader.
	ErrTooLarge = errors.New("the report is too large: choose a shorter range or fewer users")
	// ErrUnreadable is the error of an answer that is no report.
	ErrUnreadable = errors.New("the answer cannot be read as a report")
)

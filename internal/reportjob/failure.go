package reportjob

import (
	"errors"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// reasons of what goes wrong with reports and with nothing else. What passes is tried again.
var reasons = []struct {
	of     error
	reason string
	passes bool
}{
	{report.ErrRange, v1alpha1.ReasonScheduleInvalid, false},
	{report.ErrSelection, v1alpha1.ReasonUnsupported, false},
	{report.ErrUnsupported, v1alpha1.ReasonUnsupported, false},
	{report.ErrTooLarge, v1alpha1.ReasonLimitExceeded, false},
	{reportstore.ErrTooLarge, v1alpha1.ReasonTooLarge, false},
	{reportstore.ErrUnavailable, v1alpha1.ReasonStoreFailed, true},
	{jobs.ErrLimit, v1alpha1.ReasonTimeLimit, true},
}

// Failure is what an error of a report means for its object: one that may pass is a *engine.WaitingError, to be tried again after a while;
// one that no retry cures a *engine.StalledError; or it stays what it is to the engine. Nil for none.
func Failure(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	after = max(time.Second, after)
	for _, row := range reasons {
		switch {
		case !errors.Is(err, row.of):
		case row.passes:
			return &engine.WaitingError{Reason: row.reason, Message: err.Error(), After: after}
		default:
			return &engine.StalledError{Reason: row.reason, Message: err.Error()}
		}
	}
	reason, message := engine.Explain(err)
	switch {
	case errors.As(err, new(*engine.WaitingError)), reason == v1alpha1.ReasonThrottled:
	case reason == v1alpha1.ReasonRetrying, reason == v1alpha1.ReasonInternalError:
		reason = v1alpha1.ReasonRetrying
	default:
		return err
	}
	return &engine.WaitingError{Reason: reason, Message: message, After: after}
}

// Undeleted is what Failure says of a report that cannot be deleted, with the way out of it.
func Undeleted(err error) error {
	const way = "; with spec.deletionPolicy Orphan the object goes, and its reports stay"
	var waiting *engine.WaitingError
	var stalled *engine.StalledError
	switch {
	case errors.As(err, &waiting):
		return &engine.WaitingError{Reason: waiting.Reason, Message: waiting.Message + way, After: waiting.After}
	case errors.As(err, &stalled):
		return &engine.StalledError{Reason: stalled.Reason, Message: stalled.Message + way}
	}
	return err
}

package metrics

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// A reconcile that leaves the condition Ready as it was has no reason, and is no series of its own.
func TestOutcomesHaveAReason(t *testing.T) {
	m := Register()
	outcome := m.Outcome("GoToUser")
	for _, reason := range []string{"", "Synced", "", "Synced", "Retrying"} {
		outcome(reason, 0)
	}
	series := make(chan prometheus.Metric, 5)
	m.outcomes.Collect(series)
	if n := len(series); n != 2 {
		t.Errorf("%d series, not one for each reason", n)
	}
}

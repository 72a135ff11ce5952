// Package metrics is the operator's own metrics, on controller-runtime's registry. Labels hold names of Kubernetes
// objects, operations and status codes; nothing personal and nothing secret.
//
// It may import internal/gotoclient; it may not import api/, internal/engine or internal/controller.
package metrics

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Metrics are the operator's collectors.
type Metrics struct {
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	batches  *prometheus.HistogramVec
	outcomes *prometheus.CounterVec
	drift    *prometheus.CounterVec
	reports  *prometheus.CounterVec
}

// Register adds the collectors to controller-runtime's registry. It is called once.
func Register() *Metrics {
	m := &Metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goto_operator_api_calls_total", Help: "Requests to GoTo by operation and status; status 0 means that no answer came.",
		}, []string{"namespace", "account", "operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "goto_operator_api_call_duration_seconds", Help: "Time until GoTo answered, by operation.", Buckets: prometheus.DefBuckets,
		}, []string{"operation"}),
		batches: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "goto_operator_batch_size", Help: "Users per writing request, by operation.", Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000},
		}, []string{"operation"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goto_operator_reconcile_outcomes_total", Help: "Reconciles by kind and the reason of the condition Ready.",
		}, []string{"kind", "reason"}),
		drift: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goto_operator_drift_fields_total", Help: "Fields found different in GoTo and left so, by kind.",
		}, []string{"kind"}),
		reports: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goto_operator_reports_total", Help: "Reports that were stored, and tries to make one that failed, by account.",
		}, []string{"namespace", "account", "result"}),
	}
	ctrlmetrics.Registry.MustRegister(m.calls, m.duration, m.batches, m.outcomes, m.drift, m.reports)
	return m
}

// Build is what a binary was built from.
type Build struct{ Version, Commit, GoVersion string }

// String is one line for a person.
func (b Build) String() string {
	return fmt.Sprintf("goto-operator %s (commit %s, %s)", b.Version, b.Commit, b.GoVersion)
}

// Build shows what the process was built from. It is called once.
func (*Metrics) Build(b Build) {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "goto_operator_build_info", Help: "1, with what the operator was built from as labels.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.Commit, "goversion": b.GoVersion},
	})
	info.Set(1)
	ctrlmetrics.Registry.MustRegister(info)
}

// Call counts one request.
func (m *Metrics) Call(account types.NamespacedName, call gotoclient.Call) {
	m.calls.WithLabelValues(account.Namespace, account.Name, call.Operation, strconv.Itoa(call.Status)).Inc()
	m.duration.WithLabelValues(call.Operation).Observe(call.Duration.Seconds())
}

// Batch counts one writing request.
func (m *Metrics) Batch(_ types.NamespacedName, operation string, items int) {
	m.batches.WithLabelValues(operation).Observe(float64(items))
}

// Outcome returns the counter of one kind's reconciles. One without a reason, which left the condition as it was, is none.
func (m *Metrics) Outcome(kind string) func(reason string, drift int) {
	return func(reason string, drift int) {
		if reason != "" {
			m.outcomes.WithLabelValues(kind, reason).Inc()
		}
		m.drift.WithLabelValues(kind).Add(float64(drift))
	}
}

// Report counts one report that was stored, or could not be made.
func (m *Metrics) Report(account types.NamespacedName, err error) {
	result := "stored"
	if err != nil {
		result = "failed"
	}
	m.reports.WithLabelValues(account.Namespace, account.Name, result).Inc()
}

// Account is a GoToAccount that is not suspended, as it is when the metrics are read.
type Account struct {
	types.NamespacedName

	Ready            bool // its condition
	DeletionsWaiting int64
	Use              *Use // nil for one that is not in use
}

// Use is what is known of an account in use.
type Use struct {
	RequestsPerSecond float64       // the request budget in force
	SnapshotAge       time.Duration // since the last complete reading began
	Users, Unmanaged  int
	Licenses          []License
	// Facts are what the service was found to do: 1 for yes, -1 for no, 0 where it is not known. PageSizes are the records asked for in a
	// request, by list.
	Facts, PageSizes map[string]int
}

// License is a licence of an account and its seats.
type License struct {
	Key                      string
	Seats, Assigned, Waiting int
}

// Accounts makes every reading of the metrics ask list for the accounts. It is called once.
func (*Metrics) Accounts(list func() []Account) {
	ctrlmetrics.Registry.MustRegister(accountCollector{list})
}

var (
	perAccount = []string{"namespace", "account"}
	readyDesc  = prometheus.NewDesc("goto_operator_account_ready",
		"1 if the GoToAccount is Ready, else 0; nothing while it is suspended.", perAccount, nil)
	deletionsDesc = prometheus.NewDesc("goto_operator_deletions_waiting",
		"Deletions that the account's brake holds back until a person approves them, or until time has passed.", perAccount, nil)
	budgetDesc = prometheus.NewDesc("goto_operator_request_budget_per_second",
		"Requests per second that the operator allows itself now; less than the spec's after GoTo answered 429.", perAccount, nil)
	ageDesc = prometheus.NewDesc("goto_operator_snapshot_age_seconds",
		"Time since the last complete reading of the account began.", perAccount, nil)
	usersDesc     = prometheus.NewDesc("goto_operator_users", "Users of the account.", perAccount, nil)
	unmanagedDesc = prometheus.NewDesc("goto_operator_unmanaged_users", "Users of the account that no GoToUser manages.", perAccount, nil)
	seatsDesc     = prometheus.NewDesc("goto_operator_license_seats", "Seats of a licence.", []string{"namespace", "account", "license"}, nil)
	waitingDesc   = prometheus.NewDesc("goto_operator_license_seats_waiting", "GoToUsers that wait for a seat of a licence.", []string{"namespace", "account", "license"}, nil)
	factDesc      = prometheus.NewDesc("goto_operator_service_fact", "What GoTo was found to do: 1 for yes, -1 for no, 0 where it is not known (any more).", []string{"namespace", "account", "fact"}, nil)
	pageDesc      = prometheus.NewDesc("goto_operator_list_page_size", "Records that are asked for in one request of a list.", []string{"namespace", "account", "list"}, nil)
	assignedDesc  = prometheus.NewDesc("goto_operator_license_seats_assigned", "Seats of a licence that are assigned.", []string{"namespace", "account", "license"}, nil)
)

type accountCollector struct{ list func() []Account }

func (accountCollector) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		readyDesc, deletionsDesc, budgetDesc, ageDesc, usersDesc, unmanagedDesc, seatsDesc, assignedDesc, waitingDesc, factDesc, pageDesc,
	} {
		descs <- d
	}
}

func (c accountCollector) Collect(metrics chan<- prometheus.Metric) {
	for _, a := range c.list() {
		gauge := func(desc *prometheus.Desc, value float64, more ...string) {
			labels := slices.Concat([]string{a.Namespace, a.Name}, more)
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
		}
		gauge(readyDesc, oneIf(a.Ready))
		gauge(deletionsDesc, float64(a.DeletionsWaiting))
		if a.Use != nil {
			a.Use.collect(gauge)
		}
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (u *Use) collect(gauge func(desc *prometheus.Desc, value float64, more ...string)) {
	gauge(budgetDesc, u.RequestsPerSecond)
	gauge(ageDesc, u.SnapshotAge.Seconds())
	gauge(usersDesc, float64(u.Users))
	gauge(unmanagedDesc, float64(u.Unmanaged))
	for fact, known := range u.Facts {
		gauge(factDesc, float64(known), fact)
	}
	for list, size := range u.PageSizes {
		gauge(pageDesc, float64(size), list)
	}
	for _, l := range u.Licenses {
		gauge(seatsDesc, float64(l.Seats), l.Key)
		gauge(assignedDesc, float64(l.Assigned), l.Key)
		gauge(waitingDesc, float64(l.Waiting), l.Key)
	}
}

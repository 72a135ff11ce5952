package main

// section is a row of the dashboard, and what stands under it.
type section struct {
	title  string
	panels []panel
}

// panel is one question, and the queries that answer it.
type panel struct {
	title, says string
	unit        string // Grafana's name of it
	width       uint32 // of 24
	number      bool   // the last value alone, not a graph
	stacked     bool
	queries     []query
}

// query is PromQL, and what its series are called.
type query struct{ expr, legend string }

const (
	third, half = 8, 12

	// chosen are the accounts that the reader looks at.
	chosen = `namespace=~"$namespace", account=~"$account"`
	// own keeps of the metrics that every program has the operator's.
	own = ` and on (job, instance) goto_operator_build_info`

	perAccount = "{{namespace}}/{{account}}"
	perLicense = perAccount + " {{license}}"
)

// sections are the dashboard, in the order of docs/operations.md: does it work, is GoTo read, does GoTo take the requests, what
// needs a person. Gauges of an account are taken by max: for a moment, two replicas may show it.
var sections = []section{
	{"Accounts", []panel{
		{title: "Accounts connected", unit: "short", width: third, number: true, queries: []query{
			{`count(max by (namespace, account) (goto_operator_snapshot_age_seconds{` + chosen + `})) or vector(0)`, "accounts"},
		}},
		{title: "Versions", says: "Replicas by what they were built from.", unit: "short", width: third, number: true, queries: []query{
			{`count by (version) (goto_operator_build_info)`, "{{version}}"},
		}},
		{title: "Users waiting for a seat", unit: "short", width: third, number: true, queries: []query{
			{`sum(max by (namespace, account, license) (goto_operator_license_seats_waiting{` + chosen + `})) or vector(0)`, "waiting"},
		}},
		{title: "Accounts Ready", says: "0: not Ready, or never connected; the conditions of the GoToAccount say why.", unit: "short", width: half, queries: []query{
			{`max by (namespace, account) (goto_operator_account_ready{` + chosen + `})`, perAccount},
		}},
		{title: "Deletions waiting", says: "Held back by the brake until a person approves them, or time has passed.", unit: "short", width: half, stacked: true, queries: []query{
			{`max by (namespace, account) (goto_operator_deletions_waiting{` + chosen + `})`, perAccount},
		}},
		{title: "Snapshot age", says: "Above three resync intervals the account cannot be read: nothing is created or deleted until it can.", unit: "s", width: half, queries: []query{
			{`max by (namespace, account) (goto_operator_snapshot_age_seconds{` + chosen + `})`, perAccount},
		}},
		{title: "Users", unit: "short", width: half, stacked: true, queries: []query{
			{`sum(max by (namespace, account) (goto_operator_users{` + chosen + `})) - sum(max by (namespace, account) (goto_operator_unmanaged_users{` + chosen + `}))`, "managed"},
			{`sum(max by (namespace, account) (goto_operator_unmanaged_users{` + chosen + `}))`, "unmanaged"},
		}},
	}},
	{"Requests to GoTo", []panel{
		{title: "Requests by operation", says: "In steady state the readings alone.", unit: "reqps", width: half, stacked: true, queries: []query{
			{`sum by (operation) (rate(goto_operator_api_calls_total{` + chosen + `}[$__rate_interval]))`, "{{operation}}"},
		}},
		{title: "Requests by status", says: "Status 0: no answer came.", unit: "reqps", width: half, stacked: true, queries: []query{
			{`sum by (status) (rate(goto_operator_api_calls_total{` + chosen + `}[$__rate_interval]))`, "{{status}}"},
		}},
		{title: "Throttled (429)", says: "For long: something else uses the same OAuth client.", unit: "reqps", width: half, queries: []query{
			{`sum by (namespace, account) (rate(goto_operator_api_calls_total{status="429", ` + chosen + `}[$__rate_interval]))`, perAccount},
		}},
		{title: "Request budget in force", says: "Less than the spec's after GoTo answered 429.", unit: "reqps", width: half, queries: []query{
			{`max by (namespace, account) (goto_operator_request_budget_per_second{` + chosen + `})`, perAccount},
		}},
		{title: "Time until GoTo answered, 95th percentile", says: "Of all accounts.", unit: "s", width: half, queries: []query{
			{`histogram_quantile(0.95, sum by (operation, le) (rate(goto_operator_api_call_duration_seconds_bucket[$__rate_interval])))`, "{{operation}}"},
		}},
		{title: "Users per writing request", says: "The mean, of all accounts.", unit: "short", width: half, queries: []query{
			{`sum by (operation) (rate(goto_operator_batch_size_sum[$__rate_interval])) / sum by (operation) (rate(goto_operator_batch_size_count[$__rate_interval]))`, "{{operation}}"},
		}},
		{title: "What GoTo was found to do", says: "1: yes, -1: no, 0: not known. A fact that is no costs more requests; docs/metrics.md says what each is.", unit: "short", width: half, queries: []query{
			{`max by (namespace, account, fact) (goto_operator_service_fact{` + chosen + `})`, perAccount + " {{fact}}"},
		}},
		{title: "Records asked for in one request", says: "Fewer than at first: GoTo could not give so many.", unit: "short", width: half, queries: []query{
			{`min by (namespace, account, list) (goto_operator_list_page_size{` + chosen + `})`, perAccount + " {{list}}"},
		}},
	}},
	{"Objects", []panel{
		{title: "Reconciles by the reason of Ready", says: "What each reason means is in docs/troubleshooting.md.", unit: "short", width: half, stacked: true, queries: []query{
			{`sum by (kind, reason) (increase(goto_operator_reconcile_outcomes_total[$__rate_interval]))`, "{{kind}} {{reason}}"},
		}},
		{title: "Drift", says: "Fields found different in GoTo and left so.", unit: "short", width: half, stacked: true, queries: []query{
			{`sum by (kind) (increase(goto_operator_drift_fields_total[$__rate_interval]))`, "{{kind}}"},
		}},
		{title: "Seats assigned and there", unit: "short", width: half, queries: []query{
			{`max by (namespace, account, license) (goto_operator_license_seats_assigned{` + chosen + `})`, perLicense + " assigned"},
			{`max by (namespace, account, license) (goto_operator_license_seats{` + chosen + `})`, perLicense + " seats"},
		}},
		{title: "Users waiting for a seat, by licence", unit: "short", width: half, stacked: true, queries: []query{
			{`max by (namespace, account, license) (goto_operator_license_seats_waiting{` + chosen + `})`, perLicense},
		}},
	}},
	{"Reports", []panel{
		{title: "Reports stored and failed", says: "A report that failed is tried again; the GoToReport says why.", unit: "short", width: half, stacked: true, queries: []query{
			{`sum by (namespace, account, result) (increase(goto_operator_reports_total{` + chosen + `}[$__rate_interval]))`, perAccount + " {{result}}"},
		}},
	}},
	{"Operator", []panel{
		{title: "Reconcile, 95th percentile", unit: "s", width: half, queries: []query{
			{`histogram_quantile(0.95, sum by (controller, le) (rate(controller_runtime_reconcile_time_seconds_bucket[$__rate_interval])` + own + `))`, "{{controller}}"},
		}},
		{title: "Wait in the queue, 95th percentile", unit: "s", width: half, queries: []query{
			{`histogram_quantile(0.95, sum by (name, le) (rate(workqueue_queue_duration_seconds_bucket[$__rate_interval])` + own + `))`, "{{name}}"},
		}},
		{title: "Queue", says: "Objects that wait to be reconciled.", unit: "short", width: half, stacked: true, queries: []query{
			{`sum by (name) (workqueue_depth` + own + `)`, "{{name}}"},
		}},
		{title: "Memory", unit: "bytes", width: half, queries: []query{
			{`process_resident_memory_bytes` + own, "{{instance}} resident"},
			{`go_memstats_heap_inuse_bytes` + own, "{{instance}} heap"},
		}},
	}},
}

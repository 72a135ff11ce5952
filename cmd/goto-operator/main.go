// Command goto-operator is the operator: flags and wiring, no logic.
package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/controller/gotoaccount"
	"github.com/goto-operator/goto-operator/internal/controller/gotogroup"
	"github.com/goto-operator/goto-operator/internal/controller/gotolicensebinding"
	"github.com/goto-operator/goto-operator/internal/controller/gotomeeting"
	"github.com/goto-operator/goto-operator/internal/controller/gotouser"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/metrics"
)

type options struct {
	metricsAddress, probeAddress string
	metricsSecure, leaderElect   bool
	leaderElectionNamespace      string
	watchNamespaces              string
	allowedHosts                 string
	userConcurrency              int
	meetingConcurrency           int
	log                          zap.Options
}

func main() {
	var o options
	flag.StringVar(&o.metricsAddress, "metrics-bind-address", ":8443", "Address of the metrics endpoint; 0 turns it off.")
	flag.BoolVar(&o.metricsSecure, "metrics-secure", true, "Serve metrics by HTTPS, to callers that the Kubernetes API authorises.")
	flag.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "Address of the probes /healthz and /readyz; 0 turns them off.")
	flag.BoolVar(&o.leaderElect, "leader-elect", true, "Let only one replica work at a time. Two at work would each use the whole request budget.")
	flag.StringVar(&o.leaderElectionNamespace, "leader-election-namespace", "", "Namespace of the lease; the operator's own when empty.")
	flag.StringVar(&o.watchNamespaces, "watch-namespaces", "", "Comma-separated namespaces to work in; all when empty.")
	flag.IntVar(&o.userConcurrency, "user-concurrency", 500, "GoToUsers worked on at once. One that is created or changed waits for its batch, so this should be several times the batch size.")
	flag.IntVar(&o.meetingConcurrency, "meeting-concurrency", 20, "GoToMeetings worked on at once. Each costs requests of its own, which the account's budget paces.")
	flag.StringVar(&o.allowedHosts, "allowed-hosts", gotoaccount.DefaultHosts,
		"Comma-separated hosts that spec.endpoints of a GoToAccount may point at, with HTTPS; others as scheme://host:port.")
	o.log.BindFlags(flag.CommandLine)
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&o.log)))
	if err := run(o); err != nil {
		ctrl.Log.Error(err, "the operator cannot go on")
		os.Exit(1)
	}
}

func run(o options) error {
	hosts, err := gotoaccount.ParseHosts(o.allowedHosts)
	if err != nil {
		return fmt.Errorf("--allowed-hosts: %w", err)
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	config.QPS, config.Burst = -1, -1 // the API server's own priority and fairness decides
	mgr, err := ctrl.NewManager(config, managerOptions(o))
	if err != nil {
		return err
	}
	ctx := ctrl.SetupSignalHandler()
	registry := account.NewRegistry()
	planner := entitlement.NewPlanner(mgr.GetClient(), registry)
	m := metrics.Register()
	accounts := &gotoaccount.Reconciler{
		Client: mgr.GetClient(), Secrets: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("gotoaccount-controller"),
		Registry: registry, Planner: planner, Allowed: hosts, Background: ctx, ObserveCall: m.Call, ObserveBatch: m.Batch,
	}
	m.Accounts(accounts.Connected)
	if err := accounts.Setup(mgr); err != nil {
		return err
	}
	if err := setupKinds(mgr, registry, planner, m, o); err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// setupKinds adds the controller of every managed kind. Few groups and bindings are worked on at once: what takes time is
// done by the users.
func setupKinds(mgr ctrl.Manager, registry *account.Registry, planner *entitlement.Planner, m *metrics.Metrics, o options) error {
	of := func(kind string, concurrency int) engine.Options {
		return engine.Options{Registry: registry, Concurrency: concurrency, Count: m.Outcome(kind)}
	}
	return errors.Join(
		gotouser.Setup(mgr, planner, of("GoToUser", o.userConcurrency)),
		gotogroup.Setup(mgr, of("GoToGroup", 8)),
		gotolicensebinding.Setup(mgr, planner, of("GoToLicenseBinding", 4)),
		gotomeeting.Setup(mgr, of("GoToMeeting", o.meetingConcurrency), nil),
	)
}

func managerOptions(o options) ctrl.Options {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	metricsOptions := metricsserver.Options{BindAddress: o.metricsAddress, SecureServing: o.metricsSecure}
	if o.metricsSecure {
		metricsOptions.FilterProvider = filters.WithAuthenticationAndAuthorization
		metricsOptions.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }} // no HTTP/2: rapid reset
	}
	namespaces := map[string]cache.Config{}
	for _, ns := range strings.Split(o.watchNamespaces, ",") {
		if ns = strings.TrimSpace(ns); ns != "" {
			namespaces[ns] = cache.Config{}
		}
	}
	if len(namespaces) == 0 {
		namespaces = nil
	}
	return ctrl.Options{
		Scheme: scheme, Metrics: metricsOptions, HealthProbeBindAddress: o.probeAddress,
		LeaderElection: o.leaderElect, LeaderElectionID: "goto-operator.goto-operator.dev", LeaderElectionNamespace: o.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true, Cache: cache.Options{DefaultNamespaces: namespaces},
	}
}

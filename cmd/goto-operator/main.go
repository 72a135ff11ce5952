// Command goto-operator is the operator: flags and wiring, no logic.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // the image has no files of time zones

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/controller/gotoaccount"
	"github.com/goto-operator/goto-operator/internal/metrics"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

type options struct {
	metricsAddress, probeAddress string
	pprofAddress                 string
	metricsSecure, leaderElect   bool
	leaderElectionNamespace      string
	watchNamespaces              string
	allowedHosts                 string
	reportDirectory              string
	concurrency                  controller.Concurrency
	version                      bool
	log                          zap.Options
}

func main() {
	o := options{concurrency: controller.DefaultConcurrency()}
	o.bind(flag.CommandLine)
	flag.Parse()
	if o.version {
		fmt.Println(build())
		return
	}
	ctrl.SetLogger(lazily(zap.New(zap.UseFlagOptions(&o.log))))
	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		ctrl.Log.Error(err, "the operator cannot go on")
		os.Exit(1)
	}
}

// bind adds the flags.
func (o *options) bind(flags *flag.FlagSet) {
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", ":8443", "Address of the metrics endpoint; 0 turns it off.")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", true, "Serve metrics by HTTPS, to callers that the Kubernetes API authorises.")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "Address of the probes /healthz and /readyz; 0 turns them off.")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "0", "Address of profiles of the process, such as 127.0.0.1:6060; 0 turns them off. They show what is in memory: keep them local.")
	flags.BoolVar(&o.leaderElect, "leader-elect", true, "Let only one replica work at a time. Two at work would each use the whole request budget.")
	flags.StringVar(&o.leaderElectionNamespace, "leader-election-namespace", "", "Namespace of the lease; the operator's own when empty.")
	flags.StringVar(&o.watchNamespaces, "watch-namespaces", "", "Comma-separated namespaces to work in; all when empty. With Roles there, it needs no ClusterRole for them.")
	flags.Var(o.concurrency, "concurrency", "Objects worked on at once, by kind. Of GoToUsers this should be several times the batch size: one that is created or changed waits for its batch.")
	flags.StringVar(&o.allowedHosts, "allowed-hosts", gotoaccount.DefaultHosts,
		"Comma-separated hosts that spec.endpoints of a GoToAccount may point at, with HTTPS; others as scheme://host:port.")
	flags.StringVar(&o.reportDirectory, "report-directory", "", "Directory, on a mounted volume, for the files of GoToReports with output: Directory; none when empty.")
	flags.BoolVar(&o.version, "version", false, "Print the version and exit.")
	o.log.BindFlags(flags)
}

func run(ctx context.Context, o options) error {
	saveMemory(o.pprofAddress != "0")
	hosts, err := gotoaccount.ParseHosts(o.allowedHosts)
	if err != nil {
		return fmt.Errorf("--allowed-hosts: %w", err)
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	controller.Connect(config)
	managed := managerOptions(o)
	if err := restrict(ctx, config, &managed); err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, managed)
	if err != nil {
		return err
	}
	if err := setup(ctx, mgr, hosts, o); err != nil {
		return err
	}
	return traced(ctx, mgr.Start)
}

// lastSpans is how long the end of the process waits for a collector.
const lastSpans = 5 * time.Second

// traced runs the manager, with traces where the environment asks for them.
func traced(ctx context.Context, start func(context.Context) error) error {
	stop, err := tracing.Start(ctx, build().Version)
	if err != nil {
		return err
	}
	err = start(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpans)
	defer cancel()
	if lost := stop(last); lost != nil {
		ctrl.Log.Info("the last traces could not be sent", "error", lost.Error())
	}
	return err
}

// setup adds controllers, metrics and probes to the manager.
func setup(ctx context.Context, mgr ctrl.Manager, hosts gotoaccount.AllowedHosts, o options) error {
	m := metrics.Register()
	m.Build(build())
	return errors.Join(
		controller.Setup(mgr, controller.Options{
			Background: ctx, Hosts: hosts, Concurrency: o.concurrency, Watched: watched(namespaces(o.watchNamespaces)),
			ReportDirectory: o.reportDirectory,
			Hooks:           controller.Hooks{Call: m.Call, Batch: m.Batch, Report: m.Report, Outcome: m.Outcome, Accounts: m.Accounts},
		}),
		mgr.AddHealthzCheck("healthz", healthz.Ping),
		mgr.AddReadyzCheck("caches", synced(mgr.GetCache())),
	)
}

// readyPatience is how long one probe waits for the caches; the kubelet's own patience is a second.
const readyPatience = 500 * time.Millisecond

// synced is an error until the caches hold what the API server holds: before that, nothing can be worked on. A replica that
// waits for the lease has caches too.
func synced(c cache.Cache) healthz.Checker {
	return func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
		defer cancel()
		if !c.WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
}

func managerOptions(o options) ctrl.Options {
	scheme := runtime.NewScheme()
	utilruntime.Must(corev1.AddToScheme(scheme))
	utilruntime.Must(authorizationv1.AddToScheme(scheme)) // it asks what it may watch
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	metricsOptions := metricsserver.Options{BindAddress: o.metricsAddress, SecureServing: o.metricsSecure}
	if o.metricsSecure {
		metricsOptions.FilterProvider = metrics.Guard
		metricsOptions.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }} // no HTTP/2: rapid reset
	}
	return ctrl.Options{
		Scheme: scheme, NewClient: controller.NewClient, Metrics: metricsOptions, HealthProbeBindAddress: o.probeAddress, PprofBindAddress: o.pprofAddress,
		LeaderElection: o.leaderElect, LeaderElectionID: "goto-operator.goto-operator.dev", LeaderElectionNamespace: o.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true, Cache: controller.Cache(namespaces(o.watchNamespaces)),
	}
}

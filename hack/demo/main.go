// Command demo runs the whole operator on one machine, as a user would install it: a control plane (etcd and
// kube-apiserver), the simulated GoTo API, the CRDs and RBAC of config/, the operator as a process with its own
// ServiceAccount's token, and the samples of config/samples. It waits until every object is Ready, shows them and what
// the simulated API now holds, and stays up until it is interrupted.
//
// It runs from the root of the repository, after make has built bin/ and set KUBEBUILDER_ASSETS. It imports nothing of
// the operator: it drives what was built.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/go-logr/logr"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// Where make leaves what the demo runs, and where the demo leaves its logs.
const (
	operatorBinary  = "bin/goto-operator"
	simulatorBinary = "bin/goto-simulator"
	operatorLog     = "bin/demo-operator.log"
	simulatorLog    = "bin/demo-simulator.log"
)

const readyTimeout = 3 * time.Minute

func main() {
	once := flag.Bool("once", false, "end when all objects are Ready, or with status 1 when they do not become so")
	flag.Parse()

	// The kernel kills the children with the thread that started them, so all are started by one that stays.
	runtime.LockOSThread()
	ctrllog.SetLogger(logr.Discard())

	// The signals stay caught until the end: a second Ctrl-C must not leave processes behind either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *once)
	stop()
	switch {
	case errors.Is(err, rig.ErrInterrupted) && !*once:
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run is the demo. It returns nil when everything became Ready and, unless once is set, the demo was then interrupted.
// Whatever it started has ended when it returns.
func run(ctx context.Context, once bool) (err error) {
	dir, err := os.MkdirTemp("", "goto-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	step("Starting etcd and kube-apiserver")
	plane, err := rig.StartControlPlane(dir, nil, rig.CRDs)
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()

	step("Starting the GoTo simulator")
	sim, err := startSimulator(ctx)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	defer sim.Stop()
	detail("GoTo API %s, console %s/console/, log %s", sim.API, sim.Control, simulatorLog)

	step("Starting the operator with the rights of config/rbac")
	operator, err := startOperator(ctx, plane, sim.API, dir)
	if err != nil {
		return fmt.Errorf("operator: %w", err)
	}
	defer operator.Stop()
	detail("log %s", operatorLog)

	step("Applying config/samples")
	if err := applySamples(ctx, plane, sim.API); err != nil {
		return err
	}
	if err := waitReady(ctx, plane, operator); err != nil {
		return err
	}
	step("Everything is Ready")
	if err := show(ctx, plane, sim); err != nil {
		return err
	}
	if once {
		return nil
	}
	explain(plane, sim)
	return stayUp(ctx, sim.Process, operator)
}

// stayUp returns when the demo is interrupted or one of the processes has ended by itself.
func stayUp(ctx context.Context, sim, operator *rig.Process) error {
	select {
	case <-ctx.Done():
		fmt.Println()
		step("Stopping")
		return nil
	case <-operator.Done():
		return operator.Ended()
	case <-sim.Done():
		return sim.Ended()
	}
}

var started = time.Now()

// step tells what begins, and how long it has taken to come so far.
func step(text string) {
	fmt.Printf("==> %s (%d s)\n", text, int(time.Since(started).Seconds()))
}

func detail(format string, args ...any) { fmt.Printf("    "+format+"\n", args...) }

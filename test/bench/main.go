package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// options of the command.
type options struct {
	sizes      string
	write      string
	memory     string
	pprof      string
	play       string
	deleteRate int
	limit      time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.sizes, "sizes", "1000,10000", "comma-separated numbers of users")
	flag.StringVar(&o.write, "write", "", "document to write the tables into; they are only printed when empty")
	flag.StringVar(&o.memory, "memory", "512MiB", "GOMEMLIMIT of the operator: that of its Deployment")
	flag.StringVar(&o.pprof, "pprof", "0", "address where the operator serves profiles of itself; 0 for none")
	flag.StringVar(&o.play, "play", "", "comma-separated scenarios that are played, in their own order; all are when empty")
	flag.IntVar(&o.deleteRate, "delete-rate", 0, "requests per second that GoTo and the account allow while users are deleted, which is one request each; as for all else when 0")
	flag.DurationVar(&o.limit, "limit", 6*time.Hour, "longest time for all")
	flag.Parse()

	// The kernel kills the children with the thread that started them, so all are started by one that stays.
	runtime.LockOSThread()
	ctrllog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	sizes, err := numbers(o.sizes)
	if err != nil {
		return err
	}
	played, err := chosen(o.play)
	if err != nil {
		return err
	}
	results, err := measureAll(ctx, sizes, played, o)
	text := tables(results)
	fmt.Print(text)
	if err != nil || o.write == "" {
		return err
	}
	document, err := os.ReadFile(o.write)
	if err != nil {
		return err
	}
	whole, err := insert(string(document), text)
	if err != nil {
		return err
	}
	return os.WriteFile(o.write, []byte(whole), 0o644)
}

// measureAll measures one size after the other. With an error come the results until then: they took hours.
func measureAll(ctx context.Context, sizes []int, scenarios []scenario, o options) (results []result, err error) {
	for _, n := range sizes {
		r, err := measure(ctx, n, scenarios, o)
		results = append(results, r)
		if err != nil {
			return results, fmt.Errorf("%d users: %w", n, err)
		}
	}
	return results, nil
}

// numbers reads a comma-separated list, and sorts it. Its error names what is no number of users that can be edited.
func numbers(list string) ([]int, error) {
	var out []int
	for entry := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(entry))
		if err != nil || n <= edited {
			return nil, fmt.Errorf("%q is no number of users above %d", entry, edited)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out, nil
}

// measure plays scenarios with so many users, on a control plane of their own.
func measure(ctx context.Context, size int, scenarios []scenario, o options) (r result, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "goto-bench-")
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w := &world{dir: dir, size: size, memory: o.memory, pprof: o.pprof, deleteRate: o.deleteRate}
	defer func() {
		cancel() // the API server does not end while it is watched
		err = errors.Join(err, w.stop())
	}()
	if err := w.start(ctx); err != nil {
		return result{}, err
	}
	r.size = size
	for _, s := range scenarios {
		cost, err := w.play(ctx, s)
		if err != nil {
			return r, fmt.Errorf("%s: %w", s.name, err)
		}
		r.plays = append(r.plays, played{s.name, cost, s.floor(size)})
		fmt.Fprintf(os.Stderr, "%d users, %s: %d calls in %.0f s, peak %d MiB\n", size, s.name, cost.Calls.sum(), cost.Took.Seconds(), cost.Peak>>20)
		if s.name == beforeEdits {
			if r.edits, err = w.editUnderLoad(ctx); err != nil {
				return r, fmt.Errorf("edit under bulk load: %w", err)
			}
		}
	}
	return r, nil
}

// beforeEdits is the scenario after which single users are edited while the others change.
const beforeEdits = "group of all changed"

// Command goto-simulator serves a simulated GoTo API for laptops, demos and tests. It wires flags to package
// internal/simulator, whose README explains the control port.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the image has no files of time zones

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// shutdownGrace is how long requests may take to finish after SIGTERM; held ones are released at once.
const shutdownGrace = 5 * time.Second

func main() {
	os.Exit(execute())
}

// execute runs until a signal comes, and returns the exit code.
func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "goto-simulator:", err)
		return 1
	}
	return 0
}

type config struct {
	listen, adminListen string
	seed, state         string
	rate                float64
	verbose             bool
	switches            simulator.Switches
}

func parse(args []string, output io.Writer) (config, error) {
	c := config{switches: simulator.DefaultSwitches()}
	flags := flag.NewFlagSet("goto-simulator", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8480", "serve the GoTo API on this `address`; port 0 takes a free one")
	flags.StringVar(&c.adminListen, "admin-listen", "127.0.0.1:8481",
		"serve the control port on this `address`; it asks for no credentials")
	flags.StringVar(&c.seed, "seed", "", "start from the state in this JSON `file`")
	flags.StringVar(&c.state, "state", "",
		"keep the state in this JSON `file` after every change; if it exists, start from it and ignore --seed")
	flags.Float64Var(&c.rate, "rate", simulator.DefaultRate, "accept this many requests per `second`; negative: any number")
	flags.BoolVar(&c.verbose, "verbose", false, "log every request")
	flags.Func("switch", "put a switch into a position, as `name=position`; may be repeated, see below", func(text string) error {
		name, position, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("name=position is expected")
		}
		return c.switches.Set(name, position)
	})
	flags.Usage = func() { usage(flags, output) }
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return c, nil
}

func usage(flags *flag.FlagSet, output io.Writer) {
	fmt.Fprint(output, `goto-simulator serves a simulated GoTo API: the Admin API and its OAuth token endpoint.

Usage: goto-simulator [flags]

Flags:
`)
	flags.VisitAll(func(f *flag.Flag) {
		name, text := flag.UnquoteUsage(f)
		line := "  --" + f.Name
		if name != "" {
			line += " " + name
		}
		if f.DefValue != "" && f.DefValue != "false" {
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(output, "%s\n        %s\n", line, text)
	})
	fmt.Fprint(output, "\nSwitches, each with its default first:\n")
	for _, name := range simulator.SwitchNames() {
		fmt.Fprintf(output, "  %-24s %s\n", name, strings.Join(simulator.SwitchPositions()[name], " | "))
	}
}

// run serves until ctx ends. Each address is printed to stdout once it accepts connections.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.verbose {
		level = slog.LevelDebug
	}
	sim := simulator.New(simulator.Options{
		Switches: c.switches, Rate: c.rate, StateFile: c.state,
		Logger: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
	})
	if err := load(sim, c); err != nil {
		return err
	}
	api, err := listen(ctx, c.listen)
	if err != nil {
		return err
	}
	admin, err := listen(ctx, c.adminListen)
	if err != nil {
		return errors.Join(err, api.Close())
	}
	servers := []*http.Server{
		{Handler: sim.APIHandler(), ReadHeaderTimeout: time.Minute},
		{Handler: sim.AdminHandler(), ReadHeaderTimeout: time.Minute},
	}
	failed := make(chan error, len(servers))
	for i, listener := range []net.Listener{api, admin} {
		go func() { failed <- servers[i].Serve(listener) }()
	}
	fmt.Fprintf(stdout, "GoTo API:     http://%s\n", api.Addr())
	fmt.Fprintf(stdout, "control port: http://%s\n", admin.Addr())

	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	sim.ClearFaults()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	for _, server := range servers {
		err = errors.Join(err, server.Shutdown(grace))
	}
	return err
}

// load reads the kept state, else the seed.
func load(sim *simulator.Simulator, c config) error {
	if c.state != "" {
		err := sim.LoadFile(c.state)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if c.seed != "" {
		return sim.LoadFile(c.seed)
	}
	return nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}

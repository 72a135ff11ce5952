package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// sampleAddress is where config/samples expects the simulated GoTo API.
	sampleAddress = "127.0.0.1:8480"
	sampleURL     = "http://" + sampleAddress

	anyPort = "127.0.0.1:0"

	// simulatorStart is how long the simulator may take to print its addresses.
	simulatorStart = 20 * time.Second
)

// simulated is a running simulator and the URLs of its two ports.
type simulated struct {
	*process
	api, control string
}

// startSimulator starts the simulator on the samples' address or, where that is taken, on another.
func startSimulator(ctx context.Context) (*simulated, error) {
	address := sampleAddress
	if !isFree(ctx, address) {
		detail("%s is taken, so another port is used", address)
		address = anyPort
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	process, err := startProcess(simulatorLog, writer, nil, simulatorBinary, "--listen", address, "--admin-listen", anyPort)
	_ = writer.Close() // the child has its own copy
	if err != nil {
		_ = reader.Close()
		return nil, err
	}
	sim := &simulated{process: process}
	if err := sim.readAddresses(ctx, reader); err != nil {
		sim.stop()
		return nil, err
	}
	return sim, nil
}

func isFree(ctx context.Context, address string) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// readAddresses takes the URLs from what the simulator prints once it accepts connections, and goes on reading so that a
// later line cannot block it.
func (s *simulated) readAddresses(ctx context.Context, stdout io.ReadCloser) error {
	found := make(chan [2]string, 1)
	go func() {
		defer func() { _ = stdout.Close() }()
		var urls [2]string
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			name, url, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "GoTo API":
				urls[0] = strings.TrimSpace(url)
			case "control port":
				urls[1] = strings.TrimSpace(url)
			}
			if urls[0] != "" && urls[1] != "" {
				select {
				case found <- urls:
				default:
				}
			}
		}
	}()
	select {
	case urls := <-found:
		s.api, s.control = urls[0], urls[1]
		return nil
	case <-s.done:
		return s.ended()
	case <-ctx.Done():
		return errInterrupted
	case <-time.After(simulatorStart):
		return errors.New("it did not print its addresses in time")
	}
}

// startOperator installs the operator's RBAC and starts the operator with nothing but the rights that this grants.
func startOperator(ctx context.Context, plane *controlPlane, simulator, dir string) (*process, error) {
	if err := plane.install(ctx); err != nil {
		return nil, err
	}
	kubeconfig, err := plane.operatorKubeconfig(ctx, dir)
	if err != nil {
		return nil, err
	}
	return startProcess(operatorLog, nil, []string{"KUBECONFIG=" + kubeconfig}, operatorBinary,
		"--allowed-hosts="+simulator,
		"--leader-election-namespace="+operatorNamespace,
		"--metrics-bind-address=0",
		"--health-probe-bind-address="+anyPort)
}

// applySamples applies config/samples, with the simulator's address in place of the one they expect.
func applySamples(ctx context.Context, plane *controlPlane, simulator string) error {
	files, err := filepath.Glob("config/samples/*.yaml")
	if err != nil {
		return err
	}
	var all strings.Builder
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&all, "---\n%s\n", strings.ReplaceAll(string(content), sampleURL, simulator))
	}
	if all.Len() == 0 {
		return errors.New("config/samples has no manifests; run the demo from the root of the repository")
	}
	applied, err := plane.run(ctx, strings.NewReader(all.String()), "apply", "-f", "-")
	if err != nil {
		return err
	}
	detail("%s", strings.ReplaceAll(strings.TrimSpace(applied), "\n", "\n    "))
	return nil
}

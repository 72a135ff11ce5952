package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/goto-operator/goto-operator/hack/rig"
)

const (
	// sampleAddress is where config/samples expects the simulated GoTo API.
	sampleAddress = "127.0.0.1:8480"
	sampleURL     = "http://" + sampleAddress
)

// startSimulator starts the simulator on the samples' address or, where that is taken, on another.
func startSimulator(ctx context.Context) (*rig.Simulator, error) {
	address := sampleAddress
	if !isFree(ctx, address) {
		detail("%s is taken, so another port is used", address)
		address = rig.AnyPort
	}
	return rig.StartSimulator(ctx, simulatorLog, simulatorBinary, "--listen", address)
}

func isFree(ctx context.Context, address string) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// startOperator installs the operator's RBAC and starts the operator with nothing but the rights that this grants.
func startOperator(ctx context.Context, plane *rig.ControlPlane, simulator, dir string) (*rig.Process, error) {
	if err := plane.Install(ctx); err != nil {
		return nil, err
	}
	kubeconfig, err := plane.OperatorKubeconfig(ctx, dir)
	if err != nil {
		return nil, err
	}
	return rig.Start(operatorLog, nil, []string{"KUBECONFIG=" + kubeconfig}, operatorBinary,
		"--allowed-hosts="+simulator,
		"--leader-election-namespace="+rig.OperatorNamespace,
		"--metrics-bind-address=0",
		"--health-probe-bind-address="+rig.AnyPort)
}

// applySamples applies config/samples, with the simulator's address in place of the one they expect.
func applySamples(ctx context.Context, plane *rig.ControlPlane, simulator string) error {
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
	applied, err := plane.Run(ctx, strings.NewReader(all.String()), "apply", "-f", "-")
	if err != nil {
		return err
	}
	detail("%s", strings.ReplaceAll(strings.TrimSpace(applied), "\n", "\n    "))
	return nil
}

package argocd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const root = "../.."

// machine is what all tests share: an API server with the CRDs, and what is built of the repository.
var machine struct {
	client.Client
	config                          *rest.Config
	operator, simulator, kubeconfig string
	kinds                           []string // those of the CRDs
}

func TestMain(m *testing.M) {
	status, err := runWithMachine(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// runWithMachine runs no test where there is no control plane.
func runWithMachine(m *testing.M) (status int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		fmt.Println("KUBEBUILDER_ASSETS names no control plane: make test-packaging does")
		return 0, nil
	}
	folder, err := os.MkdirTemp("", "argocd-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	env := &envtest.Environment{CRDDirectoryPaths: []string{filepath.Join(root, "config", "crd", "bases")}, ErrorIfCRDPathMissing: true}
	defer func() { _ = env.Stop() }()
	if machine.config, err = env.Start(); err != nil {
		return 0, err
	}
	for _, crd := range env.CRDs {
		machine.kinds = append(machine.kinds, crd.Spec.Names.Kind)
	}
	machine.config.QPS = -1
	machine.operator, machine.simulator = filepath.Join(folder, "goto-operator"), filepath.Join(folder, "goto-simulator")
	machine.kubeconfig = filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(machine.kubeconfig, env.KubeConfig, 0o600); err != nil {
		return 0, err
	}
	build := exec.Command("go", "build", "-o", folder, "./cmd/goto-operator", "./cmd/goto-simulator")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	machine.Client, err = client.New(machine.config, client.Options{})
	if err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// Command generate writes what the charts have from elsewhere in the repository: CRDs, rules, policies and alerts of config/,
// and the table of values in each README. It imports nothing of the operator.
//
//	go run ./generate ../..
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: generate REPOSITORY")
	}
	files := filepath.Join(args[0], "charts", "goto-operator", "files")
	if err := os.RemoveAll(files); err != nil {
		return err
	}
	for _, c := range copies {
		if err := c.copy(filepath.Join(args[0], "config"), files); err != nil {
			return err
		}
	}
	charts, err := filepath.Glob(filepath.Join(args[0], "charts", "*", "Chart.yaml"))
	for _, chart := range charts {
		err = errors.Join(err, readme(filepath.Dir(chart)))
	}
	return err
}

// copied is a file, or files, of config and where they go in the chart.
type copied struct{ from, to string }

// copies are the one source of what the chart and config share.
var copies = []copied{
	{"crd/bases/*.yaml", "crds"},
	{"rbac/kinds/*_role.yaml", "rbac/kinds"},
	{"rbac/manager/role.yaml", "rbac/manager.yaml"},
	{"rbac/leader_election_role.yaml", "rbac/leader_election.yaml"},
	{"rbac/metrics_auth_role.yaml", "rbac/metrics_auth.yaml"},
	{"rbac/metrics_reader_role.yaml", "rbac/metrics_reader.yaml"},
	{"network-policy/allow_*.yaml", "network-policy"},
	{"prometheus/service_monitor.yaml", "service_monitor.yaml"},
	{"prometheus/rules.yaml", "rules.yaml"},
}

// copy puts several files into the folder that to names, and one under that name.
func (c copied) copy(config, files string) error {
	found, err := filepath.Glob(filepath.Join(config, filepath.FromSlash(c.from)))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("config has no %s", c.from)
	}
	for _, path := range found {
		to := filepath.Join(files, filepath.FromSlash(c.to))
		if filepath.Ext(to) == "" {
			to = filepath.Join(to, filepath.Base(path))
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := write(to, content); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

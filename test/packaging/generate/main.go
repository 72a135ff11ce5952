// Command generate writes what the charts have from elsewhere in the repository: CRDs, rules, policies, alerts, dashboard and what
// Argo CD is told, from config/, and the table of values in each README. It imports nothing of the operator.
//
//	go run ./generate ../..
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run replaces the charts' copies: what is gone from config leaves none. Nothing outside the repository is read or written.
func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: generate REPOSITORY")
	}
	repository, err := os.OpenRoot(args[0])
	if err != nil {
		return err
	}
	return errors.Join(generate(repository), repository.Close())
}

func generate(repository *os.Root) error {
	if err := repository.RemoveAll(files); err != nil {
		return err
	}
	for _, c := range copies {
		if err := c.copy(repository); err != nil {
			return err
		}
	}
	charts, err := fs.Glob(repository.FS(), "charts/*/Chart.yaml")
	for _, chart := range charts {
		err = errors.Join(err, readme(repository, path.Dir(chart)))
	}
	return err
}

// files is the chart's folder of copies.
const files = "charts/goto-operator/files"

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
	{"grafana/goto-operator.json", "dashboard.json"},
	{"argocd/argocd-cm.yaml", "argocd-cm.yaml"},
}

// copy puts several files into the folder that to names, and one under that name.
func (c copied) copy(repository *os.Root) error {
	found, err := fs.Glob(repository.FS(), path.Join("config", c.from))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("config has no %s", c.from)
	}
	for _, from := range found {
		to := path.Join(files, c.to)
		if path.Ext(to) == "" {
			to = path.Join(to, path.Base(from))
		}
		content, err := repository.ReadFile(from)
		if err != nil {
			return err
		}
		if err := write(repository, to, content); err != nil {
			return err
		}
	}
	return nil
}

func write(repository *os.Root, to string, content []byte) error {
	if err := repository.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	return repository.WriteFile(to, content, 0o644)
}

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// held is the part of the simulator's state that the demo shows; its invented credentials are left out.
type held struct {
	Accounts []struct {
		Key    string `json:"key"`
		Name   string `json:"name"`
		Groups []struct {
			Key       string `json:"key"`
			Name      string `json:"name"`
			ParentKey string `json:"parentKey"`
		} `json:"groups"`
		Licenses []struct {
			Key         string `json:"key"`
			Description string `json:"description"`
			Seats       int    `json:"seats"`
		} `json:"licenses"`
		Meetings []struct {
			ID      string `json:"id"`
			Subject string `json:"subject"`
			Start   string `json:"start"`
			Type    string `json:"type"`
		} `json:"meetings"`
		Attributes      []named                    `json:"attributes"`
		RoleSets        []named                    `json:"roleSets"`
		NewUserSettings map[string]json.RawMessage `json:"newUserSettings"`
		Users           []user                     `json:"users"`
	} `json:"accounts"`
}

type named struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

type user struct {
	Key        string                     `json:"key"`
	Email      string                     `json:"email"`
	FirstName  string                     `json:"firstName"`
	LastName   string                     `json:"lastName"`
	Status     string                     `json:"status"`
	Roles      []string                   `json:"adminRoles"`
	RoleSets   []string                   `json:"roleSets"`
	Licenses   []string                   `json:"licenseKeys"`
	Group      string                     `json:"groupKey"`
	Attributes map[string]string          `json:"attributes"`
	Settings   map[string]json.RawMessage `json:"settings"`
}

// counted is what the simulator's control port says of the requests so far.
type counted struct {
	Calls map[string]int `json:"calls"`
}

// show prints the objects as a user sees them, and what the simulated GoTo API holds.
func show(ctx context.Context, plane *rig.ControlPlane, sim *rig.Simulator) error {
	fmt.Println("\n$ kubectl get goto -A")
	table, err := plane.Run(ctx, nil, "get", "goto", "-A")
	if err != nil {
		return err
	}
	fmt.Print(table)

	var state held
	if err := get(ctx, sim.Control+"/state", &state); err != nil {
		return err
	}
	fmt.Printf("\nThe simulated GoTo API holds:\n")
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	for _, account := range state.Accounts {
		fmt.Fprintf(out, "account %s (%s)\n", account.Key, account.Name)
		names := map[string]string{"": "nothing"}
		for _, g := range account.Groups {
			names[g.Key] = g.Name
		}
		for _, g := range account.Groups {
			fmt.Fprintf(out, "  %s\tgroup %q\tunder %s\t\t\n", g.Key, g.Name, names[g.ParentKey])
		}
		for _, l := range account.Licenses {
			names[l.Key] = l.Description
			fmt.Fprintf(out, "  %s\tlicence %q\t%d seats\t\t\n", l.Key, l.Description, l.Seats)
		}
		for _, d := range slices.Concat(account.Attributes, account.RoleSets) {
			names[d.Key] = d.Name
		}
		for _, a := range account.Attributes {
			fmt.Fprintf(out, "  %s\tattribute %q\t\t\t\n", a.Key, a.Name)
		}
		for _, product := range slices.Sorted(maps.Keys(account.NewUserSettings)) {
			fmt.Fprintf(out, "  \tnew users begin with\t%s %s\t\t\n", product, account.NewUserSettings[product])
		}
		for _, u := range account.Users {
			fmt.Fprintf(out, "  %s\t%s\t%s %s\t%s\t%s\n", u.Key, u.Email, u.FirstName, u.LastName, u.Status, describe(names, u))
		}
		for _, m := range account.Meetings {
			fmt.Fprintf(out, "  %s\tmeeting %q\t%s\t%s\t\n", m.ID, m.Subject, m.Start, m.Type)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}

	var log counted
	if err := get(ctx, sim.Control+"/calls", &log); err != nil {
		return err
	}
	if err := showReport(ctx, plane); err != nil {
		return err
	}
	fmt.Printf("\nIt was asked for:\n")
	for _, operation := range slices.Sorted(maps.Keys(log.Calls)) {
		fmt.Fprintf(out, "  %s\t%d\n", operation, log.Calls[operation])
	}
	return out.Flush()
}

// describe says what a user has, by names rather than keys.
func describe(names map[string]string, u user) string {
	parts := slices.Clone(u.Roles)
	if u.Group != "" {
		parts = append(parts, "in "+names[u.Group])
	}
	for _, key := range slices.Concat(u.RoleSets, u.Licenses) {
		parts = append(parts, names[key])
	}
	for _, key := range slices.Sorted(maps.Keys(u.Attributes)) {
		parts = append(parts, fmt.Sprintf("%s %q", names[key], u.Attributes[key]))
	}
	for _, product := range slices.Sorted(maps.Keys(u.Settings)) {
		parts = append(parts, fmt.Sprintf("%s %s", product, u.Settings[product]))
	}
	return strings.Join(parts, ", ")
}

// The report of config/samples that is made at once, and what is shown of it.
const (
	sampleReport = "meetings-planned-0"
	shownRows    = 4
)

// showReport prints how a report begins.
func showReport(ctx context.Context, plane *rig.ControlPlane) error {
	fmt.Printf("\n$ kubectl get secret %s -o jsonpath='{.data.report\\.csv}' | base64 -d | head -%d\n", sampleReport, shownRows)
	coded, err := plane.Run(ctx, nil, "get", "secret", sampleReport, "-o", `jsonpath={.data.report\.csv}`)
	if err != nil {
		return err
	}
	text, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		return fmt.Errorf("report %s: %w", sampleReport, err)
	}
	rows := strings.SplitAfterN(string(text), "\n", shownRows+1)
	fmt.Print(strings.Join(rows[:min(len(rows), shownRows)], ""))
	return nil
}

// get reads JSON from the simulator's control port.
func get(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// explain tells how to use what is running from another terminal.
func explain(plane *rig.ControlPlane, sim *rig.Simulator) {
	fmt.Printf(`
All is Ready. In another terminal:

  export KUBECONFIG=%s
  export PATH=%s:$PATH
  kubectl get goto -A
  kubectl get gtuser -o yaml
  kubectl delete gtgroup sales-apac   # waits until no GoToUser names it
  kubectl get gtmeeting         # with the address for attendees
  kubectl get secret weekly-sync-host -o jsonpath='{.data.host-url}' | base64 -d
  kubectl get secret meetings-planned-0 -o jsonpath='{.data.report\.csv}' | base64 -d   # a report
  curl %s/                      # what the simulator's control port can do
  tail -f %s

What GoTo holds, to look at and to change by hand, in a browser:

  %s/console/

  kubectl get goto -A -w        # beside it
  kubectl annotate --overwrite gtaccount example goto-operator.dev/reconcile-requested-at="$(date)"   # reads the account again

Ctrl-C stops everything.
`, plane.Kubeconfig, filepath.Dir(plane.Kubectl), sim.Control, absolute(operatorLog), sim.Control)
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

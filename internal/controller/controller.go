// Package controller is the list of the operator's controllers. Whoever runs a manager, the operator's main package or a
// test, sets all of them up by it, so that a kind is registered in one place.
//
// It imports the package of every kind; no kind, nor anything else below internal/, may import it. What a kind does is in
// the kind's own folder.
package controller

import (
	"context"
	"errors"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/controller/gotoaccount"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/grace"
	"github.com/goto-operator/goto-operator/internal/metrics"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// Options are what the controllers share. Background and Hosts are required.
type Options struct {
	// Background ends when the operator is asked to stop. What is under way then may finish: see package grace.
	Background context.Context //nolint:containedctx // it outlives Setup
	// Hosts are the hosts that endpoints of a GoToAccount may point at.
	Hosts gotoaccount.AllowedHosts
	// Registry holds the live accounts; one of its own when nil.
	Registry *account.Registry
	// Concurrency is the number of objects of a kind worked on at once, by kind, where that is not the kind's default.
	Concurrency Concurrency
	// Watched tells whether a namespace is watched; nil where all are.
	Watched func(namespace string) bool
	// Transport sends the requests to GoTo; http.DefaultTransport when nil.
	Transport http.RoundTripper
	// ReportDirectory is where reports may go that ask for a directory; none when empty.
	ReportDirectory string
	// Now is the clock of accounts and kinds; time.Now when nil.
	Now func() time.Time
	// Hooks are told what happens.
	Hooks Hooks
}

// Hooks are told what happens, for the metrics. Each may be nil.
type Hooks struct {
	// Call and Batch are told of requests to GoTo and of batches of writes.
	Call  func(account types.NamespacedName, call gotoclient.Call)
	Batch func(account types.NamespacedName, operation string, items int)
	// Report is told of every report that was made, or why it was not.
	Report func(account types.NamespacedName, err error)
	// Outcome returns who is told how each reconcile of a kind ended, and how many differences it found.
	Outcome func(kind string) func(reason string, drift int)
	// Accounts is given, once, what lists the accounts.
	Accounts func(list func() []metrics.Account)
}

// shared is what the controllers of one manager have in common.
type shared struct {
	Options

	planner  *entitlement.Planner
	settings *settings.Planner
	grace    *grace.Grace
}

// Setup adds the controllers of accounts and of every managed kind to a manager.
func Setup(mgr ctrl.Manager, o Options) error {
	if o.Registry == nil {
		o.Registry = account.NewRegistry()
	}
	s := shared{o, entitlement.NewPlanner(mgr.GetClient(), o.Registry), settings.NewPlanner(mgr.GetClient(), o.Registry), grace.New(o.Background)}
	err := errors.Join(mgr.Add(s.grace), s.accounts(mgr))
	for _, k := range kinds {
		err = errors.Join(err, k.setup(mgr, s, s.options(k)))
	}
	return err
}

// accounts adds the controller of GoToAccounts, which is no managed kind: the others live from what it connects.
func (s shared) accounts(mgr ctrl.Manager) error {
	r := gotoaccount.New(gotoaccount.Config{
		Client: mgr.GetClient(), Secrets: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("gotoaccount-controller"),
		Registry: s.Registry, Planner: s.planner, KeepSettings: s.settings.Names, Allowed: s.Hosts, Transport: s.Transport, Now: s.Now,
		ObserveCall: s.Hooks.Call, ObserveBatch: s.Hooks.Batch, Background: s.grace.Context(), Grace: s.grace,
	})
	if s.Hooks.Accounts != nil {
		s.Hooks.Accounts(r.Measured)
	}
	return r.Setup(mgr)
}

// options of a kind's controller.
func (s shared) options(k kind) engine.Options {
	o := engine.Options{Registry: s.Registry, Concurrency: s.Concurrency.of(k), Watched: s.Watched, Now: s.Now, Grace: s.grace}
	if s.Hooks.Outcome != nil {
		o.Count = s.Hooks.Outcome(k.name)
	}
	return o
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	accountName = "example"
	licenseKey  = simulator.DefaultMeetingLicenseKey
	// edited is how many users a person edits while the others are being worked on.
	edited = 20
)

var ofAccount = v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: accountName}}

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }

func userName(i int) string { return fmt.Sprintf("user-%06d", i) }

func email(i int) string { return userName(i) + "@example.test" }

// scenario is one thing that happens to an account, and what it has to cost at least.
type scenario struct {
	name string
	// before is what is made ready, and costs nothing; nil for nothing. With stopped it happens, and act begins, while no
	// operator runs, so that what is measured is a start too.
	before  func(context.Context, *world) error
	stopped bool
	act     func(context.Context, *world) error
	done    func(*world) func(context.Context) (bool, error)
	floor   func(users int) calls
}

// scenarios in their order: each begins where the one before has ended.
var scenarios = []scenario{
	{name: "create", before: seed, stopped: true, done: allReady, floor: func(n int) calls {
		return starting(1).plus(batches(simulator.OpCreateUsers, n))
	}},
	{name: "resync", act: askForReading, done: answered, floor: func(n int) calls { return reading(n + 1) }},
	{name: "restart", stopped: true, done: allReady, floor: func(n int) calls { return starting(n + 1) }},
	{name: "licence for all", act: bind, done: allLicensed, floor: func(n int) calls {
		return batches(simulator.OpUpdateUsers, n)
	}},
	{name: "restart with licences", stopped: true, done: allLicensed, floor: func(n int) calls { return starting(n + 1) }},
	{name: "1 % drift", act: drift, done: answered, floor: func(n int) calls {
		return reading(n + 1).plus(batches(simulator.OpUpdateUsers, parts(n, 100)))
	}},
	{name: "group of all changed", before: regroup("green", 0), stopped: true, done: allReady, floor: func(n int) calls {
		return starting(n + 1).plus(batches(simulator.OpMoveUsers, n))
	}},
	{name: "delete under approval", before: remove, stopped: true, done: nobody, floor: func(n int) calls {
		return starting(n + 1).plus(batches(simulator.OpDeleteUsers, n))
	}},
	{name: "adopt", before: strangers, stopped: true, done: allReady, floor: func(n int) calls { return starting(n + 1) }},
}

// chosen are the scenarios of a comma-separated list, in their own order; all for "". Its error names what is none.
func chosen(list string) ([]scenario, error) {
	if list == "" {
		return scenarios, nil
	}
	var out []scenario
	names := strings.Split(list, ",")
	for _, s := range scenarios {
		if i := slices.Index(names, s.name); i >= 0 {
			out, names = append(out, s), slices.Delete(names, i, i+1)
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("%q is no scenario", names[0])
	}
	return out, nil
}

func allReady(w *world) func(context.Context) (bool, error) { return w.all(w.size, ready) }

func nobody(w *world) func(context.Context) (bool, error) { return w.all(0, ready) }

func allLicensed(w *world) func(context.Context) (bool, error) {
	return w.all(w.size, func(u *v1alpha1.GoToUser) bool {
		return ready(u) && slices.Contains(u.Status.LicenseKeys, v1alpha1.Key(licenseKey))
	})
}

// answered is true once the account has been read because somebody asked for it.
func answered(w *world) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		var ga v1alpha1.GoToAccount
		err := w.kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: accountName}, &ga)
		return ga.Status.LastHandledReconcileAt == ga.Annotations[v1alpha1.ReconcileRequestedAtAnnotation], err
	}
}

// sinceItReads is done, but not before the operator has read the account: its cache of many objects takes a while to fill.
func (w *world) sinceItReads(done func(context.Context) (bool, error)) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		if w.counts.since(w.before).Calls[simulator.OpGetMe] == 0 {
			return false, nil
		}
		return done(ctx)
	}
}

// play plays a scenario, and returns what it cost.
func (w *world) play(ctx context.Context, s scenario) (figures, error) {
	if s.stopped {
		w.stopOperator()
	}
	if s.before != nil {
		if err := s.before(ctx, w); err != nil {
			return figures{}, err
		}
	}
	if err := w.begin(ctx); err != nil {
		return figures{}, err
	}
	began := time.Now()
	if s.stopped {
		if err := w.startOperator(ctx); err != nil {
			return figures{}, err
		}
	}
	if s.act != nil {
		if err := s.act(ctx, w); err != nil {
			return figures{}, err
		}
	}
	done := s.done(w)
	if s.stopped {
		done = w.sinceItReads(done)
	}
	err := w.settle(ctx, done)
	f := w.counts.since(w.before)
	f.Took = time.Since(began) - quiet
	return f, err
}

// each calls f for the numbers from 0 to n, several at a time, and returns the errors.
func each(n int, f func(i int) error) error {
	const workers = 16
	errs := make([]error, workers)
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += workers {
				errs[worker] = f(i)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func seed(ctx context.Context, w *world) error {
	return each(w.size, func(i int) error {
		return w.kube.Create(ctx, &v1alpha1.GoToUser{ObjectMeta: named(userName(i)), Spec: v1alpha1.GoToUserSpec{
			ManagedSpec: ofAccount, Email: email(i), FirstName: "Fay", LastName: "Field", GroupRef: v1alpha1.GroupReference{Name: "blue"},
		}})
	})
}

// patch changes an object as a person does.
func (w *world) patch(ctx context.Context, o client.Object, body string) error {
	return w.kube.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(body)))
}

func (w *world) annotate(ctx context.Context, name, value string) error {
	return w.patch(ctx, &v1alpha1.GoToAccount{ObjectMeta: named(accountName)}, fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, name, value))
}

func askForReading(ctx context.Context, w *world) error {
	return w.annotate(ctx, v1alpha1.ReconcileRequestedAtAnnotation, time.Now().Format(time.RFC3339Nano))
}

func bind(ctx context.Context, w *world) error {
	return w.kube.Create(ctx, &v1alpha1.GoToLicenseBinding{ObjectMeta: named("all"), Spec: v1alpha1.GoToLicenseBindingSpec{
		ManagedSpec: ofAccount, License: v1alpha1.LicenseSelector{Key: licenseKey},
		Subjects: []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{}}},
	}})
}

// drift renames one user in a hundred in GoTo's console.
func drift(ctx context.Context, w *world) error {
	users, err := w.list(ctx)
	if err != nil {
		return err
	}
	err = each(parts(len(users), 100), func(i int) error {
		return w.control(ctx, http.MethodPatch, w.inAccount("users/"+string(users[i*100].Status.UserKey)), map[string]string{"lastName": "Forest"}, nil)
	})
	return errors.Join(err, askForReading(ctx, w))
}

// regroup moves all users but the last few into a group.
func regroup(group string, but int) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		return each(w.size-but, func(i int) error {
			return w.patch(ctx, &v1alpha1.GoToUser{ObjectMeta: named(userName(i))}, fmt.Sprintf(`{"spec":{"groupRef":{"name":%q}}}`, group))
		})
	}
}

// remove deletes all users, and lets them go.
func remove(ctx context.Context, w *world) error {
	if w.deleteRate > 0 {
		if err := w.allow(ctx, w.deleteRate, &v1alpha1.RequestBudget{RequestsPerSecond: int32(w.deleteRate)}); err != nil {
			return err
		}
	}
	err := each(w.size, func(i int) error { // an API server has no time for a hundred thousand in one request
		return w.kube.Delete(ctx, &v1alpha1.GoToUser{ObjectMeta: named(userName(i))})
	})
	return errors.Join(err, w.annotate(ctx, v1alpha1.ApproveDeletionsUntilAnnotation, time.Now().Add(12*time.Hour).Format(time.RFC3339)))
}

// strangers are users who are in GoTo before their objects are made.
func strangers(ctx context.Context, w *world) error {
	if err := w.allow(ctx, simulator.DefaultRate, nil); err != nil {
		return err // the users before them could be deleted faster
	}
	err := client.IgnoreNotFound(w.kube.Delete(ctx, &v1alpha1.GoToLicenseBinding{ObjectMeta: named("all")}))
	if err != nil {
		return err // it gives nobody anything from now on
	}
	err = each(w.size, func(i int) error {
		return w.control(ctx, http.MethodPost, w.inAccount("users"), map[string]string{"email": email(i), "firstName": "Fay", "lastName": "Field"}, nil)
	})
	if err != nil {
		return err
	}
	return each(w.size, func(i int) error {
		return w.kube.Create(ctx, &v1alpha1.GoToUser{ObjectMeta: named(userName(i)), Spec: v1alpha1.GoToUserSpec{
			ManagedSpec: ofAccount, Email: email(i), FirstName: "Fay", LastName: "Field",
		}})
	})
}

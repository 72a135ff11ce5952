package gotouser

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestNewOrganizerCostsTwoWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t)
	w.invite(t, "G2M")
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	u := w.object(t)
	if !ready(u) || u.Status.UserKey == "" || u.Status.Origin != v1alpha1.Created || u.Status.State != "ACTIVE" || w.Writes != 2 {
		t.Errorf("%d writes, %s, %+v", w.Writes, readyIs(u), u.Status)
	}
	// The address is asked for, the invitation sent, the organizer read back.
	w.calls(t, map[string]int{gotoclient.OpListOrganizers: 1, gotoclient.OpCreateOrganizer: 1, gotoclient.OpGetOrganizer: 1})

	w.Writes = 0
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	w.quiet(t)
	w.refresh(t)
	w.calls(t, map[string]int{gotoclient.OpListOrganizers: 1}) // all that a resync costs
	if w.Writes != 0 {
		t.Errorf("%d writes of an object that is as it should be", w.Writes)
	}

	w.remove(t)
	w.reconcileUntil(t, gone)
	w.calls(t, map[string]int{gotoclient.OpDeleteOrganizer: 1})
	if err := w.reconcile(t); err != nil {
		t.Errorf("the second reconcile of a deletion: %v", err)
	}
	w.quiet(t)
}

func TestOrganizerGetsProductsIsSuspendedAndReactivated(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t)
	w.invite(t, "G2M")
	w.steady(t)
	put := func(n int) map[string]int { return map[string]int{gotoclient.OpUpdateOrganizer: n} }
	step := func(calls int, products []string, change func(*v1alpha1.GoToUser)) {
		t.Helper()
		w.Writes = 0
		w.apply(t, change)
		if err := w.reconcile(t); err != nil {
			t.Fatal(err)
		}
		w.calls(t, put(calls))
		remote, _ := w.remote()
		slices.Sort(remote.Products)
		if d := cmp.Diff(products, slices.Compact(remote.Products)); d != "" || !ready(w.object(t)) || w.Writes != 1 {
			t.Errorf("%d writes, %s, products: %s", w.Writes, readyIs(w.object(t)), d)
		}
		w.Writes = 0
		if err := w.reconcile(t); err != nil || w.Writes != 0 {
			t.Errorf("%v, %d writes", err, w.Writes)
		}
		w.quiet(t)
	}
	step(1, []string{"G2M", "G2W"}, func(u *v1alpha1.GoToUser) { u.Spec.Products = []v1alpha1.Product{"G2W"} })
	step(1, nil, func(u *v1alpha1.GoToUser) { u.Spec.State = v1alpha1.UserSuspended })
	step(2, []string{"G2M", "G2T", "G2W"}, func(u *v1alpha1.GoToUser) {
		u.Spec.State, u.Spec.Products = v1alpha1.UserActive, []v1alpha1.Product{"G2M", "G2T", "G2W"}
	})

	// One too many cannot be taken away.
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Products = []v1alpha1.Product{"G2W"} })
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	w.quiet(t)
	want := []v1alpha1.FieldDrift{{Field: "products[G2T]", Current: "G2T", Reason: v1alpha1.ReasonReadOnly}}
	if u := w.object(t); readyIs(u) != "False ReadOnlyInGoTo" || cmp.Diff(want, u.Status.Drift) != "" {
		t.Errorf("%s, %+v", readyIs(u), u.Status.Drift)
	}
}

func TestSuspendedByAPersonIsReactivated(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t)
	w.add(t, simulator.User{FirstName: "Ada", PasswordCreated: true}) // without a licence
	w.invite(t, "G2M")
	w.steady(t)
	if u, _ := w.remote(); u.Status != "ACTIVE" || w.object(t).Status.Origin != v1alpha1.Adopted || w.mails() != 0 {
		t.Errorf("%+v, %+v", u, w.object(t).Status)
	}
}

func TestWhatCannotBeInvitedIsSaidAndNotSent(t *testing.T) {
	t.Parallel()
	for reason, change := range map[string]func(*v1alpha1.GoToUserSpec){
		v1alpha1.ReasonNameTooLong:         func(s *v1alpha1.GoToUserSpec) { s.LastName = strings.Repeat("x", 26) },
		v1alpha1.ReasonProductsRequired:    products(),
		v1alpha1.ReasonSuspendedNotInvited: func(s *v1alpha1.GoToUserSpec) { s.State = v1alpha1.UserSuspended },
		v1alpha1.ReasonUnsupported: func(s *v1alpha1.GoToUserSpec) {
			s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SuppressWelcomeEmail}
		},
	} {
		t.Run(reason, func(t *testing.T) {
			w := newOrganizers(t)
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec = organizerSpecIn(u, change) })
			if err := w.reconcile(t); err != nil {
				t.Fatal(err)
			}
			w.quiet(t)
			u := w.object(t)
			if readyIs(u) != "False "+reason || !meta.IsStatusConditionTrue(u.Status.Conditions, v1alpha1.ConditionStalled) {
				t.Errorf("%+v", u.Status.Conditions)
			}
			w.remove(t)
			if err := w.reconcile(t); err != nil || w.object(t) != nil {
				t.Errorf("held back: %v", err)
			}
		})
	}
}

func organizerSpecIn(u *v1alpha1.GoToUser, change func(*v1alpha1.GoToUserSpec)) v1alpha1.GoToUserSpec {
	spec := organizerSpec(change).Spec
	spec.ManagedSpec = u.Spec.ManagedSpec
	return spec
}

func TestUnsupportedFieldsAreSaidAndTheRestIsDone(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t)
	w.apply(t, func(u *v1alpha1.GoToUser) {
		u.Spec.Products, u.Spec.Locale, u.Spec.AdminRoles = []v1alpha1.Product{"G2M"}, "en_US", []v1alpha1.AdminRole{"MANAGE_USERS"}
	})
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	u := w.object(t)
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionSpecSupported)
	if readyIs(u) != "False Unsupported" || c == nil || c.Status != "False" || !strings.HasSuffix(c.Message, ": adminRoles, locale") || u.Status.UserKey == "" {
		t.Errorf("%+v", u.Status)
	}
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Locale, u.Spec.AdminRoles = "", nil })
	w.steady(t)
	if meta.FindStatusCondition(w.object(t).Status.Conditions, v1alpha1.ConditionSpecSupported) != nil {
		t.Error("the condition stays")
	}
}

func TestProductsOfAUserAreSaidToBeUnsupported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.invite(t, "G2M")
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	u := w.object(t)
	if readyIs(u) != "False Unsupported" || u.Status.UserKey == "" {
		t.Errorf("%+v", u.Status)
	}
}

func TestDeletionsOfOrganizersThatAreRefused(t *testing.T) {
	t.Parallel()
	roomy := brake.Same(time.Hour, brake.Limit{Minimum: 9, Maximum: 9})
	rows := map[string]struct {
		position func(*simulator.Switches)
		email    string
		key      gotoclient.Key // of the caller, as the Administration API told
		brake    brake.Limits
		want     string
	}{
		"by the brake":                {func(*simulator.Switches) {}, email, simulator.DefaultAdminKey, brake.Limits{Window: time.Hour}, "False DeletionBrake"},
		"by the brake, keyless":       {keyless, email, simulator.DefaultAdminKey, brake.Limits{Window: time.Hour}, "False DeletionBrake"},
		"of the operator's own admin": {keyless, simulator.DefaultAdminEmail, simulator.DefaultAdminKey, roomy, "False OwnUser"},
		"known by address alone":      {keyless, simulator.DefaultAdminEmail, "", roomy, "False OwnUser"},
	}
	for row, r := range rows {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, r.position)
			w.Acct.Me().Key = r.key
			w.add(t, simulator.User{FirstName: "Ada", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			w.apply(t, func(u *v1alpha1.GoToUser) {
				u.Spec.Email, u.Spec.DeletionPolicy = r.email, v1alpha1.DeletionPolicyDelete
			})
			_ = w.reconcile(t)
			w.Acct.Deletions().Brake().SetLimits(r.brake)
			w.remove(t)
			if err := w.reconcile(t); err != nil {
				t.Fatal(err)
			}
			w.quiet(t)
			if u := w.object(t); u == nil || readyIs(u) != r.want {
				t.Errorf("want %s: %+v", r.want, u)
			}
		})
	}
}

func TestOrphanedAndSuspendedOrganizersAreLeftWithoutACall(t *testing.T) {
	t.Parallel()
	for row, change := range map[string]func(*v1alpha1.GoToUser){
		"deletionPolicy": func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan },
		"suspend":        func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true },
		"Observe":        func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe },
	} {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, keyless)
			w.invite(t, "G2M")
			w.reconcileUntil(t, pending)
			w.Sim.ResetLog()
			w.apply(t, change)
			w.remove(t)
			w.letGoUnseen(t)
		})
	}
}

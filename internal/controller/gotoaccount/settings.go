package gotoaccount

import (
	"context"
	"errors"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// The settings of an account itself, as in its spec.settings.
const (
	settingName = "name"
	settingLogo = "logo"
)

// settingsKeeper brings the settings of an account to what its object asks for.
type settingsKeeper struct {
	*Config

	attempts *sync.WaitGroup
}

// wanted are the settings that an account asks for.
type wanted struct {
	name    string
	logo    picture
	refused error // why the logo cannot be one
}

// held are the settings that an account has in GoTo, as far as it is known.
type held struct {
	name string
	logo string // checksum of what was last written
}

// settingsDiff is what is not known to be as an account asks for it.
func settingsDiff(want wanted, has held) []v1alpha1.FieldDrift {
	var diff []v1alpha1.FieldDrift
	if want.name != "" && !gotoclient.SameName(want.name, has.name) {
		diff = append(diff, v1alpha1.FieldDrift{Field: settingName, Current: engine.Bounded(has.name, 1024), Desired: want.name})
	}
	if want.logo.sum != "" && want.logo.sum != has.logo {
		diff = append(diff, v1alpha1.FieldDrift{Field: settingLogo, Current: has.logo, Desired: want.logo.sum})
	}
	return diff
}

// wanted reads what an account asks for. Its error is that of the Kubernetes API.
func (k *settingsKeeper) wanted(ctx context.Context, ga *v1alpha1.GoToAccount) (wanted, error) {
	want := wanted{name: ga.Spec.Settings.Name}
	if ga.Spec.Settings.Logo == (v1alpha1.LogoSource{}) {
		return want, nil
	}
	var err error
	want.logo, err = logoOf(ctx, k.Secrets, ga.Namespace, ga.Spec.Settings.Logo)
	var absent *engine.BlockedReference
	var invalid *engine.StalledError
	if errors.As(err, &absent) || errors.As(err, &invalid) {
		want.refused, err = err, nil
	}
	return want, err
}

// show says how the settings of an account stand, and has them corrected where they are not as it asks for: the end of that starts the
// account again. While GoTo cannot be asked, and while it is, what was said before stays.
func (k *settingsKeeper) show(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection) error {
	if ga.Spec.Settings == nil {
		ga.Status.Settings = v1alpha1.AccountSettingsStatus{}
		meta.RemoveStatusCondition(&ga.Status.Conditions, v1alpha1.ConditionSettingsApplied)
		return nil
	}
	want, err := k.wanted(ctx, ga)
	if err != nil {
		return err
	}
	busy := c.own.look()
	c.own.recall(want, ga.Status.Settings.LogoChecksum)
	has, observe := c.holds(), ga.Spec.ManagementPolicy == v1alpha1.Observe
	ga.Status.Settings.LogoChecksum = has.logo
	if written := c.own.news(); len(written) > 0 {
		k.Events.Eventf(ga, nil, corev1.EventTypeNormal, v1alpha1.EventUpdated, "ApplySettings", "corrected in GoTo: %s", strings.Join(written, ", "))
	}
	diff := settingsDiff(want, has)
	if busy || !c.canAsk() || !ga.DeletionTimestamp.IsZero() {
		return nil
	}
	if k.apply(ga, c, want, diff, observe) { //nolint:contextcheck // a correction outlives the reconcile that began it
		return nil
	}
	k.showSettled(ga, c.own.judge(want, diff), observe)
	return nil
}

// verdict is what there is to say of settings that nothing is done about now.
type verdict struct {
	drift    []v1alpha1.FieldDrift
	reason   string // of the first problem; empty if there is none
	problems []string
}

func (v *verdict) add(field string, err error) {
	reason, message := engine.Explain(err)
	if v.reason == "" {
		v.reason = reason
	}
	v.problems = append(v.problems, field+": "+message)
	for i := range v.drift {
		if v.drift[i].Field == field {
			v.drift[i].Reason = reason
		}
	}
}

// showSettled writes a verdict into the status.
func (k *settingsKeeper) showSettled(ga *v1alpha1.GoToAccount, v verdict, observe bool) {
	on, reason, message := true, v1alpha1.ReasonSynced, "GoTo holds what spec.settings says"
	switch {
	case v.reason != "":
		on, reason, message = false, v.reason, strings.Join(v.problems, "; ")
	case len(v.drift) > 0:
		on, reason, message = false, v1alpha1.ReasonDrifted, "status.settings.drift lists what managementPolicy Manage would change"
	case observe:
		reason = v1alpha1.ReasonObserved
	}
	if observe {
		for i := range v.drift {
			v.drift[i].Reason = v1alpha1.ReasonObserved
		}
	}
	was := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionSettingsApplied)
	if v.reason != "" && (was == nil || was.Reason != reason) {
		k.Events.Eventf(ga, nil, corev1.EventTypeWarning, reason, "ApplySettings", "%s", engine.Bounded(message, 1024))
	}
	ga.Status.Settings.Drift = v.drift
	set(ga, v1alpha1.ConditionSettingsApplied, on, reason, message)
}

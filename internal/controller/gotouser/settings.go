package gotouser

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// settingsChanges are the settings that profiles give the user, that it may have, and that GoTo shows otherwise.
func settingsChanges(w *settings.Wanted, seen *gotoclient.User) []engine.Change {
	var out []engine.Change
	for _, l := range assess(w, seen).Lacking {
		out = append(out, l.Change(l.Field()))
	}
	return out
}

func assess(w *settings.Wanted, seen *gotoclient.User) settings.Assessment {
	if w == nil || len(w.Settings) == 0 {
		return settings.Assessment{}
	}
	return settings.Assess(w, settings.RecordOf(*seen))
}

// withSettings reads a user whose record shows no settings, as that of one who has just been made does not. Where GoTo shows none even
// then, they can only be written.
func withSettings(ctx context.Context, acct *account.Account, w *settings.Wanted, seen *gotoclient.User) (*gotoclient.User, error) {
	if !assess(w, seen).Unknown {
		return seen, nil
	}
	read, there, err := acct.Users().Read(ctx, seen.Key)
	if err != nil || !there {
		return seen, err
	}
	if len(read.Settings) == 0 {
		read.Settings = json.RawMessage("{}")
	}
	return &read, nil
}

// writeSettings writes the settings among some changes, those of a product in one request.
func (k Kind) writeSettings(
	ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, w *settings.Wanted, user gotoclient.Key, changes []engine.Change,
) error {
	sets := settingsIn(w, changes)
	var failed error
	for _, product := range slices.Sorted(maps.Keys(sets)) {
		failed = errors.Join(failed, acct.Users().UpdateSettings(ctx, user, product, sets[product]))
	}
	if len(sets) > 0 {
		k.settings.Wrote(u)
	}
	return failed
}

// settingsIn are the settings that changes name, by product.
func settingsIn(w *settings.Wanted, changes []engine.Change) map[string]gotoclient.Settings {
	if w == nil || !slices.ContainsFunc(changes, func(c engine.Change) bool { return strings.HasPrefix(c.Field, settings.FieldPrefix) }) {
		return nil
	}
	out := map[string]gotoclient.Settings{}
	for _, s := range w.Settings {
		if !slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == s.Field() }) {
			continue
		}
		if out[s.Product] == nil {
			out[s.Product] = gotoclient.Settings{}
		}
		out[s.Product][s.Name] = s.Value.JSON()
	}
	return out
}

// judgeSettings says whether the user has the settings that profiles give it. As long as they are only about to be read, what was said
// before stays.
func judgeSettings(w *settings.Wanted, seen *gotoclient.User) ([]metav1.Condition, error) {
	if w.Unread() {
		return nil, nil
	}
	var err error
	out := metav1.Condition{Type: v1alpha1.ConditionSettingsApplied, Status: metav1.ConditionFalse}
	switch a := assess(w, seen); {
	case w == nil || len(w.Settings) == 0:
		out.Status = metav1.ConditionUnknown
	case len(a.Refused) > 0:
		out.Reason, out.Message = a.Refused[0].Reason, refusals(a.Refused)
	case a.Unknown:
		out.Reason, out.Message = v1alpha1.ReasonApplying, "the settings of the user are about to be read"
		err = &engine.WaitingError{Reason: out.Reason, Message: out.Message, After: time.Second}
	case len(a.Lacking) > 0:
		out.Reason, out.Message = v1alpha1.ReasonApplying, "settings that profiles give are not there yet: "+lacking(a.Lacking)
	default:
		out.Status, out.Reason, out.Message = metav1.ConditionTrue, v1alpha1.ReasonApplied, "the user has every setting that profiles give"
	}
	return []metav1.Condition{out}, err
}

// mostNamed are the settings that a message names.
const mostNamed = 8

func refusals(refused []settings.Refusal) string {
	var parts []string
	for _, r := range refused[:min(len(refused), mostNamed)] {
		parts = append(parts, r.Product+"."+r.Name+" of GoToSettingsProfile "+r.Profile+": "+r.Why)
	}
	return strings.Join(parts, "; ")
}

func lacking(lacks []settings.Lack) string {
	var parts []string
	for _, l := range lacks[:min(len(lacks), mostNamed)] {
		parts = append(parts, l.Product+"."+l.Name)
	}
	return strings.Join(parts, ", ")
}

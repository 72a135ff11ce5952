package gotosettingsprofile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// announceFor is how long a write to the settings of the account is announced before it is made.
const announceFor = time.Minute

// due is true of a write to the account, of just that, which at some time is announced for long enough.
func due(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings, at time.Time) bool {
	return isAnnounced(p, set) && !at.Before(p.Status.Announced.Add(announceFor))
}

func isAnnounced(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) bool {
	return p.Status.Announced != nil && p.Status.AnnouncedSettings == fingerprint(set)
}

// announce announces a write to the account, unless it has done so before. Its error is how long that has to wait yet.
func (k Kind) announce(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) error {
	if !isAnnounced(p, set) {
		p.Status.Announced, p.Status.AnnouncedSettings = &metav1.Time{Time: k.now().Truncate(time.Second)}, fingerprint(set)
	}
	wait := p.Status.Announced.Add(announceFor).Sub(k.now())
	return &engine.WaitingError{Reason: v1alpha1.ReasonAnnounced, Message: announcement(p, set), After: max(wait, time.Second)}
}

func fingerprint(set gotoclient.Settings) string {
	data, _ := json.Marshal(set) //nolint:errchkjson // it comes from JSON
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

func forgetAnnounced(p *v1alpha1.GoToSettingsProfile) {
	p.Status.Announced, p.Status.AnnouncedSettings = nil, ""
}

func announcement(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) string {
	return fmt.Sprintf("from %s on, settings of %s are written to the account, which may overwrite those of all its users: %s",
		p.Status.Announced.Add(announceFor).UTC().Format(time.RFC3339), p.Spec.Product, strings.Join(slices.Sorted(maps.Keys(set)), ", "))
}

// announced is the condition of what is about to be written to the account; of nothing, nothing is announced.
func announced(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) metav1.Condition {
	out := metav1.Condition{Type: v1alpha1.ConditionAccountWriteAnnounced, Status: metav1.ConditionUnknown}
	switch {
	case len(set) == 0:
		forgetAnnounced(p)
	case p.Status.Announced != nil:
		out.Status, out.Reason, out.Message = metav1.ConditionTrue, v1alpha1.ReasonAnnounced, announcement(p, set)
	}
	return out
}

// Pause announces nothing any more: who lets a profile go on that was kept from writing is told anew what it is about to do.
func (Kind) Pause(p *v1alpha1.GoToSettingsProfile) []metav1.Condition {
	return []metav1.Condition{announced(p, nil)}
}

// JudgeDeletion announces what is about to be put back to the account.
func (Kind) JudgeDeletion(p *v1alpha1.GoToSettingsProfile, s seen) []metav1.Condition {
	return []metav1.Condition{announced(p, s.ToRestore(p, v1alpha1.LevelAccount))}
}

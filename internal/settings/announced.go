package settings

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

// AnnounceFor is how long a write to the settings of the account is announced before it is made.
const AnnounceFor = time.Minute

// Due is true of a write to the account, of just that, which at some time is announced for long enough.
func Due(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings, at time.Time) bool {
	return isAnnounced(p, set) && !at.Before(p.Status.Announced.Add(AnnounceFor))
}

func isAnnounced(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) bool {
	return p.Status.Announced != nil && p.Status.AnnouncedSettings == fingerprint(set)
}

// Announce announces a write to the account, unless that was done before. Its error is a *engine.WaitingError of how long that has to wait yet.
func Announce(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings, now time.Time) error {
	if !isAnnounced(p, set) {
		p.Status.Announced, p.Status.AnnouncedSettings = &metav1.Time{Time: now.Truncate(time.Second)}, fingerprint(set)
	}
	wait := p.Status.Announced.Add(AnnounceFor).Sub(now)
	return &engine.WaitingError{Reason: v1alpha1.ReasonAnnounced, Message: announcement(p, set), After: max(wait, time.Second)}
}

func fingerprint(set gotoclient.Settings) string {
	data, _ := json.Marshal(set) //nolint:errchkjson // it comes from JSON
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// ForgetAnnounced ends an announcement.
func ForgetAnnounced(p *v1alpha1.GoToSettingsProfile) {
	p.Status.Announced, p.Status.AnnouncedSettings = nil, ""
}

func announcement(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) string {
	return fmt.Sprintf("from %s on, settings of %s are written to the account, which may overwrite those of all its users: %s",
		p.Status.Announced.Add(AnnounceFor).UTC().Format(time.RFC3339), p.Spec.Product, strings.Join(slices.Sorted(maps.Keys(set)), ", "))
}

// Announced is the condition of what is about to be written to the account; of nothing, nothing is announced.
func Announced(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) metav1.Condition {
	out := metav1.Condition{Type: v1alpha1.ConditionAccountWriteAnnounced, Status: metav1.ConditionUnknown}
	switch {
	case len(set) == 0:
		ForgetAnnounced(p)
	case p.Status.Announced != nil:
		out.Status, out.Reason, out.Message = metav1.ConditionTrue, v1alpha1.ReasonAnnounced, announcement(p, set)
	}
	return out
}

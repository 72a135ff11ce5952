package gotosettingsprofile

import (
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// Judge says whether everybody has the settings.
func (Kind) Judge(p *v1alpha1.GoToSettingsProfile, _ wants, s seen) ([]metav1.Condition, error) {
	settings.ForgetFound(p)
	applied, err := s.standing(p)
	return []metav1.Condition{settings.Announced(p, s.Among(v1alpha1.LevelAccount, s.Changes())), applied}, err
}

// standing says how far the settings are where they are to be. That a licence does not grant one is no reason to wait.
func (s *seen) standing(p *v1alpha1.GoToSettingsProfile) (metav1.Condition, error) {
	n := s.Users
	out := metav1.Condition{Type: v1alpha1.ConditionSettingsApplied, Status: metav1.ConditionFalse}
	var err error
	switch refused := s.Refused(); {
	case s.Err != nil:
		out.Status, err = metav1.ConditionUnknown, s.Err
	case len(s.nowhere) > 0:
		out.Reason, out.Message = v1alpha1.ReasonCountryNotAllowed, s.nowhere.String()
		err = &engine.StalledError{Reason: out.Reason, Message: out.Message, Again: true}
	case n.Denied > 0:
		out.Reason, out.Message = v1alpha1.ReasonEndpointUnverified, fmt.Sprintf("%d of %d users wait for the account's spec.endpoints: "+
			"their status names the operation that nobody has verified", n.Denied, n.Selected)
		err = &engine.StalledError{Reason: out.Reason, Message: out.Message}
	case n.Pending > 0:
		out.Reason, out.Message = v1alpha1.ReasonApplying, fmt.Sprintf("%d of %d users have the settings", n.Applied, n.Selected)
		err = &engine.WaitingError{Reason: out.Reason, Message: out.Message}
	case n.Refused > 0:
		out.Reason = v1alpha1.ReasonUsersNotReady
		out.Message = fmt.Sprintf("%d of %d users do not have the settings: they are suspended, only observed or stalled, or GoTo did not keep "+
			"what was written", n.Refused, n.Selected)
		err = &engine.WaitingError{Reason: out.Reason, Message: out.Message}
	case n.NotEntitled > 0:
		out.Reason, out.Message = v1alpha1.ReasonSettingNotEntitled, fmt.Sprintf("the licences of %d of %d users do not grant every setting", n.NotEntitled, n.Selected)
	case len(refused) > 0:
		out.Reason, out.Message = refused[0].Reason, refused[0].Why
	default:
		out.Status, out.Reason, out.Message = metav1.ConditionTrue, v1alpha1.ReasonApplied, "the settings are where they are to be"
	}
	if p.Spec.Suspend {
		out.Status = metav1.ConditionUnknown
	}
	return out, errors.Join(s.unread, err)
}

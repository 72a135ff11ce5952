package whole

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func (s *story) onTheAccount() acting {
	return acting{
		"observe the account": s.observeAccount, "suspend the account": s.suspendAccount, "edit the account": s.editAccount,
		"limit deletions": s.limitDeletions, "change the credentials": s.changeCredentials,
		"lose a cluster's copy of the account": s.restoreAccount,
		"approve deletions":                    s.approve, "withdraw the approval": s.withdraw,
	}
}

func (s *story) observeAccount(t *rapid.T) {
	policy := v1alpha1.Manage
	if s.one(t, rarely, "observed") == "yes" {
		policy, s.watched = v1alpha1.Observe, true
		s.made.vague = true // what is confirmed only when this ends may not show any more when it was invited
	}
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.ManagementPolicy = policy })
}

func (s *story) suspendAccount(t *rapid.T) {
	suspended := s.one(t, []string{"no", "no", "yes"}, "suspended") == "yes"
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = suspended })
}

// editAccount has the operator make requests faster or slower, larger or smaller, and read more or less often.
func (s *story) editAccount(t *rapid.T) {
	perSecond, batch := s.number(t, []int{1, 8}, "per second"), s.number(t, []int{1, 2, 100}, "batch")
	minutes := s.number(t, []int{1, 10, 30}, "minutes")
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) {
		ga.Spec.RequestBudget.RequestsPerSecond, ga.Spec.RequestBudget.BatchSize = int32(perSecond), int32(batch)
		ga.Spec.ResyncInterval = metav1.Duration{Duration: time.Duration(minutes) * time.Minute}
	})
}

func (s *story) limitDeletions(t *rapid.T) {
	n := s.number(t, []int{1, mostDeleted}, "in an hour")
	s.brakesAt(n)
	limit := v1alpha1.BrakeLimit{Minimum: new(int32(n)), Maximum: new(int32(n))}
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) {
		ga.Spec.Brake.Users, ga.Spec.Brake.Groups, ga.Spec.Brake.Meetings, ga.Spec.Brake.Licenses = limit, limit, limit, limit
	})
}

// changeCredentials puts into the Secret what works or what does not.
func (s *story) changeCredentials(t *rapid.T) {
	secret := simulator.DefaultClientSecret
	if s.one(t, []string{"good", "bad"}, "they are") == "bad" {
		secret = "mistyped"
	}
	s.clientSecret(secret)
}

func (s *story) clientSecret(secret string) {
	edit(s.World, &corev1.Secret{ObjectMeta: named("goto")}, func(o *corev1.Secret) {
		o.Data[v1alpha1.SecretKeyClientSecret] = []byte(secret)
	})
}

// restoreAccount takes the account away, be it under a running operator, and brings it back without status. With it the record of what was
// deleted is lost, so that it is for the operator to remember.
func (s *story) restoreAccount(t *rapid.T) {
	if s.one(t, either, "nobody sees it") == "yes" {
		s.gate.kill()
	}
	saved := newAccount()
	s.tearOut(saved)
	s.brake.bare = true
	s.Wait(s.aMoment())
	saved.ResourceVersion, saved.UID, saved.Status = "", "", v1alpha1.GoToAccountStatus{}
	s.create(saved)
	s.Wait(s.aMoment())
}

func (s *story) approve(*rapid.T) {
	s.approved = time.Now().Add(time.Hour)
	s.annotate(s.approved.Format(time.RFC3339))
}

func (s *story) withdraw(*rapid.T) {
	if time.Now().Before(s.approved) {
		s.approved = time.Now().Add(time.Minute) // until it is noticed
	}
	s.annotate("")
}

func (s *story) annotate(until string) {
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) {
		metav1.SetMetaDataAnnotation(&ga.ObjectMeta, v1alpha1.ApproveDeletionsUntilAnnotation, until)
	})
}

// wholeAccount is the account as it was at the beginning, with deletions approved.
func (s *story) wholeAccount() {
	s.clientSecret(simulator.DefaultClientSecret)
	s.approved = time.Now().Add(23 * time.Hour)
	edit(s.World, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec = newAccount().Spec })
	s.annotate(s.approved.Format(time.RFC3339))
}

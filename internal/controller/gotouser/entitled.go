package gotouser

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// mostBindings are recorded of those that give one licence: to know that the operator gave it, one is enough.
const mostBindings = 16

// licenses are all that the user is to have: what it has, less what bindings take, and what they give. They are sorted, so
// that equal changes of several users are one request.
func licenses(e entitlement.User, has []gotoclient.Key) []gotoclient.Key {
	out := slices.DeleteFunc(slices.Clone(has), func(key gotoclient.Key) bool { return slices.Contains(e.Take, key) })
	out = append(out, missing(e, has)...)
	slices.Sort(out)
	return slices.Compact(out)
}

// missing are the licences that bindings give and the user lacks.
func missing(e entitlement.User, has []gotoclient.Key) []gotoclient.Key {
	var out []gotoclient.Key
	for key := range e.Give {
		if !slices.Contains(has, key) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// takes is true if bindings take something that the user has.
func takes(e entitlement.User, has []gotoclient.Key) bool {
	return slices.ContainsFunc(e.Take, func(key gotoclient.Key) bool { return slices.Contains(has, key) })
}

// keepAll is the change of licences that takes nothing away; nil if nothing is given either.
func keepAll(e entitlement.User, has []gotoclient.Key) *[]gotoclient.Key {
	e.Take = nil
	if len(missing(e, has)) == 0 {
		return nil
	}
	keys := licenses(e, has)
	return &keys
}

// recordGiven notes in status which bindings give the licences. What is in status counts as given by the operator, so it
// is there before the licence is.
func recordGiven(u *v1alpha1.GoToUser, e entitlement.User, keys []gotoclient.Key) {
	for _, key := range keys {
		if names, given := e.Give[key]; given {
			setGiven(u, key, names)
		}
	}
}

func setGiven(u *v1alpha1.GoToUser, key gotoclient.Key, names []string) {
	given := v1alpha1.GivenLicense{Key: v1alpha1.Key(key), Bindings: names[:min(len(names), mostBindings)]}
	all := &u.Status.GivenLicenses
	i := slices.IndexFunc(*all, func(g v1alpha1.GivenLicense) bool { return g.Key == given.Key })
	if i >= 0 {
		(*all)[i] = given
		return
	}
	*all = append(*all, given)
	slices.SortFunc(*all, func(a, b v1alpha1.GivenLicense) int { return strings.Compare(string(a.Key), string(b.Key)) })
}

// judge brings the record in status into line with what is, and says who waits. A licence that the user had already when a
// binding selected it is nobody's gift: it is not recorded, and so never taken away. What the plan does not speak of stays
// recorded.
func judge(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) ([]metav1.Condition, error) {
	e := want.entitled
	u.Status.GivenLicenses = slices.DeleteFunc(u.Status.GivenLicenses, func(g v1alpha1.GivenLicense) bool {
		key := gotoclient.Key(g.Key)
		return slices.Contains(e.Forget, key) || (slices.Contains(e.Take, key) && !slices.Contains(seen.LicenseKeys, key))
	})
	for _, g := range u.Status.GivenLicenses {
		if names := e.Give[gotoclient.Key(g.Key)]; names != nil {
			setGiven(u, gotoclient.Key(g.Key), names)
		}
	}
	if len(u.Status.GivenLicenses) == 0 {
		u.Status.GivenLicenses = nil
	}
	place(u, want, seen)

	seat := metav1.Condition{Type: v1alpha1.ConditionSeatAssigned, Status: metav1.ConditionUnknown}
	var err error
	switch {
	case len(e.Waiting) > 0:
		seat.Status, seat.Reason, seat.Message = metav1.ConditionFalse, v1alpha1.ReasonWaitingForSeat, queue(e.Waiting)
		if slices.ContainsFunc(e.Waiting, func(w entitlement.Waiting) bool { return w.Fail }) {
			seat.Reason = v1alpha1.ReasonSeatsExhausted
			err = &engine.StalledError{Reason: seat.Reason, Message: seat.Message}
		}
	case len(missing(e, seen.LicenseKeys)) > 0:
		lacking := missing(e, seen.LicenseKeys)
		seat.Status, seat.Reason, seat.Message = metav1.ConditionFalse, v1alpha1.ReasonAssigning, fmt.Sprintf("licences %v are not assigned yet", lacking)
	case len(e.Give) > 0:
		seat.Status, seat.Reason, seat.Message = metav1.ConditionTrue, v1alpha1.ReasonAssigned, "the user has every licence that bindings give"
	}
	return []metav1.Condition{seat}, err
}

// place remembers the group that the user is in because the spec says so.
func place(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) {
	switch {
	case want.group != "" && seen.GroupKey == want.group:
		u.Status.PlacedGroupKeys = []v1alpha1.Key{v1alpha1.Key(want.group)}
	case want.group == "" && !leavesGroup(u, want, seen):
		u.Status.PlacedGroupKeys = nil
	}
}

const mostPlaced = 4

// recordPlaced notes a group before the user is put there: the answer can be lost, and the spec can change meanwhile.
func recordPlaced(u *v1alpha1.GoToUser, group gotoclient.Key) {
	placed := &u.Status.PlacedGroupKeys
	if group == "" || slices.Contains(*placed, v1alpha1.Key(group)) {
		return
	}
	*placed = append(*placed, v1alpha1.Key(group))
	*placed = (*placed)[max(0, len(*placed)-mostPlaced):]
}

func queue(waiting []entitlement.Waiting) string {
	var parts []string
	for _, w := range waiting {
		place := fmt.Sprintf("place %d", w.Place)
		if w.Place > 100 {
			place = fmt.Sprintf("place %d at the latest", w.Place)
		}
		parts = append(parts, fmt.Sprintf("%s in the queue for a seat of licence %s", place, w.License))
	}
	return strings.Join(parts, "; ")
}

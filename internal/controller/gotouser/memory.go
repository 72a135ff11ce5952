package gotouser

import (
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// memory is what of a user's status has to survive its loss: what bindings gave, which they alone may take away, and the
// groups that the operator put the user into.
type memory struct {
	Given  []v1alpha1.GivenLicense `json:"given,omitempty"`
	Placed []v1alpha1.Key          `json:"placed,omitempty"`
}

// Memory is what bindings gave and where the user was put.
func (Kind) Memory(u *v1alpha1.GoToUser) any {
	return memory{u.Status.GivenLicenses, u.Status.PlacedGroupKeys}
}

// Recall adds what the status lacks.
func (Kind) Recall(u *v1alpha1.GoToUser, data json.RawMessage) {
	m, err := memoryOf(data)
	if err != nil {
		return
	}
	for _, g := range m.Given {
		if !slices.ContainsFunc(u.Status.GivenLicenses, func(o v1alpha1.GivenLicense) bool { return o.Key == g.Key }) {
			setGiven(u, gotoclient.Key(g.Key), g.Bindings)
		}
	}
	if m.placedLast(u) {
		return
	}
	for _, key := range m.Placed {
		recordPlaced(u, gotoclient.Key(key))
	}
}

// Covers is true where the two say the same but for groups that the user has left.
func (Kind) Covers(u *v1alpha1.GoToUser, data json.RawMessage) bool {
	m, err := memoryOf(data)
	return err == nil && m.placedLast(u) && equality.Semantic.DeepEqual(m.Given, u.Status.GivenLicenses)
}

func memoryOf(data json.RawMessage) (m memory, err error) {
	err = json.Unmarshal(data, &m)
	return m, err
}

// placedLast is true of a user who is where it was put last, as status says: the groups that it was put into before that are past.
func (m memory) placedLast(u *v1alpha1.GoToUser) bool {
	now, before := u.Status.PlacedGroupKeys, m.Placed
	return len(now) == 1 && len(before) > 0 && before[len(before)-1] == now[0]
}

// Record notes what Update is about to give: licences, and a group.
func (Kind) Record(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) {
	for _, c := range changes {
		switch c.Field {
		case fieldLicenses:
			recordGiven(u, want.entitled, missing(want.entitled, seen.LicenseKeys))
		case fieldGroup:
			recordPlaced(u, want.group)
		}
	}
}

// Unrecord takes back licences and a group that were to be given, and that the user does not have.
func (Kind) Unrecord(u, before *v1alpha1.GoToUser, seen *gotoclient.User) {
	u.Status.GivenLicenses = slices.DeleteFunc(u.Status.GivenLicenses, func(g v1alpha1.GivenLicense) bool {
		was := slices.ContainsFunc(before.Status.GivenLicenses, func(o v1alpha1.GivenLicense) bool { return o.Key == g.Key })
		return !was && !slices.Contains(seen.LicenseKeys, gotoclient.Key(g.Key))
	})
	u.Status.PlacedGroupKeys = slices.DeleteFunc(u.Status.PlacedGroupKeys, func(key v1alpha1.Key) bool {
		return !slices.Contains(before.Status.PlacedGroupKeys, key) && seen.GroupKey != gotoclient.Key(key)
	})
}

// RecordCreate notes what Create gives.
func (Kind) RecordCreate(u *v1alpha1.GoToUser, want *wants) {
	recordGiven(u, want.entitled, licenses(want.entitled, nil))
	recordPlaced(u, want.group)
}

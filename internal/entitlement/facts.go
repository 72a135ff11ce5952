package entitlement

import (
	"slices"
	"strings"
	"unique"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// traits are what of a GoToUser the plan depends on, besides what is recorded of its licences.
type traits struct {
	uid      types.UID
	created  int64 // seconds since 1970
	email    string
	key      gotoclient.Key // in GoTo, "" before it is known
	place    unique.Handle[place]
	labels   labelSet
	deleting bool
	writable bool // the operator may change its licences
	stuck    bool // only a person can help it
	braked   bool // waits for the deletion brake
}

// place is the group that a spec names, by one or the other.
type place struct {
	group string // the name of a GoToGroup
	key   gotoclient.Key
}

// facts are what a plan keeps of a GoToUser.
type facts struct {
	traits

	name  types.NamespacedName
	given []v1alpha1.GivenLicense // the cache's own, or a copy's: read only
}

func factsOf(u *v1alpha1.GoToUser) facts {
	return facts{
		name: client.ObjectKeyFromObject(u), given: u.Status.GivenLicenses,
		traits: traits{
			uid: u.UID, created: u.CreationTimestamp.Unix(), email: gotoclient.FoldEmail(u.Spec.Email), key: gotoclient.Key(u.Status.UserKey),
			place: unique.Make(place{u.Spec.GroupRef.Name, gotoclient.Key(u.Spec.GroupKey)}), labels: labelSetOf(u.Labels),
			deleting: !u.DeletionTimestamp.IsZero(), writable: !u.Spec.Suspend && u.Spec.ManagementPolicy != v1alpha1.Observe,
			stuck: isStuck(u), braked: engine.WaitsForBrake(u),
		},
	}
}

func (f *facts) equal(o *facts) bool {
	return f.name == o.name && f.traits == o.traits && slices.EqualFunc(f.given, o.given, func(a, b v1alpha1.GivenLicense) bool {
		return a.Key == b.Key && slices.Equal(a.Bindings, b.Bindings)
	})
}

// recorded is true for a licence that bindings gave.
func (f *facts) recorded(license gotoclient.Key) bool {
	return slices.ContainsFunc(f.given, func(g v1alpha1.GivenLicense) bool { return gotoclient.Key(g.Key) == license })
}

// isStuck is true for a user whom only a change of something else can help, and who has not got it yet. Who is stalled for want of a
// seat is not: it is in the queue for one.
func isStuck(u *v1alpha1.GoToUser) bool {
	current := func(kind string, status metav1.ConditionStatus) *metav1.Condition {
		c := meta.FindStatusCondition(u.Status.Conditions, kind)
		if c == nil || c.Status != status || c.ObservedGeneration < u.Generation {
			return nil
		}
		return c
	}
	if c := current(v1alpha1.ConditionStalled, metav1.ConditionTrue); c != nil {
		return c.Reason != v1alpha1.ReasonSeatsExhausted
	}
	if c := current(v1alpha1.ConditionReady, metav1.ConditionFalse); c != nil && c.Reason == v1alpha1.ReasonConflict {
		return true // it waits for another object, which may wait as well
	}
	c := current(v1alpha1.ConditionReferencesResolved, metav1.ConditionFalse)
	return c != nil && !slices.Contains(notInTheWay, c.Reason)
}

// notInTheWay are reasons of a reference that do not keep a user from a licence: a group that is about to be there, as of all who are applied
// together with it, and what a user goes without.
var notInTheWay = []string{v1alpha1.ReasonGroupNotReady, v1alpha1.ReasonAttributeNotDefined, v1alpha1.ReasonRoleSetNotFound}

// labelSet are the labels of an object in a form that objects with the same ones share.
type labelSet = unique.Handle[string]

func labelSetOf(l map[string]string) labelSet {
	keys := make([]string, 0, 16)
	for key := range l {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	text := make([]byte, 0, 512)
	for _, key := range keys {
		text = append(append(append(append(text, key...), '='), l[key]...), ',')
	}
	return unique.Make(string(text))
}

// labelsOf is the reverse of labelSetOf: neither = nor a comma can stand in a label.
func labelsOf(set labelSet) labels.Set {
	out := labels.Set{}
	for pair := range strings.SplitSeq(set.Value(), ",") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			out[key] = value
		}
	}
	return out
}

// remote is what a plan keeps of a user in GoTo.
type remote struct {
	*seat

	key gotoclient.Key
}

// seat is what a plan keeps of a user in GoTo that others there may have alike. It is not changed once it is made.
type seat struct {
	known    bool // a reading shows the user; one that none shows may be there all the same
	gone     bool // the user surely is not
	licenses []gotoclient.Key
	group    gotoclient.Key
	path     []gotoclient.Key // of groups, from the top to the user's own
}

// nowhere is that of users whom no reading shows.
var nowhere = &seat{}

// vanished is that of users who are surely gone.
var vanished = &seat{gone: true}

func remoteOf(u gotoclient.User, known bool) remote {
	if !known {
		return remote{seat: nowhere}
	}
	return remote{&seat{known: true, licenses: u.LicenseKeys, group: u.GroupKey, path: u.GroupKeyPath}, u.Key}
}

func (r *remote) equal(o *remote) bool { return r.key == o.key && r.seat.equal(o.seat) }

func (s *seat) equal(o *seat) bool {
	return s.known == o.known && s.gone == o.gone && s.group == o.group && slices.Equal(s.licenses, o.licenses) && slices.Equal(s.path, o.path)
}

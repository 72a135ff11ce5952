package engine

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Reference is how a kind names objects of another, and the reasons that it gives where one cannot be used.
type Reference struct {
	Kind, NotFound, NotReady string
	// New returns an empty object of that kind.
	New func() Object
}

// Groups is how every kind names a GoToGroup.
var Groups = Reference{Kind: "GoToGroup", NotFound: v1alpha1.ReasonGroupNotFound, NotReady: v1alpha1.ReasonGroupNotReady,
	New: func() Object { return &v1alpha1.GoToGroup{} }}

// indexGroup is the index of GoToUsers and GoToGroups by the group that they name: see NamingGroup and NamingGroupKey.
const indexGroup = "group"

// IndexByGroup adds the index of GoToUsers and GoToGroups by the group that they name. The controller of groups adds it; that of users reads it
// too.
func IndexByGroup(indexer client.FieldIndexer) error {
	ctx := context.Background()
	err := indexer.IndexField(ctx, &v1alpha1.GoToUser{}, indexGroup, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		return namingGroup(u.Namespace, u.Spec.GroupRef.Name, u.Spec.GroupKey)
	})
	if err != nil {
		return err
	}
	return indexer.IndexField(ctx, &v1alpha1.GoToGroup{}, indexGroup, func(o client.Object) []string {
		g, _ := o.(*v1alpha1.GoToGroup)
		return namingGroup(g.Namespace, g.Spec.ParentRef.Name, g.Spec.ParentKey)
	})
}

func namingGroup(namespace, name string, key v1alpha1.Key) []string {
	switch {
	case name != "":
		return []string{groupNamed(namespace, name)}
	case key != "":
		return []string{groupWithKey(key)}
	}
	return nil
}

func groupNamed(namespace, name string) string { return "name/" + namespace + "/" + name }
func groupWithKey(key v1alpha1.Key) string     { return "key/" + string(key) }

// NamingGroup selects, by indexGroup, who names a group by reference.
func NamingGroup(group client.Object) client.MatchingFields {
	return client.MatchingFields{indexGroup: groupNamed(group.GetNamespace(), group.GetName())}
}

// NamingGroupKey selects, by indexGroup, who names a group by its key in GoTo.
func NamingGroupKey(key gotoclient.Key) client.MatchingFields {
	return client.MatchingFields{indexGroup: groupWithKey(v1alpha1.Key(key))}
}

// Key is that of the counterpart of an object that obj names, in its own namespace. Its error is a *BlockedReference: NotReady where the
// counterpart is yet to come, NotFound where somebody has to do something first: there is no such object of the same account, or it gets
// no counterpart as it is.
func (r Reference) Key(ctx context.Context, reader client.Reader, obj Object, name string) (gotoclient.Key, error) {
	named, err := r.Object(ctx, reader, obj, name)
	if err != nil {
		return "", err
	}
	return r.KeyOf(named)
}

// Object is the object that obj names. Its error is a *BlockedReference where there is none of the same account.
func (r Reference) Object(ctx context.Context, reader client.Reader, obj Object, name string) (Object, error) {
	named := r.New()
	err := reader.Get(ctx, client.ObjectKey{Namespace: obj.GetNamespace(), Name: name}, named)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return nil, err
	case err != nil || AccountName(named) != AccountName(obj):
		return nil, &BlockedReference{r.NotFound, fmt.Sprintf("there is no %s %s of this account in the namespace", r.Kind, name)}
	}
	return named, nil
}

// KeyOf is the key of an object's counterpart, or an error as of Key.
func (r Reference) KeyOf(named Object) (gotoclient.Key, error) {
	switch {
	case *named.RemoteKey() != "":
		return gotoclient.Key(*named.RemoteKey()), nil
	case r.Awaited(named):
		return "", &BlockedReference{r.NotReady, fmt.Sprintf("%s %s has no counterpart in GoTo yet", r.Kind, named.GetName())}
	}
	return "", &BlockedReference{r.NotFound, fmt.Sprintf("%s %s has no counterpart in GoTo, and gets none while it is suspended, stalled or "+
		"without what it names itself", r.Kind, named.GetName())}
}

// Awaited is true of an object that is about to have a counterpart: of others somebody has to mend something first, of what they name, too.
func (r Reference) Awaited(obj Object) bool {
	spec, status := obj.Managed()
	resolved := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReferencesResolved)
	blocked := resolved != nil && resolved.Status == metav1.ConditionFalse && resolved.Reason == r.NotFound
	return *obj.RemoteKey() == "" && !spec.Suspend && !blocked && !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled)
}

// Keys are those of several.
func (r Reference) Keys(ctx context.Context, reader client.Reader, obj Object, names []string) (keys []gotoclient.Key, err error) {
	for _, name := range names {
		key, err := r.Key(ctx, reader, obj, name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

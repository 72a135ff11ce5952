package gotouser

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// What a user wants of what the account defines: values of custom attributes, custom roles, and the text of the welcome mail.

// values are those of custom attributes.
type values struct {
	set       []value // by name in the spec
	undefined []string
	shown     bool  // reads show values, so that a user who shows none has none
	unread    error // why the definitions could not be read
}

// value is one of them. What the spec and GoTo call the attribute can be the same to a reader and differ in letters.
type value struct {
	account.Value

	name string // in the spec
}

// roleSets are custom roles.
type roleSets struct {
	known   bool // all that the spec names were found
	ids     []gotoclient.Key
	missing error
}

// mail is the welcome mail that a template says.
type mail struct {
	content *gotoclient.EmailContent
	missing error
}

// values looks up the definitions of the attributes that the spec names. One that is not there holds up nothing else.
func (k Kind) values(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) values {
	out := values{shown: acct.Users().ShowsValues()}
	if len(u.Spec.Attributes) == 0 {
		return out
	}
	if out.unread = acct.Attributes().Need(ctx, "users", k.used(needsAttributes(u))); out.unread != nil {
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(u.Spec.Attributes)) {
		definition, ok := acct.Attributes().Named(name)
		twin := slices.IndexFunc(out.set, func(v value) bool { return v.Attribute.Key == definition.Key })
		switch {
		case !ok:
			out.undefined = append(out.undefined, name)
		case twin >= 0:
			out.undefined = append(out.undefined, name+" other than "+out.set[twin].name)
		default:
			out.set = append(out.set, value{account.Value{Attribute: definition, Value: string(u.Spec.Attributes[name])}, name})
		}
	}
	return out
}

// written are the values as they are written.
func (v values) written() []account.Value {
	out := make([]account.Value, len(v.set))
	for i := range v.set {
		out[i] = v.set[i].Value
	}
	return out
}

// used tells whether there is a user who needs something.
func (k Kind) used(need string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		return len(engine.Requests(ctx, k.reader, &v1alpha1.GoToUserList{}, client.MatchingFields{indexNeeds: need}, client.Limit(1))) > 0
	}
}

// roleSets finds the custom roles that the spec names. Its error is about one that the account does not let this object give.
func (k Kind) roleSets(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, limit roleLimit) (roleSets, error) {
	if u.Spec.RoleSets == nil {
		return roleSets{}, nil
	}
	if err := acct.RoleSets().Need(ctx, "users", k.used(needsRoleSets(u))); err != nil {
		return roleSets{missing: err}, nil //nolint:nilerr // it is judged, and holds nothing else up
	}
	out := roleSets{known: true, ids: []gotoclient.Key{}}
	for _, text := range u.Spec.RoleSets {
		found, ok := acct.RoleSets().Find(string(text))
		if !ok {
			return roleSets{missing: &engine.BlockedReference{Reason: v1alpha1.ReasonRoleSetNotFound,
				Message: fmt.Sprintf("the account has no custom role %q", text)}}, nil
		}
		if !limit.allowsSet(acct.RoleSets(), found.ID) {
			return out, roleSetNotAllowed(string(text))
		}
		out.ids = append(out.ids, found.ID)
	}
	return out, nil
}

// allowsSet tells whether an object may give and take the custom role of an id.
func (l roleLimit) allowsSet(all *account.RoleSets, id gotoclient.Key) bool {
	set, _ := all.Get(id)
	return !l.limited || slices.ContainsFunc(l.sets, func(allowed v1alpha1.RoleSet) bool {
		return allowed == v1alpha1.RoleSet(id) || set.Name != "" && gotoclient.SameName(string(allowed), set.Name)
	})
}

func roleSetNotAllowed(name string) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonRoleSetNotAllowed, Message: fmt.Sprintf(
		"the account's spec.allowedRoleSets does not let objects of this namespace give or take the custom role %q", name)}
}

// mail is what the template says. It is looked up for a user who is yet to be created alone.
func (k Kind) mail(ctx context.Context, u *v1alpha1.GoToUser) (mail, error) {
	ref := u.Spec.Welcome().TemplateRef.Name
	if ref == "" || u.Status.UserKey != "" {
		return mail{}, nil
	}
	var template v1alpha1.GoToEmailTemplate
	err := k.reader.Get(ctx, client.ObjectKey{Namespace: u.Namespace, Name: ref}, &template)
	switch {
	case apierrors.IsNotFound(err):
		return mail{missing: &engine.BlockedReference{Reason: v1alpha1.ReasonTemplateNotFound, Message: "there is no GoToEmailTemplate " + ref}}, nil
	case err != nil:
		return mail{}, err
	case engine.AccountName(&template) != engine.AccountName(u):
		return mail{missing: &engine.BlockedReference{Reason: v1alpha1.ReasonTemplateNotFound,
			Message: fmt.Sprintf("GoToEmailTemplate %s is of another GoToAccount", ref)}}, nil
	}
	return mail{content: &gotoclient.EmailContent{Subject: template.Spec.Subject, Text: template.Spec.Text}}, nil
}

// diff lists the values that differ.
func (v values) diff(u *v1alpha1.GoToUser, seen *gotoclient.User) []engine.Change {
	var out []engine.Change
	for _, want := range v.set {
		if has := v.has(u, want, seen); !gotoclient.SameName(want.Value.Value, has) {
			out = append(out, engine.Change{Field: fieldAttributes + want.name, Current: has, Desired: want.Value.Value})
		}
	}
	return out
}

// has is the value that GoTo shows or, where it does not, the one that was last written.
func (v values) has(u *v1alpha1.GoToUser, want value, seen *gotoclient.User) string {
	if v.shown || seen.Attributes.Known {
		return seen.Attributes.Get(want.Attribute.Name, want.Attribute.Key)
	}
	if last, written := u.Status.Attributes[want.name]; written {
		return string(last)
	}
	return notShown
}

// roleSetsAfter are the custom roles that a user is to have: those of the spec, and, unless the spec says exactly these or none, those that
// are there.
func roleSetsAfter(u *v1alpha1.GoToUser, want roleSets, seen *gotoclient.User) []gotoclient.Key {
	ids := slices.Clone(want.ids)
	if len(ids) > 0 && u.Spec.AdminRolesMatch != v1alpha1.RolesExactly {
		ids = append(ids, seen.RoleSets...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lostRoleSets are the custom roles that changes take away.
func lostRoleSets(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) []gotoclient.Key {
	if !slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == fieldRoleSets }) {
		return nil
	}
	after := roleSetsAfter(u, want.roleSets, seen)
	return slices.DeleteFunc(slices.Clone(seen.RoleSets), func(id gotoclient.Key) bool { return slices.Contains(after, id) })
}

// defined writes what has calls of its own, each whatever became of the other.
func defined(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) error {
	about := func(is func(field string) bool) bool {
		return slices.ContainsFunc(changes, func(c engine.Change) bool { return is(c.Field) })
	}
	var first, second error
	if about(func(field string) bool { return field == fieldRoleSets }) {
		first = acct.RoleSets().Set(ctx, seen.Key, roleSetsAfter(u, want.roleSets, seen))
	}
	if about(func(field string) bool { return strings.HasPrefix(field, fieldAttributes) }) {
		second = acct.Users().SetValues(ctx, seen.Key, want.values.written())
	}
	return errors.Join(first, second)
}

// judgeDefined notes what the user has, and says what is not there to be had.
func judgeDefined(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) ([]metav1.Condition, error) {
	u.Status.RoleSets = engine.BoundedList(convert[string](seen.RoleSets), 64, 128)
	want.values.note(u, seen)
	c := metav1.Condition{Type: v1alpha1.ConditionAttributesDefined, Status: metav1.ConditionUnknown}
	var err error
	switch v := want.values; {
	case v.unread != nil:
		err = v.unread
	case len(v.undefined) > 0:
		c.Status, c.Reason = metav1.ConditionFalse, v1alpha1.ReasonAttributeNotDefined
		c.Message = fmt.Sprintf("the account defines no attribute %s; all else is managed", strings.Join(v.undefined, ", "))
		err = &engine.BlockedReference{Reason: c.Reason, Message: c.Message}
	case len(v.set) > 0 && meta.FindStatusCondition(u.Status.Conditions, c.Type) != nil:
		c.Status, c.Reason, c.Message = metav1.ConditionTrue, v1alpha1.ReasonDefined, "the account defines every attribute that the spec names"
	}
	return []metav1.Condition{c}, errors.Join(want.roleSets.missing, err)
}

// note keeps in status the values that the spec names and the user has.
func (v values) note(u *v1alpha1.GoToUser, seen *gotoclient.User) {
	has := map[string]v1alpha1.AttributeValue{}
	for _, want := range v.set {
		if value := v.has(u, want, seen); value != notShown {
			has[want.name] = v1alpha1.AttributeValue(engine.Bounded(value, 1024))
		}
	}
	if v.unread == nil {
		u.Status.Attributes = has
	}
	if len(u.Status.Attributes) == 0 {
		u.Status.Attributes = nil
	}
}

package gotouser

import (
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Names of the fields, as in the spec.
const (
	fieldEmail            = "email"
	fieldFirstName        = "firstName"
	fieldLastName         = "lastName"
	fieldLocale           = "locale"
	fieldTimeZone         = "timeZone"
	fieldAdminRoles       = "adminRoles"
	fieldManagedGroupKeys = "managedGroupKeys"
	fieldRoleSets         = "roleSets"
	fieldAttributes       = "attributes." // and the name
	fieldGroup            = "group"       // groupRef or groupKey
	fieldLicenses         = "licenses"    // of the bindings that select the user
)

// diff lists what differs. Addresses are compared without case, lists as sets; a field that the spec leaves out is not
// compared.
func diff(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) []engine.Change {
	var out []engine.Change
	text := func(field, current, desired string, locked bool) {
		if desired != "" && !gotoclient.SameName(desired, current) {
			out = append(out, engine.Change{Field: field, Current: current, Desired: desired, Locked: locked})
		}
	}
	spec := &u.Spec
	// From outside a user's primary account, name, address and locale cannot be changed (D, L).
	foreign := seen.IdentityReadOnly
	if !gotoclient.SameEmail(spec.Email, seen.Email) {
		text(fieldEmail, seen.Email, spec.Email, foreign || seen.EmailLocked)
	}
	text(fieldFirstName, seen.FirstName, spec.FirstName, foreign || seen.NameLocked)
	text(fieldLastName, seen.LastName, spec.LastName, foreign || seen.NameLocked)
	text(fieldLocale, seen.Locale, spec.Locale, foreign)
	text(fieldTimeZone, seen.TimeZone, spec.TimeZone, false)
	if rolesDiffer(u, seen) {
		set(&out, fieldAdminRoles, join(seen.AdminRoles), join(rolesAfter(u, seen)))
	}
	if spec.ManagedGroupKeys != nil {
		set(&out, fieldManagedGroupKeys, managedGroups(u, seen), join(spec.ManagedGroupKeys))
	}
	if want.roleSets.known {
		set(&out, fieldRoleSets, join(seen.RoleSets), join(roleSetsAfter(u, want.roleSets, seen)))
	}
	out = append(out, want.values.diff(u, seen)...)
	if want.group != "" || leavesGroup(u, want, seen) {
		set(&out, fieldGroup, string(seen.GroupKey), string(want.group))
	}
	set(&out, fieldLicenses, join(seen.LicenseKeys), join(licenses(want.entitled, seen.LicenseKeys)))
	return append(out, settingsChanges(want.settings, seen)...)
}

// leavesGroup is true for a user whose spec no longer names the group that it was put into.
func leavesGroup(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) bool {
	return want.group == "" && slices.Contains(u.Status.PlacedGroupKeys, v1alpha1.Key(seen.GroupKey))
}

// notShown stands for managed groups of which nothing is known. Whether reads carry them is UNVERIFIED.
const notShown = "not shown"

// managedGroups are those that GoTo shows or, where it does not, those that were last written.
func managedGroups(u *v1alpha1.GoToUser, seen *gotoclient.User) string {
	switch {
	case seen.ManagedGroupKeys != nil:
		return join(seen.ManagedGroupKeys)
	case u.Status.ManagedGroupKeys != nil:
		return join(u.Status.ManagedGroupKeys)
	}
	return notShown
}

func set(out *[]engine.Change, field, current, desired string) {
	if current != desired {
		*out = append(*out, engine.Change{Field: field, Current: current, Desired: desired})
	}
}

// join writes a set the same way whatever its order.
func join[T ~string](set []T) string {
	words := make([]string, len(set))
	for i, v := range set {
		words[i] = string(v)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

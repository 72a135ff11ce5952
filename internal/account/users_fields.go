package account

import (
	"bytes"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// userFields are those that our own writes change.
var userFields = records.Fields[gotoclient.User]{
	part(func(u *gotoclient.User) *string { return &u.Email }),
	part(func(u *gotoclient.User) *string { return &u.FirstName }),
	part(func(u *gotoclient.User) *string { return &u.LastName }),
	part(func(u *gotoclient.User) *string { return &u.Locale }),
	part(func(u *gotoclient.User) *string { return &u.TimeZone }),
	part(func(u *gotoclient.User) *gotoclient.UserStatus { return &u.Status }),
	set(func(u *gotoclient.User) *[]gotoclient.Key { return &u.LicenseKeys }),
	set(func(u *gotoclient.User) *[]string { return &u.AdminRoles }),
	set(func(u *gotoclient.User) *[]gotoclient.Key { return &u.ManagedGroupKeys }),
	set(func(u *gotoclient.User) *[]string { return &u.Products }),
	set(func(u *gotoclient.User) *[]gotoclient.Key { return (*[]gotoclient.Key)(&u.RoleSets) }),
	{
		Same: func(a, b *gotoclient.User) bool { return a.Attributes.Same(b.Attributes) },
		Set:  func(to, from *gotoclient.User) { to.Attributes = from.Attributes },
	},
	{
		Same: func(a, b *gotoclient.User) bool { return bytes.Equal(a.Settings, b.Settings) },
		Set:  func(to, from *gotoclient.User) { to.Settings = from.Settings },
	},
	{
		Same: func(a, b *gotoclient.User) bool { return a.GroupKey == b.GroupKey },
		Set:  setGroup,
	},
}

func setGroup(to, from *gotoclient.User) {
	to.GroupKey, to.GroupName, to.GroupKeyPath, to.GroupNamePath = from.GroupKey, from.GroupName, from.GroupKeyPath, from.GroupNamePath
}

// part is a field that is one value.
func part[T any, F comparable](of func(*T) *F) records.Field[T] {
	return records.Field[T]{
		Same: func(a, b *T) bool { return *of(a) == *of(b) },
		Set:  func(to, from *T) { *of(to) = *of(from) },
	}
}

// set is a field whose values have no order.
func set[T any, F ~string](of func(*T) *[]F) records.Field[T] {
	return records.Field[T]{
		Same: func(a, b *T) bool { return slices.Equal(sorted(*of(a)), sorted(*of(b))) },
		Set:  func(to, from *T) { *of(to) = *of(from) },
	}
}

// sameUser compares all that is kept of two users.
func sameUser(a, b *gotoclient.User) bool {
	return sameIdentity(a, b) && sameState(a, b) &&
		a.GroupKey == b.GroupKey && a.GroupName == b.GroupName && slices.Equal(a.GroupKeyPath, b.GroupKeyPath) && slices.Equal(a.GroupNamePath, b.GroupNamePath) &&
		slices.Equal(a.LicenseKeys, b.LicenseKeys) && slices.Equal(a.Products, b.Products) &&
		slices.Equal(a.AdminRoles, b.AdminRoles) && (a.ManagedGroupKeys == nil) == (b.ManagedGroupKeys == nil) && slices.Equal(a.ManagedGroupKeys, b.ManagedGroupKeys) &&
		slices.Equal(a.RoleSets, b.RoleSets) && a.Attributes.Same(b.Attributes) && bytes.Equal(a.Settings, b.Settings)
}

func sameIdentity(a, b *gotoclient.User) bool {
	return a.Key == b.Key && a.Email == b.Email && a.FirstName == b.FirstName && a.LastName == b.LastName && a.Locale == b.Locale && a.TimeZone == b.TimeZone &&
		a.NameLocked == b.NameLocked && a.EmailLocked == b.EmailLocked && a.IdentityReadOnly == b.IdentityReadOnly
}

func sameState(a, b *gotoclient.User) bool {
	return a.Status == b.Status && a.PasswordCreated == b.PasswordCreated && a.InvitedDate == b.InvitedDate && a.InviteCount == b.InviteCount &&
		a.CanAuthenticate == b.CanAuthenticate && a.Admin == b.Admin
}

func sorted[T ~string](in []T) []T {
	if len(in) == 0 {
		return nil
	}
	if slices.IsSorted(in) {
		return in
	}
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}

package gotouser

import (
	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// toCreate is the request that makes the user of a spec.
func toCreate(u *v1alpha1.GoToUser, want *wants) *account.CreateUser {
	spec := &u.Spec
	create := &account.CreateUser{
		User: gotoclient.NewUser{
			Email: spec.Email, FirstName: spec.FirstName, LastName: spec.LastName, Locale: spec.Locale, TimeZone: spec.TimeZone,
		},
		LicenseKeys:      licenses(want.entitled, nil),
		GroupKey:         want.group,
		AdminRoles:       convert[string](spec.AdminRoles),
		ManagedGroupKeys: convert[gotoclient.Key](spec.ManagedGroupKeys),
		SuppressEmail:    spec.Welcome().Policy == v1alpha1.SuppressWelcomeEmail,
	}
	create.EmailContent = want.mail.content
	if mail := spec.Welcome(); mail.Subject != "" {
		create.EmailContent = &gotoclient.EmailContent{Subject: mail.Subject, Text: mail.Text}
	}
	return create
}

// toPatch holds the fields that differ and nothing else. That a user leaves its group is no field: it has a call of its own.
func toPatch(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) (patch gotoclient.UserPatch, leave bool) {
	spec := &u.Spec
	for _, c := range changes {
		switch c.Field {
		case fieldEmail:
			patch.Email = &spec.Email
		case fieldFirstName:
			patch.FirstName = &spec.FirstName
		case fieldLastName:
			patch.LastName = &spec.LastName
		case fieldLocale:
			patch.Locale = &spec.Locale
		case fieldTimeZone:
			patch.TimeZone = &spec.TimeZone
		case fieldAdminRoles:
			roles := rolesAfter(u, seen)
			patch.AdminRoles = &roles
		case fieldManagedGroupKeys:
			keys := convert[gotoclient.Key](spec.ManagedGroupKeys)
			patch.ManagedGroupKeys = &keys
		case fieldGroup:
			if leave = want.group == ""; !leave {
				patch.GroupKey = &want.group
			}
		case fieldLicenses:
			keys := licenses(want.entitled, seen.LicenseKeys)
			patch.LicenseKeys = &keys
		}
	}
	return patch, leave
}

// report copies what GoTo says into the status.
func report(u *v1alpha1.GoToUser, seen *gotoclient.User) {
	s := &u.Status
	s.UserKey = v1alpha1.Key(seen.Key)
	s.State = engine.Bounded(string(seen.Status), 64)
	s.Products = engine.BoundedList(convert[string](seen.Products), 64, 64)
	s.LicenseKeys = convert[v1alpha1.Key](seen.LicenseKeys[:min(len(seen.LicenseKeys), 64)])
	if keys := seen.ManagedGroupKeys; len(keys) > 0 || keys != nil && u.Spec.ManagedGroupKeys != nil {
		s.ManagedGroupKeys = append([]v1alpha1.Key{}, convert[v1alpha1.Key](keys[:min(len(keys), 64)])...)
	}
	s.Group = v1alpha1.UserGroupStatus{Key: v1alpha1.Key(seen.GroupKey), Name: engine.Bounded(seen.GroupName, 512)}
}

// convert changes the type of strings, and keeps nil for an empty list.
func convert[To, From ~string](in []From) []To {
	if len(in) == 0 {
		return nil
	}
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = To(v)
	}
	return out
}

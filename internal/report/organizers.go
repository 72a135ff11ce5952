package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Organizer is who may have meetings, as the caller knows them.
type Organizer struct {
	Key         gotoclient.Key // "" before an invitation is accepted, on a service of old (D): such a one has no meetings
	Name, Email string
	GroupKey    gotoclient.Key // of the group whose direct member the organizer is, "" for none
	GroupName   string
	// Licenses are those that the organizer holds: empty for none, nil where it is not known.
	Licenses []gotoclient.Key
}

// Organizers returns everybody who may have meetings in the account, those who are suspended included: their history stays (D).
type Organizers func(ctx context.Context) ([]Organizer, error)

// ListedOrganizers reads them from the GoToMeeting API, by one request. It does not know licences.
func ListedOrganizers(api *gotoclient.OrganizersService) Organizers {
	return func(ctx context.Context) ([]Organizer, error) {
		list, err := api.List(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Organizer, len(list))
		for i, o := range list {
			all[i] = Organizer{
				Key: o.Key, Name: strings.TrimSpace(o.FirstName + " " + o.LastName), Email: o.Email,
				GroupKey: o.GroupKey, GroupName: o.GroupName,
			}
		}
		return all, nil
	}
}

// WithLicenses adds to organizers the licences that somebody else knows of.
func (list Organizers) WithLicenses(known func(gotoclient.Key) (licenses []gotoclient.Key, known bool)) Organizers {
	return func(ctx context.Context) ([]Organizer, error) {
		all, err := list(ctx)
		for i := range all {
			if licenses, is := known(all[i].Key); is {
				all[i].Licenses = append([]gotoclient.Key{}, licenses...)
			}
		}
		return all, err
	}
}

// chosen returns those whom the query is about.
func (q *Query) chosen(all []Organizer) ([]Organizer, error) {
	var out []Organizer
	for _, o := range all {
		if len(q.Licenses) > 0 && o.Licenses == nil && o.Key != "" {
			return nil, fmt.Errorf("%w: who has which licence is not known here: select users or groups", ErrSelection)
		}
		if o.Key != "" && q.names(&o) {
			out = append(out, o)
		}
	}
	return out, nil
}

// names reports whether the selection has the organizer.
func (q *Query) names(o *Organizer) bool {
	holds := func(key gotoclient.Key) bool { return slices.Contains(q.Licenses, key) }
	return !q.selects() || slices.Contains(q.Users, o.Key) || slices.Contains(q.Groups, o.GroupKey) || slices.ContainsFunc(o.Licenses, holds)
}

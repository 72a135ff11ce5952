package settings

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Nowhere are the countries that a profile names and of which the account has no numbers, by the setting that names them; NotShown for a
// setting of which nothing is known, since the account's list could not be read.
type Nowhere map[string]Value

// countryLists are the settings whose countries the account has a list of.
var countryLists = map[string]func(*account.Settings, context.Context, string) ([]string, error){
	"tollCountries":     (*account.Settings).TollCountries,
	"tollFreeCountries": (*account.Settings).TollFreeCountries,
}

// LookAtCountries compares the countries that a profile names with those of which the account has numbers; nil where it names none. Where
// GoTo does not say, nothing follows. Its error is why a list could not be read.
func LookAtCountries(ctx context.Context, from *account.Settings, spec *v1alpha1.GoToSettingsProfileSpec) (Nowhere, error) {
	values, err := Values(spec)
	if err != nil {
		return nil, nil //nolint:nilerr // the plan says so
	}
	var out Nowhere
	var unread error
	for name, list := range countryLists {
		want := values[name]
		if len(want.words()) == 0 {
			continue
		}
		if out == nil {
			out = Nowhere{}
		}
		has, err := list(from, ctx, string(spec.Product))
		switch {
		case gotoclient.IsRefused(err) || gotoclient.IsNoSuchPath(err):
		case err != nil:
			out[name], unread = NotShown, errors.Join(unread, err)
		default:
			if beyond := Beyond(want, ValueOf(has)); len(beyond) > 0 {
				out[name] = ValueOf(beyond)
			}
		}
	}
	return out, unread
}

// looked is what was found of the countries of one state of a profile.
type looked struct {
	at      version
	nowhere Nowhere
}

// look notes what was found, if there was something to look at, and tells whether it was news.
func (a *accountPlan) look(o *v1alpha1.GoToSettingsProfile, nowhere Nowhere) bool {
	name, now := client.ObjectKeyFromObject(o), looked{versionOf(o), nowhere}
	if was, is := a.looked[name]; nowhere == nil || is && was.at == now.at && maps.Equal(was.nowhere, now.nowhere) {
		return false
	}
	if a.looked == nil {
		a.looked = map[types.NamespacedName]looked{}
	}
	a.looked[name] = now
	return true
}

// withhold has a profile leave alone what the account does not have, and what nobody has looked at yet.
func (p *profile) withhold(by looked) {
	p.withheld = map[string]bool{}
	if p.deleting {
		return
	}
	for name := range countryLists {
		_, nowhere := by.nowhere[name]
		if _, says := p.values[name]; says && (nowhere || by.at != p.seen) {
			p.withheld[name] = true
		}
	}
}

// String says it to people.
func (n Nowhere) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("the account has no numbers of %s, which %s names", n[name], name))
	}
	return strings.Join(parts, "; ")
}

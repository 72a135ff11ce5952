package settings

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Nowhere are the countries that a profile names and of which the account has no numbers, by the setting that names them.
type Nowhere map[string]Value

// LookAtCountries compares the countries that a profile names with those of which the account has numbers. Where GoTo does not say,
// nothing follows.
func LookAtCountries(ctx context.Context, from *account.Settings, spec *v1alpha1.GoToSettingsProfileSpec) (Nowhere, error) {
	if spec.Settings == nil {
		return nil, nil
	}
	out := Nowhere{}
	for _, row := range []struct {
		name string
		want []v1alpha1.CountryCode
		list func(context.Context, string) ([]string, error)
	}{
		{"tollCountries", spec.Settings.TollCountries, from.TollCountries},
		{"tollFreeCountries", spec.Settings.TollFreeCountries, from.TollFreeCountries},
	} {
		if len(row.want) == 0 {
			continue
		}
		has, err := row.list(ctx, string(spec.Product))
		switch {
		case gotoclient.IsRefused(err) || gotoclient.IsNoSuchPath(err):
		case err != nil:
			return nil, err
		default:
			if beyond := Beyond(ValueOf(texts(row.want)), ValueOf(has)); len(beyond) > 0 {
				out[row.name] = ValueOf(beyond)
			}
		}
	}
	return out, nil
}

func texts(codes []v1alpha1.CountryCode) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

// String says it to people.
func (n Nowhere) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("the account has no numbers of %s, which %s names", n[name], name))
	}
	return strings.Join(parts, "; ")
}

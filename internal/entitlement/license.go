package entitlement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// productMeeting comes with every licence for webinars and training (D, L).
const productMeeting = "G2M"

// selectLicense returns the one licence that a selector names, or a *engine.BlockedReference.
func selectLicense(sel v1alpha1.LicenseSelector, seats map[gotoclient.Key]account.Seats) (gotoclient.Key, error) {
	if sel.Key != "" {
		key := gotoclient.Key(sel.Key)
		if _, ok := seats[key]; ok {
			return key, nil
		}
		return "", &engine.BlockedReference{Reason: v1alpha1.ReasonLicenseNotFound, Message: fmt.Sprintf("the account has no licence %s", key)}
	}
	var found []gotoclient.Key
	for _, key := range slices.SortedFunc(maps.Keys(seats), compareKeys) {
		l := seats[key].License
		if l.Enabled && (sel.Product == "" || isMainProduct(l.Products, sel.Product)) && (sel.Description == "" || l.Description == sel.Description) {
			found = append(found, key)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &engine.BlockedReference{Reason: v1alpha1.ReasonLicenseNotFound,
			Message: "the account has no enabled licence with " + describe(sel) + "; status.licenses of the GoToAccount lists what it has"}
	}
	return "", &engine.BlockedReference{Reason: v1alpha1.ReasonLicenseAmbiguous,
		Message: fmt.Sprintf("%d licences have %s: set spec.license.key to one of %v", len(found), describe(sel), found)}
}

// isMainProduct is false for the meetings that a licence for something else includes.
func isMainProduct(products []string, want string) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(products, func(p string) bool { return strings.EqualFold(p, name) })
	}
	if !has(want) {
		return false
	}
	return !strings.EqualFold(want, productMeeting) || len(products) == 1
}

func describe(sel v1alpha1.LicenseSelector) string {
	var parts []string
	if sel.Product != "" {
		parts = append(parts, "product "+sel.Product)
	}
	if sel.Description != "" {
		parts = append(parts, fmt.Sprintf("description %q", sel.Description))
	}
	return strings.Join(parts, " and ")
}

// compareKeys orders keys as the numbers that they are.
func compareKeys(a, b gotoclient.Key) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

package entitlement

import (
	"errors"
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestSelectLicense(t *testing.T) {
	seats := map[gotoclient.Key]account.Seats{}
	add := func(key gotoclient.Key, description string, enabled bool, products ...string) {
		seats[key] = account.Seats{License: gotoclient.License{Key: key, Description: description, Enabled: enabled, Products: products}}
	}
	add("1", "Meetings", true, "G2M")
	add("2", "Webinars", true, "G2W", "G2M")
	add("3", "Old meetings", false, "G2M")
	add("4", "Webinars", true, "G2W", "G2M")
	add("5", "Training", true, "G2T", "G2M")
	for _, row := range []struct {
		sel  v1alpha1.LicenseSelector
		want string
	}{
		{v1alpha1.LicenseSelector{Key: "3"}, "3"}, // named outright, so it is meant
		{v1alpha1.LicenseSelector{Key: "9"}, "LicenseNotFound"},
		{v1alpha1.LicenseSelector{Product: "g2m"}, "1"},
		{v1alpha1.LicenseSelector{Product: "G2W"}, "LicenseAmbiguous"},
		{v1alpha1.LicenseSelector{Product: "G2T"}, "5"},
		{v1alpha1.LicenseSelector{Description: "Training"}, "5"},
		{v1alpha1.LicenseSelector{Description: "training"}, "LicenseNotFound"},
		{v1alpha1.LicenseSelector{Product: "G2M", Description: "Webinars"}, "LicenseNotFound"},
	} {
		got, err := selectLicense(row.sel, seats)
		if err != nil {
			got = gotoclient.Key(reasonOf(err))
		}
		if string(got) != row.want {
			t.Errorf("%+v: %s, want %s", row.sel, got, row.want)
		}
	}
}

func reasonOf(err error) string {
	var ref *engine.BlockedReference
	if errors.As(err, &ref) {
		return ref.Reason
	}
	return err.Error()
}

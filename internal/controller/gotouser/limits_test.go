package gotouser

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestWhatGoToSaysFitsIntoStatus(t *testing.T) {
	u := &v1alpha1.GoToUser{}
	report(u, &gotoclient.User{
		Key: "7", Status: gotoclient.UserStatus(kindtest.Huge), Products: kindtest.Many(kindtest.Huge), LicenseKeys: kindtest.Many(gotoclient.Key("1")),
		GroupKey: "2", GroupName: kindtest.Huge,
	})
	kindtest.Fits(t, u, u.Status)
}

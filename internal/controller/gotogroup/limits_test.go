package gotogroup

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestWhatGoToSaysFitsIntoStatus(t *testing.T) {
	g := &v1alpha1.GoToGroup{}
	report(g, seen{Group: gotoclient.Group{Key: "7", Name: kindtest.Huge, NamePath: kindtest.Many(kindtest.Huge)}})
	kindtest.Fits(t, g, g.Status)
}

package controller

import (
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/goto-operator/goto-operator/internal/controller/gotoattribute"
	"github.com/goto-operator/goto-operator/internal/controller/gotoemailtemplate"
	"github.com/goto-operator/goto-operator/internal/controller/gotogroup"
	"github.com/goto-operator/goto-operator/internal/controller/gotolicensebinding"
	"github.com/goto-operator/goto-operator/internal/controller/gotomeeting"
	"github.com/goto-operator/goto-operator/internal/controller/gotoreport"
	"github.com/goto-operator/goto-operator/internal/controller/gotosettingsprofile"
	"github.com/goto-operator/goto-operator/internal/controller/gotouser"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// kind is one managed kind and how its controller is set up.
type kind struct {
	name        string
	concurrency int // objects worked on at once, unless the options say otherwise
	setup       func(ctrl.Manager, shared, engine.Options) error
}

// kinds are all managed kinds. A user that is created or changed waits for its batch, so the users worked on at once are
// several times a batch; each meeting costs requests of its own, which the account's budget paces; of groups, bindings and reports
// few are worked on at once, for what takes time is done by the users.
var kinds = []kind{
	{"GoToAttribute", 4, func(mgr ctrl.Manager, _ shared, o engine.Options) error { return gotoattribute.Setup(mgr, o) }},
	{"GoToEmailTemplate", 4, func(mgr ctrl.Manager, _ shared, o engine.Options) error { return gotoemailtemplate.Setup(mgr, o) }},
	{"GoToGroup", 8, func(mgr ctrl.Manager, _ shared, o engine.Options) error { return gotogroup.Setup(mgr, o) }},
	{"GoToLicenseBinding", 4, func(mgr ctrl.Manager, s shared, o engine.Options) error {
		return gotolicensebinding.Setup(mgr, s.planner, o)
	}},
	{"GoToMeeting", 20, func(mgr ctrl.Manager, s shared, o engine.Options) error { return gotomeeting.Setup(mgr, o, s.Now) }},
	{"GoToReport", 4, func(mgr ctrl.Manager, s shared, o engine.Options) error {
		return gotoreport.Setup(mgr, o, gotoreport.Options{
			Background: s.Background, Now: s.Now, Made: s.Hooks.Report,
			Places: reportstore.Places{Directory: s.ReportDirectory, Allowed: s.Hosts.Allows, Transport: s.Transport},
		})
	}},
	{"GoToSettingsProfile", 4, func(mgr ctrl.Manager, s shared, o engine.Options) error {
		return gotosettingsprofile.Setup(mgr, s.settings, o)
	}},
	{"GoToUser", 300, func(mgr ctrl.Manager, s shared, o engine.Options) error {
		return gotouser.Setup(mgr, s.planner, s.settings, o)
	}},
}

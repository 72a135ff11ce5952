package gotouser

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func organizerSpec(change func(*v1alpha1.GoToUserSpec)) *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{}
	u.Spec = v1alpha1.GoToUserSpec{Email: email, FirstName: "Ada", LastName: "Lovelace", Products: []v1alpha1.Product{"G2M"}}
	change(&u.Spec)
	return u
}

func products(p ...v1alpha1.Product) func(*v1alpha1.GoToUserSpec) {
	return func(s *v1alpha1.GoToUserSpec) { s.Products = p }
}

func TestOrganizerDiff(t *testing.T) {
	active := func(p ...string) *gotoclient.User {
		return &gotoclient.User{Key: "1", Email: "Ada@Example.test", FirstName: "Ada", LastName: "Lovelace", Products: p, Status: gotoclient.UserActive}
	}
	suspended, invited := active(), active("G2M")
	suspended.Status = gotoclient.UserSuspended
	invited.Key, invited.Status = account.InvitationKey(email), gotoclient.UserInvited
	add := func(p string) engine.Change { return engine.Change{Field: "products[" + p + "]", Desired: p} }
	extra := func(p string) engine.Change {
		return engine.Change{Field: "products[" + p + "]", Current: p, Locked: true}
	}
	state := func(s v1alpha1.UserState) func(*v1alpha1.GoToUserSpec) {
		return func(spec *v1alpha1.GoToUserSpec) { spec.State = s }
	}
	rows := map[string]struct {
		spec func(*v1alpha1.GoToUserSpec)
		seen *gotoclient.User
		want []engine.Change
		asks account.OrganizerChange
	}{
		"as it should be":              {products("G2M"), active("G2M"), nil, account.OrganizerChange{}},
		"one missing":                  {products("G2M", "OPENVOICE"), active("G2M"), []engine.Change{add("OPENVOICE")}, account.OrganizerChange{AddProducts: []string{"OPENVOICE"}}},
		"one too much":                 {products("G2M"), active("G2M", "G2ASD"), []engine.Change{extra("G2ASD")}, account.OrganizerChange{}},
		"one missing, one too much":    {products("G2M", "G2T"), active("G2M", "G2W"), []engine.Change{add("G2T"), extra("G2W")}, account.OrganizerChange{AddProducts: []string{"G2T"}}},
		"G2W brings G2M":               {products("G2W"), active("G2M", "G2W"), nil, account.OrganizerChange{}},
		"G2T brings G2M":               {products("G2T"), active("G2M", "G2T"), nil, account.OrganizerChange{}},
		"G2M is wanted, G2W brings it": {products("G2M", "G2W"), active("G2W"), nil, account.OrganizerChange{}},
		"what is implied is not asked for": {products("G2M", "G2W"), suspended, []engine.Change{add("G2M"), add("G2W")},
			account.OrganizerChange{AddProducts: []string{"G2W"}}},
		"two that both imply": {products("G2M", "G2T", "G2W"), suspended, []engine.Change{add("G2M"), add("G2T"), add("G2W")},
			account.OrganizerChange{AddProducts: []string{"G2T", "G2W"}}},
		"not managed":           {products(), active("G2T"), nil, account.OrganizerChange{}},
		"not managed, in none":  {products(), suspended, nil, account.OrganizerChange{}},
		"suspended in GoTo":     {products("G2M"), suspended, []engine.Change{add("G2M")}, account.OrganizerChange{AddProducts: []string{"G2M"}}},
		"to be suspended":       {state(v1alpha1.UserSuspended), active("G2M"), []engine.Change{{Field: "state", Current: "Active", Desired: "Suspended"}}, account.OrganizerChange{Suspend: true}},
		"suspended as intended": {state(v1alpha1.UserSuspended), suspended, nil, account.OrganizerChange{Suspend: true}},
		"to be active again": {state(v1alpha1.UserActive), suspended,
			[]engine.Change{{Field: "state", Current: "Suspended", Desired: "Active"}, add("G2M")}, account.OrganizerChange{AddProducts: []string{"G2M"}}},
		"invited: nothing can be added yet": {products("G2T"), invited, nil, account.OrganizerChange{}},
		"names and address are locked": {func(s *v1alpha1.GoToUserSpec) { s.Email, s.FirstName = "augusta@example.test", "Augusta" }, active("G2M"), []engine.Change{
			{Field: "email", Current: "Ada@Example.test", Desired: "augusta@example.test", Locked: true},
			{Field: "firstName", Current: "Ada", Desired: "Augusta", Locked: true}}, account.OrganizerChange{}},
		"of an invitation, too": {func(s *v1alpha1.GoToUserSpec) { s.LastName = "King" }, invited, []engine.Change{
			{Field: "lastName", Current: "Lovelace", Desired: "King", Locked: true}}, account.OrganizerChange{}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u := organizerSpec(row.spec)
			got := organizer{}.diff(u, row.seen)
			if d := cmp.Diff(row.want, got); d != "" {
				t.Error(d)
			}
			var open []engine.Change
			for _, c := range got {
				if !c.Locked {
					open = append(open, c)
				}
			}
			if d := cmp.Diff(row.asks, toOrganizerChange(u, open)); d != "" {
				t.Errorf("asked for: %s", d)
			}
			fieldsOnce := map[string]bool{} // status.drift is a map by field
			for _, c := range got {
				if fieldsOnce[c.Field] {
					t.Errorf("%s twice", c.Field)
				}
				fieldsOnce[c.Field] = true
			}
		})
	}
}

func TestInvitable(t *testing.T) {
	long := strings.Repeat("ä", 26)
	rows := map[string]struct {
		spec func(*v1alpha1.GoToUserSpec)
		want string // reason
	}{
		"plain":           {func(*v1alpha1.GoToUserSpec) {}, ""},
		"25 characters":   {func(s *v1alpha1.GoToUserSpec) { s.FirstName, s.LastName = long[2:], long[2:] }, ""},
		"long first name": {func(s *v1alpha1.GoToUserSpec) { s.FirstName = long }, "Stalled/" + v1alpha1.ReasonNameTooLong},
		"long last name":  {func(s *v1alpha1.GoToUserSpec) { s.LastName = long }, "Stalled/" + v1alpha1.ReasonNameTooLong},
		"no product":      {products(), "Stalled/" + v1alpha1.ReasonProductsRequired},
		"suspended":       {func(s *v1alpha1.GoToUserSpec) { s.State = v1alpha1.UserSuspended }, "Stalled/" + v1alpha1.ReasonSuspendedNotInvited},
		"active":          {func(s *v1alpha1.GoToUserSpec) { s.State = v1alpha1.UserActive }, ""},
		"GoTo's mail": {func(s *v1alpha1.GoToUserSpec) {
			s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SendWelcomeEmail}
		}, ""},
		"no mail": {func(s *v1alpha1.GoToUserSpec) {
			s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SuppressWelcomeEmail}
		}, "Stalled/" + v1alpha1.ReasonUnsupported},
		"a mail of one's own": {func(s *v1alpha1.GoToUserSpec) { s.WelcomeEmail = &v1alpha1.WelcomeEmail{Subject: "Hello"} }, "Stalled/" + v1alpha1.ReasonUnsupported},
		"a locale":            {func(s *v1alpha1.GoToUserSpec) { s.Locale = "en_US" }, ""}, // said, and no reason not to invite
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := invitable(organizerSpec(row.spec)); err != nil {
				got = reasonOf(t, err)
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func reasonOf(t *testing.T, err error) string {
	t.Helper()
	var (
		stalled *engine.StalledError
		waiting *engine.WaitingError
	)
	switch {
	case errors.As(err, &stalled):
		return "Stalled/" + stalled.Reason
	case errors.As(err, &waiting):
		return "Reconciling/" + waiting.Reason
	}
	t.Errorf("%T: %v", err, err)
	return ""
}

func TestFirstProduct(t *testing.T) {
	for want, of := range map[string][]string{"G2M": {"G2M"}, "G2W": {"G2M", "G2W"}, "G2T": {"OPENVOICE", "G2T", "G2W"}, "OPENVOICE": {"OPENVOICE", "G2M"}} {
		if got := firstProduct(of); got != want {
			t.Errorf("of %v: %s, want %s", of, got, want)
		}
	}
}

func TestJudgeNamesWhatIsUnsupported(t *testing.T) {
	member := &gotoclient.User{Key: "1", Products: []string{"G2M"}, Status: gotoclient.UserActive}
	everything := func(s *v1alpha1.GoToUserSpec) {
		s.Locale, s.TimeZone, s.AdminRoles, s.ManagedGroupKeys = "en_US", "Europe/Berlin", []v1alpha1.AdminRole{}, []v1alpha1.Key{}
	}
	rows := map[string]struct {
		organizers bool
		spec       func(*v1alpha1.GoToUserSpec)
		seen       *gotoclient.User
		fields     string
		want       string
	}{
		"organizer, nothing":    {true, func(*v1alpha1.GoToUserSpec) {}, member, "", ""},
		"organizer, everything": {true, everything, member, "adminRoles, locale, managedGroupKeys, timeZone", "Stalled/" + v1alpha1.ReasonUnsupported},
		// Waiting says what is true now; the condition says the rest.
		"invited, everything":   {true, everything, &gotoclient.User{Key: account.InvitationKey(email)}, "adminRoles, locale, managedGroupKeys, timeZone", "Reconciling/" + v1alpha1.ReasonInvitationPending},
		"invited":               {true, func(*v1alpha1.GoToUserSpec) {}, &gotoclient.User{Key: account.InvitationKey(email)}, "", "Reconciling/" + v1alpha1.ReasonInvitationPending},
		"active by no product":  {true, func(s *v1alpha1.GoToUserSpec) { s.Products, s.State = nil, v1alpha1.UserActive }, &gotoclient.User{Key: "1", Status: gotoclient.UserSuspended}, "", "Stalled/" + v1alpha1.ReasonProductsRequired},
		"user, products":        {false, func(s *v1alpha1.GoToUserSpec) { s.State = v1alpha1.UserSuspended }, member, "products, state", "Stalled/" + v1alpha1.ReasonUnsupported},
		"user, everything else": {false, func(s *v1alpha1.GoToUserSpec) { everything(s); s.Products = nil }, member, "", ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			conditions, err := byProvisioning{}.Judge(organizerSpec(row.spec), &wants{organizers: row.organizers}, row.seen)
			got := ""
			if err != nil {
				got = reasonOf(t, err)
			}
			c := meta.FindStatusCondition(conditions, v1alpha1.ConditionSpecSupported)
			if got != row.want || c == nil || (c.Status == "False") != (row.fields != "") || !strings.HasSuffix(c.Message, row.fields) {
				t.Errorf("%q, %+v", got, c)
			}
		})
	}
}

func TestReportKeepsAnInvitationOutOfTheKey(t *testing.T) {
	u := organizerSpec(func(*v1alpha1.GoToUserSpec) {})
	u.Spec.Email = "other@example.test"
	k := byProvisioning{}
	k.Report(u, &gotoclient.User{Key: account.InvitationKey(email), Email: email, Status: gotoclient.UserInvited})
	if u.Status.UserKey != "" || u.Status.Invitation != email || u.Status.State != "INVITED" || !k.Remembers(u) {
		t.Errorf("%+v", u.Status)
	}
	if d := cmp.Diff([]string{"email/other@example.test", "email/" + email}, k.Names(u)); d != "" {
		t.Error(d)
	}
	k.Report(u, &gotoclient.User{Key: "1", Email: email, Status: gotoclient.UserActive})
	if u.Status.UserKey != "1" || u.Status.Invitation != "" || !k.Remembers(u) {
		t.Errorf("%+v", u.Status)
	}
}

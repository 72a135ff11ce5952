package gotoaccount

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// drawn is a picture of the given size, as a file.
func drawn(t *testing.T, kind string, width, height int) []byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	var data bytes.Buffer
	var err error
	switch kind {
	case "gif":
		err = gif.Encode(&data, picture, nil)
	case "jpg":
		err = jpeg.Encode(&data, picture, nil)
	case "png":
		err = png.Encode(&data, picture)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func TestCheckLogo(t *testing.T) {
	whole := drawn(t, "gif", 400, 200)
	for name, row := range map[string]struct {
		data []byte
		want string // of the error; empty if it is a logo
	}{
		"a GIF":         {whole, ""},
		"a JPG":         {drawn(t, "jpg", 400, 200), ""},
		"a PNG":         {drawn(t, "png", 10, 10), "neither a GIF nor a JPG"},
		"too wide":      {drawn(t, "gif", 401, 200), "401 × 200 pixels"},
		"too high":      {drawn(t, "jpg", 400, 201), "400 × 201 pixels"},
		"cut short":     {whole[:len(whole)/2], "cannot be decoded"},
		"its beginning": {[]byte("GIF89a"), "cannot be decoded"},
		"too large":     {append(bytes.Clone(whole), make([]byte, 100_000)...), "bytes, and may have 100000"},
		"nothing":       {nil, "neither a GIF nor a JPG"},
		"a secret":      {[]byte("hunter2"), "neither a GIF nor a JPG"},
	} {
		got, err := checkLogo(row.data)
		switch {
		case row.want == "" && (err != nil || len(got.sum) != 64 || !bytes.Equal(got.Data, row.data)):
			t.Errorf("%s: %v", name, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
	}
}

func TestSettingsDiff(t *testing.T) {
	logo := picture{sum: "new"}
	for name, row := range map[string]struct {
		want wanted
		has  held
		diff string
	}{
		"nothing is wanted":       {wanted{}, held{"Acme", "old"}, ""},
		"all is as wanted":        {wanted{name: "Acme", logo: logo}, held{"Acme", "new"}, ""},
		"the name":                {wanted{name: "Acme", logo: logo}, held{"Other", "new"}, "name"},
		"a name not known":        {wanted{name: "Acme"}, held{}, "name"},
		"a name, escaped":         {wanted{name: "A & B"}, held{name: "A &amp; B"}, ""},
		"the logo":                {wanted{name: "Acme", logo: logo}, held{"Acme", "old"}, "logo"},
		"a logo never written":    {wanted{logo: logo}, held{name: "Acme"}, "logo"},
		"a logo that cannot be":   {wanted{refused: http.ErrNotSupported}, held{logo: "old"}, ""},
		"both":                    {wanted{name: "Acme", logo: logo}, held{"Other", ""}, "name logo"},
		"white space is a change": {wanted{name: "A  B"}, held{name: "A B"}, "name"},
	} {
		var fields []string
		for _, d := range settingsDiff(row.want, row.has) {
			fields = append(fields, d.Field)
		}
		if got := strings.Join(fields, " "); got != row.diff {
			t.Errorf("%s: %q, want %q", name, got, row.diff)
		}
	}
}

// withSettings asks for a name and the logo of the ConfigMap "pictures", allowing what nobody has verified.
func withSettings(ga *v1alpha1.GoToAccount) {
	ga.Spec.Endpoints.Unverified = v1alpha1.AllowUnverified
	ga.Spec.Settings = &v1alpha1.AccountSettings{
		Name: "Acme", Logo: v1alpha1.LogoSource{ConfigMapRef: v1alpha1.KeyReference{Name: "pictures", Key: "logo.gif"}},
	}
}

// pictures keeps a logo in a ConfigMap.
func (w *world) pictures(data []byte) {
	w.Helper()
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "pictures"}, BinaryData: map[string][]byte{"logo.gif": data}}
	if err := w.kube.Update(w.Context(), config); err != nil {
		w.must(w.kube.Create(w.Context(), config))
	}
}

// remote is the account as GoTo has it.
func (w *world) remote() simulator.Account {
	for _, a := range w.sim.State().Accounts {
		if a.Key == simulator.DefaultAccountKey {
			return a
		}
	}
	return simulator.Account{}
}

// writes are the requests that may have changed something of the account itself, since the log was reset.
func (w *world) ownWrites() (requests []string) {
	for _, r := range w.sim.Requests() {
		if r.Operation == simulator.OpUpdateAccount || r.Operation == simulator.OpUploadLogo {
			requests = append(requests, r.Operation)
		}
	}
	return requests
}

func (w *world) wrote(want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.ownWrites()); diff != "" {
		w.Errorf("writes of settings (-want +got):\n%s", diff)
	}
	w.sim.ResetLog()
}

// ask has the account read again, as at a resync.
func (w *world) ask(name string) *v1alpha1.GoToAccount {
	w.Helper()
	w.change(name, func(ga *v1alpha1.GoToAccount) {
		if ga.Annotations == nil {
			ga.Annotations = map[string]string{}
		}
		ga.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] += "."
	})
	w.reconcile(name)
	ga, _ := w.reconcile(name) // the reading may have ended while the last reconcile was at its end
	return ga
}

// Name and logo are written once, put back or not as they can be read, and written again as they change; in between nothing is.
func TestSettingsOfAnAccount(t *testing.T) {
	w := newWorld(t)
	first, second := drawn(t, "gif", 40, 20), drawn(t, "jpg", 30, 10)
	w.pictures(first)
	w.account("main", withSettings)
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.is(ga, v1alpha1.ConditionReady, "True Connected")
	w.wrote("updateAccount", "uploadLogo")
	if a := w.remote(); a.Name != "Acme" || !bytes.Equal(a.Logo, first) || ga.Status.AccountName != "Acme" || len(ga.Status.Settings.LogoChecksum) != 64 {
		t.Errorf("%q, status %q, %+v", a.Name, ga.Status.AccountName, ga.Status.Settings)
	}
	if got := w.told()[v1alpha1.EventUpdated]; got != 1 {
		t.Errorf("%d events", got)
	}
	writes, calls := w.writes, w.calls()
	w.reconcile("main")
	if w.writes != writes || w.calls() != calls {
		t.Errorf("a settled account: %d writes, %d requests", w.writes-writes, w.calls()-calls)
	}
	w.sim.RenameAccount(simulator.DefaultAccountKey, "By hand")
	ga = w.ask("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.wrote("updateAccount")
	w.pictures(second)
	w.reconcile("main")
	w.wrote("uploadLogo")
	w.restart()
	w.reconcile("main")
	w.wrote()
	if a := w.remote(); a.Name != "Acme" || !bytes.Equal(a.Logo, second) {
		t.Errorf("%q", a.Name)
	}
	w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings = nil })
	ga, _ = w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "")
	w.sim.RenameAccount(simulator.DefaultAccountKey, "By hand")
	w.ask("main")
	w.wrote()
}

// Denied is the logo alone; an override or Allow releases it, and an override is where it is sent.
func TestALogoThatNobodyHasVerified(t *testing.T) {
	w := newWorld(t)
	w.pictures(drawn(t, "gif", 1, 1))
	w.account("main", withSettings, func(ga *v1alpha1.GoToAccount) { ga.Spec.Endpoints.Unverified = v1alpha1.DenyUnverified })
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "False EndpointUnverified")
	w.is(ga, v1alpha1.ConditionReady, "True Connected")
	w.wrote("updateAccount")
	c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionSettingsApplied)
	if !strings.Contains(c.Message, "logo: the operation uploadLogo was not sent") {
		t.Error(c.Message)
	}
	want := []v1alpha1.FieldDrift{{Field: "logo", Desired: ga.Status.Settings.Drift[0].Desired, Reason: v1alpha1.ReasonEndpointUnverified}}
	if diff := cmp.Diff(want, ga.Status.Settings.Drift); diff != "" {
		t.Error(diff)
	}
	w.ask("main")
	w.wrote()

	w.change("main", moves(v1alpha1.OperationEndpoint{Operation: gotoclient.OpUploadLogo, Path: "/admin/rest/v1/accounts/{accountKey}/branding/logo"}))
	ga, _ = w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "False RefusedByGoTo") // an override is believed: 404 is no guess's
	if !w.asked("PUT /admin/rest/v1/accounts/" + simulator.DefaultAccountKey + "/branding/logo") {
		t.Error("the override does not move the request")
	}
	w.change("main", moves(v1alpha1.OperationEndpoint{Operation: gotoclient.OpUploadLogo, Method: http.MethodPut}))
	w.sim.ResetLog()
	ga, _ = w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.wrote("uploadLogo")
}

func TestALogoWithoutAPath(t *testing.T) {
	for _, position := range []string{"unavailable", "elsewhere"} {
		w := newWorld(t)
		w.sim.SetSwitches(func(s *simulator.Switches) { s.LogoUpload = position })
		w.pictures(drawn(t, "gif", 1, 1))
		w.account("main", withSettings)
		ga, _ := w.reconcile("main")
		w.is(ga, v1alpha1.ConditionSettingsApplied, "False EndpointUnverified")
		w.wrote("updateAccount", "uploadLogo")
		w.reconcile("main")
		w.wrote()
	}
}

// Nothing is written for an account that only observes, and what would be is said.
func TestSettingsAreObserved(t *testing.T) {
	w := newWorld(t)
	w.pictures(drawn(t, "gif", 1, 1))
	w.account("main", withSettings, func(ga *v1alpha1.GoToAccount) { ga.Spec.ManagementPolicy = v1alpha1.Observe })
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "False Drifted")
	w.wrote()
	var fields []string
	for _, d := range ga.Status.Settings.Drift {
		fields = append(fields, d.Field+" "+d.Reason)
	}
	if diff := cmp.Diff([]string{"name Observed", "logo Observed"}, fields); diff != "" {
		t.Error(diff)
	}
	w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings.Logo = v1alpha1.LogoSource{} })
	w.sim.RenameAccount(simulator.DefaultAccountKey, "Acme")
	ga = w.ask("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Observed")
	w.wrote()
}

// What cannot be a logo is not sent, says why, and holds up neither the name nor the account; mended, it is.
func TestALogoThatCannotBe(t *testing.T) {
	secret := v1alpha1.LogoSource{SecretRef: v1alpha1.KeyReference{Name: "goto", Key: v1alpha1.SecretKeyClientSecret}}
	for name, row := range map[string]struct {
		source v1alpha1.LogoSource
		reason string
	}{
		"no ConfigMap":    {v1alpha1.LogoSource{ConfigMapRef: v1alpha1.KeyReference{Name: "absent", Key: "logo.gif"}}, v1alpha1.ReasonLogoNotFound},
		"no key":          {v1alpha1.LogoSource{ConfigMapRef: v1alpha1.KeyReference{Name: "pictures", Key: "absent"}}, v1alpha1.ReasonLogoNotFound},
		"no Secret":       {v1alpha1.LogoSource{SecretRef: v1alpha1.KeyReference{Name: "absent", Key: "logo.gif"}}, v1alpha1.ReasonLogoNotFound},
		"no picture":      {secret, v1alpha1.ReasonLogoInvalid},
		"too large a one": {v1alpha1.LogoSource{ConfigMapRef: v1alpha1.KeyReference{Name: "pictures", Key: "logo.gif"}}, v1alpha1.ReasonLogoInvalid},
	} {
		w := newWorld(t)
		w.pictures(drawn(t, "gif", 500, 1))
		w.account("main", withSettings, func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings.Logo = row.source })
		ga, _ := w.reconcile("main")
		w.is(ga, v1alpha1.ConditionSettingsApplied, "False "+row.reason)
		w.is(ga, v1alpha1.ConditionReady, "True Connected")
		w.wrote("updateAccount")
		c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionSettingsApplied)
		if strings.Contains(c.Message, simulator.DefaultClientSecret) {
			t.Errorf("%s: the message shows what it is", name)
		}
	}
	w := newWorld(t)
	w.account("main", withSettings)
	w.reconcile("main")
	w.pictures(drawn(t, "gif", 1, 1))
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.wrote("updateAccount", "uploadLogo")
}

// A name that GoTo changes on the way is written once, until the spec or GoTo's value changes.
func TestANameThatIsNotKept(t *testing.T) {
	w := newWorld(t)
	w.account("main", withSettings, func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings.Logo = v1alpha1.LogoSource{} })
	w.sim.SetSwitches(func(s *simulator.Switches) { s.IgnoredFields = "accountName" })
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "False NotKept")
	w.wrote("updateAccount")
	w.ask("main")
	w.wrote()
	w.sim.SetSwitches(func(s *simulator.Switches) { s.IgnoredFields = "none" })
	w.change("main", func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings.Name = "Acme Ltd" })
	ga, _ = w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.wrote("updateAccount")
}

// A failure that may pass is tried again, and not at once; the answer that is lost costs no second write.
func TestSettingsThatFail(t *testing.T) {
	w := newWorld(t)
	w.account("main", withSettings, func(ga *v1alpha1.GoToAccount) { ga.Spec.Settings.Logo = v1alpha1.LogoSource{} })
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpUpdateAccount, Status: http.StatusForbidden, Count: 1})
	ga, _ := w.reconcile("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "False ForbiddenByGoTo")
	w.is(ga, v1alpha1.ConditionReady, "True Connected")
	w.wrote("updateAccount")
	w.reconcile("main")
	w.wrote()
	w.sim.RenameAccount(simulator.DefaultAccountKey, "Acme") // somebody else did it
	ga = w.ask("main")
	w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
	w.wrote()
}

// later reconciles an account as its own clock does, for so long.
func (w *world) later(name string, d time.Duration) *v1alpha1.GoToAccount {
	w.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(recheck) {
		w.reconcile(name)
	}
	return w.get(name)
}

// Whatever goes wrong with a request, the settings are there in the end, and nothing is sent without a pause.
func TestSettingsUnderFaults(t *testing.T) {
	for _, operation := range []string{simulator.OpGetMe, simulator.OpUpdateAccount, simulator.OpUploadLogo} {
		for _, fault := range []simulator.Fault{
			{Kind: simulator.FaultErrorBefore, Status: 503}, {Kind: simulator.FaultErrorAfter, Status: 503}, {Kind: simulator.FaultThrottle},
			{Kind: simulator.FaultCutAfter}, {Kind: simulator.FaultHTML}, {Kind: simulator.FaultErrorBefore, Status: 403}, {Kind: simulator.FaultExpireToken},
		} {
			t.Run(operation+" "+string(fault.Kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					picture := drawn(t, "gif", 4, 2)
					w.pictures(picture)
					w.account("main", func(ga *v1alpha1.GoToAccount) {
						ga.Spec.ResyncInterval.Duration = 10 * time.Minute
						ga.Spec.Endpoints.Unverified = v1alpha1.AllowUnverified
					})
					w.reconcile("main")
					fault.Operation, fault.Count = operation, 5 // more than the client tries at once
					if fault.Status == http.StatusForbidden {
						fault.Count = 1 // it is not tried again before the resync
					}
					w.sim.Inject(fault)
					w.change("main", withSettings)
					ga := w.later("main", 45*time.Minute)
					w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
					w.is(ga, v1alpha1.ConditionReady, "True Connected")
					if a := w.remote(); a.Name != "Acme" || !bytes.Equal(a.Logo, picture) {
						t.Errorf("%q, a logo of %d bytes", a.Name, len(a.Logo))
					}
					if writes := w.ownWrites(); len(writes) > 2+5+3 {
						t.Errorf("%d requests: %v", len(writes), writes)
					}
				})
			})
		}
	}
}

// Killed while a write is under way, or before its outcome is in the status, the next process brings the same about, with one write more at
// most.
func TestSettingsAfterAKill(t *testing.T) {
	for _, operation := range []string{simulator.OpUpdateAccount, simulator.OpUploadLogo} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.pictures(drawn(t, "gif", 4, 2))
			w.account("main")
			w.reconcile("main")
			w.sim.ResetLog()
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: operation, Count: 1})
			w.change("main", withSettings)
			for range 3 { // the account connects anew, as the endpoints change
				w.once("main")
				synctest.Wait()
			}
			w.restart()
			w.sim.ClearFaults()
			ga, _ := w.reconcile("main")
			w.is(ga, v1alpha1.ConditionSettingsApplied, "True Synced")
			want := map[string][]string{
				simulator.OpUpdateAccount: {"updateAccount", "uploadLogo"}, // /me says that the name is there
				simulator.OpUploadLogo:    {"updateAccount", "uploadLogo", "uploadLogo"},
			}[operation]
			w.wrote(want...)
		})
	}
}

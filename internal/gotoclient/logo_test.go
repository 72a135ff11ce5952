package gotoclient_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// logo is a picture of the given size.
func logo(t *testing.T, mediaType string, width, height int) gotoclient.Logo {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	var data bytes.Buffer
	var err error
	if mediaType == "image/jpeg" {
		err = jpeg.Encode(&data, picture, nil)
	} else {
		err = gif.Encode(&data, picture, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return gotoclient.Logo{MediaType: mediaType, Data: data.Bytes()}
}

// keptLogo is the account's as the simulator has it.
func (w *world) keptLogo() []byte {
	for _, a := range w.sim.State().Accounts {
		if a.Key == simulator.DefaultAccountKey {
			return a.Logo
		}
	}
	return nil
}

// Whatever form the service takes, the logo arrives, and with no more requests than there are forms.
func TestUploadLogo(t *testing.T) {
	for position, want := range map[string][]string{
		"multipart": {"uploadLogo 200"}, "raw": {"uploadLogo 415", "uploadLogo 200"}, "elsewhere": {"uploadLogo 404"}, "unavailable": {"uploadLogo 404"},
	} {
		for _, kind := range []string{"image/gif", "image/jpeg"} {
			w := newWorld(t)
			w.set(t, "logoUpload", position)
			sent := logo(t, kind, 400, 200)
			err := w.client.Accounts().UploadLogo(t.Context(), account, sent)
			if gone := !served(position); gotoclient.IsNoSuchPath(err) != gone || (err == nil) == gone {
				t.Errorf("%s, %s: %v", position, kind, err)
			}
			if err == nil && !bytes.Equal(w.keptLogo(), sent.Data) {
				t.Errorf("%s, %s: another picture arrived", position, kind)
			}
			if diff := cmp.Diff(want, w.seen(gotoclient.OpUploadLogo)); diff != "" {
				t.Errorf("%s, %s: %s", position, kind, diff)
			}
		}
	}
}

func TestALogoThatIsRefused(t *testing.T) {
	w := newWorld(t)
	big := logo(t, "image/gif", 401, 200)
	wrong := gotoclient.Logo{MediaType: "image/jpeg", Data: logo(t, "image/gif", 1, 1).Data}
	for name, l := range map[string]gotoclient.Logo{"too wide": big, "of another kind": wrong, "nothing": {MediaType: "image/gif"}} {
		if err := w.client.Accounts().UploadLogo(t.Context(), account, l); !gotoclient.IsRefused(err) || gotoclient.IsNoSuchPath(err) || w.keptLogo() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	denied := newWorld(t, func(c *gotoclient.Config) { c.Unverified = gotoclient.DenyUnverified })
	var unverified *gotoclient.UnverifiedError
	if err := denied.client.Accounts().UploadLogo(t.Context(), account, logo(t, "image/gif", 1, 1)); !errors.As(err, &unverified) || len(denied.sim.Requests()) != 0 {
		t.Errorf("denied: %v, %v", err, denied.sim.Requests())
	}
}

// A failure that may pass is no word about the form.
func TestALogoIsNotSentInAnotherFormForNothing(t *testing.T) {
	for status, want := range map[int]int{http.StatusForbidden: 1, http.StatusConflict: 1, http.StatusBadRequest: 2, http.StatusUnprocessableEntity: 2} {
		r := &recorder{status: status}
		w := newMemoryWorld(t, func(c *gotoclient.Config) { c.Base = r })
		_ = w.client.Accounts().UploadLogo(t.Context(), account, logo(t, "image/gif", 1, 1))
		if len(r.sent) != want {
			t.Errorf("%d: sent %v", status, r.sent)
		}
	}
}

func TestProducts(t *testing.T) {
	for position, want := range map[string][]string{
		"unavailable": nil, "elsewhere": nil, "array": {"G2M", "G2W"}, "envelope": {"G2M", "G2W"},
	} {
		w := newWorld(t)
		w.set(t, "accountProducts", position)
		got, err := w.client.Accounts().Products(t.Context(), account)
		if gotoclient.IsNoSuchPath(err) != (want == nil) || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", position, got, err)
		}
	}
}

func TestLicense(t *testing.T) {
	const key = gotoclient.Key(simulator.DefaultWebinarLicenseKey)
	w := newWorld(t)
	fay := w.holder("fay@example.test")
	if _, err := w.licenses().Get(t.Context(), key); !gotoclient.IsNoSuchPath(err) || gotoclient.IsNotFound(err) {
		t.Errorf("where there is no such call: %v", err)
	}
	w.set(t, "licenseDetails", "available")
	got, err := w.licenses().Get(t.Context(), key)
	if err != nil || got.Key != key || !slices.Equal(got.UserKeys, []gotoclient.Key{fay}) || got.UserCount != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	all, err := collect(w.licenses().List(t.Context(), gotoclient.ListOptions{}))
	if err != nil || !slices.ContainsFunc(all, func(l gotoclient.License) bool { return cmp.Equal(l, *got) }) {
		t.Errorf("it is not as in the list: %v", err)
	}
	if _, err := w.licenses().Get(t.Context(), "1"); !gotoclient.IsNoSuchPath(err) {
		t.Errorf("a licence that is not there says nothing for sure: %v", err)
	}
}

// served says whether what nobody has verified is at its assumed path.
func served(position string) bool { return position != "unavailable" && position != "elsewhere" }

// walkGuesses asks for what nobody has verified, in the present position of the switches.
func walkGuesses(t *testing.T, w *world) {
	t.Helper()
	ctx, sw := t.Context(), w.sim.Switches()
	check := func(what string, there bool, err error) {
		t.Helper()
		if (err == nil) != there || err != nil && !gotoclient.IsNoSuchPath(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.client.Accounts().Products(ctx, account)
	check("products", served(sw.AccountProducts), err)
	_, err = w.licenses().Get(ctx, simulator.DefaultMeetingLicenseKey)
	check("licence", sw.LicenseDetails == "available", err)
	check("logo", served(sw.LogoUpload) && sw.LogoVerb == "put", w.client.Accounts().UploadLogo(ctx, account, logo(t, "image/jpeg", 3, 2)))
}

package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// pixel is a picture of one, as a GIF.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

const logoForm = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"logo\"\r\nContent-Type: image/gif\r\n\r\n" + pixel + "\r\n--b--\r\n"

// putLogo sends a body of the given media type as the account's logo.
func (e *env) putLogo(mediaType, body string) answer {
	e.t.Helper()
	return e.sendLogo(http.MethodPut, mediaType, body)
}

func (e *env) sendLogo(method, mediaType, body string) answer {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), method, e.url+acctRoot+"/logo", strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	req.Header.Set("Content-Type", mediaType)
	return e.do(req)
}

// A form that holds no picture, or something that is none, leaves the logo as it is; a kept one outlives a restart.
func TestLogo(t *testing.T) {
	e := start(t)
	kept := func() string { return string(e.sim.State().Accounts[0].Logo) }
	e.wantStatus(e.putLogo("multipart/form-data; boundary=b", logoForm), http.StatusOK)
	for name, form := range map[string]string{
		"another field": strings.Replace(logoForm, `name="file"`, `name="logo"`, 1), "cut short": logoForm[:len(logoForm)/2],
		"another kind": strings.Replace(logoForm, "image/gif", "image/png", 1), "no form": "x",
	} {
		if got := e.putLogo("multipart/form-data; boundary=b", form); got.status != http.StatusBadRequest {
			t.Errorf("%s: %s", name, got.show())
		}
	}
	e.wantRefusal(e.putLogo("image/gif", pixel), http.StatusUnsupportedMediaType, "request.invalid")
	if kept() != pixel {
		t.Errorf("kept %q", kept())
	}
	other := simulator.New(simulator.Options{})
	if err := other.Load(e.sim.State()); err != nil || string(other.State().Accounts[0].Logo) != pixel {
		t.Errorf("after a restart: %v", err)
	}
}

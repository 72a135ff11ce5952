package gotoclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// assertHidden fails if a secret shows in any way of printing v.
func assertHidden(t *testing.T, secret string, v any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if out := fmt.Sprintf(verb, v); strings.Contains(out, secret) || strings.Contains(out, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s shows the secret: %s", verb, out)
		}
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "v", v)
	encoded, _ := json.Marshal(v) // what cannot be encoded cannot leak
	for name, out := range map[string]string{"slog text": text.String(), "slog JSON": structured.String(), "JSON": string(encoded)} {
		if strings.Contains(out, secret) {
			t.Errorf("%s shows the secret: %s", name, out)
		}
	}
}

func TestCredentialsAreHidden(t *testing.T) {
	const secret = "CANARY"
	c := Credentials{
		Grant: GrantPassword, ClientID: secret, ClientSecret: secret, RefreshToken: secret,
		PersonalAccessToken: secret, Username: secret, Password: secret,
	}
	for _, v := range []any{c, &c, []Credentials{c}, Config{Credentials: c}, &Config{Credentials: c}, Credentials{Grant: secret}} {
		assertHidden(t, secret, v)
	}
	if got := c.String(); got != "Credentials(Password, redacted)" {
		t.Errorf("got %q", got)
	}
}

func TestClientIsHidden(t *testing.T) {
	const secret = "CANARY"
	c, err := New(Config{Credentials: Credentials{Grant: GrantPersonalAccessToken, ClientID: secret, ClientSecret: secret, PersonalAccessToken: secret}})
	if err != nil {
		t.Fatal(err)
	}
	assertHidden(t, secret, c)
	assertHidden(t, secret, *c)
	assertHidden(t, secret, c.Users("1"))
	assertHidden(t, secret, *c.Users("1"))
}

func TestHostURLIsHidden(t *testing.T) {
	const secret = "CANARY"
	url := secret
	u := HostURL{&url}
	type holder struct{ hidden HostURL }
	for _, v := range []any{u, &u, []HostURL{u}, map[string]HostURL{"u": u}, holder{u}, &holder{u}, struct{ U HostURL }{u}} {
		assertHidden(t, secret, v)
	}
	if u.Reveal() != secret || (HostURL{}).Reveal() != "" || u.String() != "HostURL(redacted)" {
		t.Errorf("got %s, revealed as %q", u, u.Reveal())
	}
}

func TestAttendeesAreHiddenInLogs(t *testing.T) {
	const secret = "CANARY"
	a := Attendance{MeetingID: "600000001", Name: secret, Email: secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if out := fmt.Sprintf(verb, []Attendance{a}); strings.Contains(out, secret) || !strings.Contains(out, "600000001") {
			t.Errorf("%s: %s", verb, out)
		}
	}
	var text bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", a)
	if strings.Contains(text.String(), secret) {
		t.Errorf("slog: %s", text.String())
	}
}

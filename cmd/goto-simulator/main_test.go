package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// serve runs the command until the returned function is called, which returns its error.
func serve(t *testing.T, args ...string) (api, control string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"}, args...), writer, io.Discard)
		_ = writer.CloseWithError(io.EOF)
		ended <- err
	}()
	lines := bufio.NewScanner(reader)
	for _, into := range []*string{&api, &control} {
		if !lines.Scan() {
			t.Fatalf("the address is not printed: %v", <-ended)
		}
		_, *into, _ = strings.Cut(lines.Text(), "http://")
		*into = "http://" + *into
	}
	return api, control, func() error {
		cancel()
		return <-ended
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServesAndStops(t *testing.T) {
	api, control, stop := serve(t, "--switch", "toIndex=inclusive", "--switch", "maxBatch=7", "--rate", "-1")
	if status, _ := get(t, api+"/admin/rest/v1/me"); status != http.StatusUnauthorized {
		t.Errorf("the API answers %d without a token", status)
	}
	_, switches := get(t, control+"/switches")
	if !strings.Contains(switches, `"toIndex":"inclusive"`) || !strings.Contains(switches, `"maxBatch":"7"`) {
		t.Errorf("the switches are %s", switches)
	}
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestStateIsKept(t *testing.T) {
	dir := t.TempDir()
	seed, kept := filepath.Join(dir, "seed.json"), filepath.Join(dir, "kept.json")
	source := simulator.New(simulator.Options{})
	source.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "seeded@example.test"})
	if err := source.SaveFile(seed); err != nil {
		t.Fatal(err)
	}
	users := "/accounts/" + simulator.DefaultAccountKey + "/users"

	_, control, stop := serve(t, "--seed", seed, "--state", kept)
	if _, body := get(t, control+users); !strings.Contains(body, "seeded@example.test") {
		t.Errorf("the seed is not loaded: %s", body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, control+users, strings.NewReader(`{"email":"later@example.test"}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	_, control, stop = serve(t, "--seed", seed, "--state", kept)
	if _, body := get(t, control+users); !strings.Contains(body, "later@example.test") {
		t.Errorf("the kept state is not loaded: %s", body)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestBadArguments(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--nonsense"}, {"--switch", "toIndex"}, {"--switch", "toIndex=x"}, {"--switch", "x=y"}, {"argument"},
		{"--seed", "/nonexistent/seed.json"}, {"--state", broken}, {"--listen", "nonsense"},
	} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

func TestHelp(t *testing.T) {
	var text strings.Builder
	if err := run(t.Context(), []string{"--help"}, io.Discard, &text); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{"--listen address", "--switch name=position", "toIndex", "exclusive | inclusive"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the help does not mention %q:\n%s", want, text.String())
		}
	}
}

package reportstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/published"
)

var monday = time.Date(2030, 1, 7, 2, 30, 0, 0, time.UTC)

func csv(text string) []File {
	return []File{{Format: "csv", ContentType: "text/csv", Data: []byte(text)}}
}

func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A directory keeps the newest of each object, and of other objects and people everything.
func TestDirectory(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	mine, other := Directory{dir, Owner{"team", "usage", "uid-1"}}, Directory{dir, Owner{"team", "usage", "uid-10"}}
	put := func(d Directory, day int, text string) {
		t.Helper()
		where, err := d.Put(ctx, monday.AddDate(0, 0, day), csv(text))
		if err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(filepath.Join(dir, where[0])); err != nil || string(data) != text {
			t.Fatalf("%v: %s", err, data)
		}
	}
	put(other, 0, "theirs")
	for day := range 4 {
		put(mine, day, "before")
		put(mine, day, "after")
	}
	if err := os.WriteFile(filepath.Join(dir, "team/usage/uid-1-notes.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mine.Prune(ctx, 2); err != nil {
		t.Fatal(err)
	}
	want := []string{"team/usage/uid-1-20300109T023000Z.csv", "team/usage/uid-1-20300110T023000Z.csv", "team/usage/uid-1-notes.csv", "team/usage/uid-10-20300107T023000Z.csv"}
	if d := cmp.Diff(want, files(t, dir)); d != "" {
		t.Error(d)
	}
	if err := errors.Join(mine.Prune(ctx, 0), other.Prune(ctx, 0), other.Prune(ctx, 0)); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(want[2:3], files(t, dir)); d != "" {
		t.Error(d)
	}
}

// Nothing is written outside of the directory: neither by names that lead out, nor by links that somebody has put there.
func TestDirectoryIsNotLeft(t *testing.T) {
	base := t.TempDir()
	dir, outside := filepath.Join(base, "reports"), filepath.Join(base, "outside")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Mkdir(outside, 0o700), os.Symlink(outside, filepath.Join(dir, "linked"))); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []Owner{{"..", "outside", "uid"}, {"linked", "x", "uid"}, {"/", "../../outside", "uid"}, {"a/../..", "outside", "uid"}} {
		d := Directory{dir, owner}
		_, err := d.Put(t.Context(), monday, csv("secret"))
		if len(files(t, outside)) > 0 {
			t.Fatalf("%v: written outside", owner)
		}
		if owner.Namespace != "/" && !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v: %v", owner, err)
		}
	}
	if _, err := (Directory{filepath.Join(base, "absent"), Owner{"a", "b", "c"}}).Put(t.Context(), monday, csv("x")); !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), base) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

func secretsOf(t *testing.T, keep int) (client.Client, Secrets) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).Build()
	owner := &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "usage", UID: "uid"}}
	return c, Secrets{published.Secrets{Client: c, Reader: c}, owner, keep}
}

// held are the names of the Secrets with the days of their reports.
func held(t *testing.T, c client.Client) (out []string) {
	t.Helper()
	var list corev1.SecretList
	if err := c.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		s := &list.Items[i]
		if metav1.GetControllerOf(s) == nil || s.Labels["app.kubernetes.io/instance"] != "usage" {
			t.Errorf("%+v", s.ObjectMeta)
		}
		out = append(out, fmt.Sprintf("%s %.10s %d", s.Name, dueOf(s), len(s.Data)))
	}
	slices.Sort(out)
	return out
}

// Secrets are used in turn; the report of a time takes the place of an earlier one for that time, also with equal bytes.
func TestSecrets(t *testing.T) {
	c, s := secretsOf(t, 3)
	for _, day := range []int{0, 1, 1, 2, 3} {
		if _, err := s.Put(t.Context(), monday.AddDate(0, 0, day), csv("a")); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"usage-0 2030-01-10 2", "usage-1 2030-01-08 2", "usage-2 2030-01-09 2"}, held(t, c)); d != "" {
		t.Error(d)
	}
	s.Keep = 1
	if err := errors.Join(s.Prune(t.Context(), 1), s.Prune(t.Context(), 0)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"usage-0 2030-01-10 2", "usage-1  0", "usage-2  0"}, held(t, c)); d != "" {
		t.Error(d)
	}
}

// A report that is too large for a Secret is refused before anything is written, and the error says what to do. A Secret of somebody
// else's is not touched.
func TestSecretsRefuse(t *testing.T) {
	c, s := secretsOf(t, 3)
	large := []File{{Format: "xlsx", Data: bytes.Repeat([]byte("x"), 500<<10)}, {Format: "csv", Data: bytes.Repeat([]byte("x"), 400<<10)}}
	if _, err := s.Put(t.Context(), monday, large); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "S3") || len(held(t, c)) > 0 {
		t.Error(err)
	}
	if err := c.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "usage-0"}, Data: map[string][]byte{"a": nil}}); err != nil {
		t.Fatal(err)
	}
	var stalled *engine.StalledError
	if _, err := s.Put(t.Context(), monday, csv("a")); !errors.As(err, &stalled) || stalled.Reason != v1alpha1.ReasonSecretNotOwned {
		t.Error(err)
	}
}

// A file that was being written when the process was killed goes with the next report, and with the object; that of another object stays.
func TestDirectoryAfterAKill(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	d := Directory{dir, Owner{"team", "usage", "uid-1"}}
	half := filepath.Join(dir, "team/usage/.uid-1-20300107T023000Z.csv.part")
	kill := func() {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(half), 0o700), os.WriteFile(half, []byte("per"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	if _, err := d.Put(ctx, monday.AddDate(0, 0, 1), csv("whole")); err != nil {
		t.Fatal(err)
	}
	if err := d.Prune(ctx, 2); err != nil || len(files(t, dir)) != 1 {
		t.Errorf("with the next report: %v, %v", err, files(t, dir))
	}
	kill()
	other := filepath.Join(dir, "team/usage/.uid-10-20300107T023000Z.csv.part")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Prune(ctx, 0); err != nil || !slices.Equal(files(t, dir), []string{"team/usage/.uid-10-20300107T023000Z.csv.part"}) {
		t.Errorf("with the object: %v, %v", err, files(t, dir))
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	kill()
	if err := d.Prune(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("folders stay: %v, %v", err, left)
	}
}

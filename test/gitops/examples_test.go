package gitops

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/test/gitops/customizations"
	"github.com/goto-operator/goto-operator/test/gitops/manifests"
)

const (
	examples  = "config/examples"
	ourAPI    = "goto-operator.dev/v1alpha1"
	ourSource = "https://github.com/goto-operator/goto-operator"
)

// A manifest is one document of a file, whose path is that in the repository.
type manifest struct {
	manifests.Object
	file, text string
}

// Every example has only the fields that its kind has: ours by the CRDs, those of Argo CD and Flux by their documentation.
func TestExamplesHaveNoUnknownField(t *testing.T) {
	schemas := schemas(t)
	for _, m := range below(t, examples) {
		if m.APIVersion == ourAPI {
			var fields map[string]any
			schema, known := schemas[m.Kind]
			err := errors.Join(yaml.UnmarshalStrict([]byte(m.text), &fields), schema.Check(m.Kind, without(fields, "metadata")))
			if err != nil || !known {
				t.Errorf("%s: %s (known: %v): %v", m.file, m.Kind, known, err)
			}
			continue
		}
		into := foreign(m)
		if into == nil {
			t.Errorf("%s: nothing is known of %s of %s", m.file, m.Kind, m.APIVersion)
		} else if err := yaml.UnmarshalStrict([]byte(m.text), into); err != nil {
			t.Errorf("%s: %v", m.file, err)
		}
	}
}

// What an example takes from Git is there: manifests in a folder, or a chart. Argo CD looks into folders below only if told so.
func TestExamplesTakeWhatThereIs(t *testing.T) {
	sources := 0
	for _, m := range below(t, examples) {
		for _, source := range sourcesOf(t, m) {
			sources++
			if source.RepoURL != ourSource {
				t.Errorf("%s takes %s from %s", m.file, source.Path, source.RepoURL)
			}
			if len(taken(t, source)) == 0 {
				t.Errorf("%s: nothing is in %s", m.file, source.Path)
			}
		}
	}
	if sources != 10 { // root and four waves, one app, two teams, two Kustomizations
		t.Errorf("%d sources", sources)
	}
}

// inNoWave are the kinds that no application has, and why.
var inNoWave = map[string]string{
	"GoToSettingsProfile": "what it writes is verified by nobody: Degraded until the account vouches for the operation",
}

// Accounts are before groups, groups before users and bindings, and those before meetings, and every kind has its wave but those that
// would hold it up.
func TestWavesGoFromAccountsToMeetings(t *testing.T) {
	place := map[string]int{"GoToAccount": 0, "GoToGroup": 1, "GoToUser": 2, "GoToLicenseBinding": 2, "GoToMeeting": 3,
		"GoToAttribute": 1, "GoToEmailTemplate": 1, "GoToReport": 3}
	waves := map[string]int{}
	for _, m := range below(t, path.Join(examples, "argocd/app-of-apps/apps")) {
		wave, err := strconv.Atoi(m.Metadata.Annotations["argocd.argoproj.io/sync-wave"])
		if err != nil {
			t.Errorf("%s: %v", m.file, err)
		}
		for _, o := range taken(t, sourcesOf(t, m)[0]) {
			if before, is := waves[o.Kind]; is && before != wave {
				t.Errorf("%s is in the waves %d and %d", o.Kind, before, wave)
			}
			waves[o.Kind] = wave
		}
	}
	for _, kind := range kinds(t) {
		_, placed := place[kind]
		_, is := waves[kind]
		if why, none := inNoWave[kind]; none {
			if is {
				t.Errorf("%s has a wave: %s", kind, why)
			}
			continue
		}
		if !is || !placed {
			t.Errorf("%s has no wave", kind)
		}
		for other, wave := range waves {
			if place[kind] < place[other] && waves[kind] >= wave {
				t.Errorf("%s (wave %d) is not before %s (wave %d)", kind, waves[kind], other, wave)
			}
		}
	}
}

// No user and no meeting goes because a line went: a person has to confirm it.
func TestUsersAndMeetingsAreNotPrunedUnasked(t *testing.T) {
	seen := 0
	for _, m := range below(t, examples) {
		if m.Kind != "GoToUser" && m.Kind != "GoToMeeting" {
			continue
		}
		seen++
		options := strings.Split(m.Metadata.Annotations["argocd.argoproj.io/sync-options"], ",")
		for _, want := range []string{"Prune=confirm", "Delete=confirm"} {
			if !slices.Contains(options, want) {
				t.Errorf("%s: %s %s lacks %s", m.file, m.Kind, m.Metadata.Name, want)
			}
		}
	}
	if seen != 6 {
		t.Errorf("%d users and meetings", seen)
	}
}

// GoTo replaces refresh tokens: none is in Git.
func TestNoExampleHasASecret(t *testing.T) {
	for _, m := range below(t, examples) {
		if m.Kind == "Secret" {
			t.Errorf("%s has a Secret", m.file)
		}
	}
}

// The kinds and objects that Flux is to look at are there, and it asks for what the chart has.
func TestFluxLooksAtWhatThereIs(t *testing.T) {
	all := below(t, examples)
	for _, m := range all {
		switch k := strict(t, m).(type) {
		case *manifests.Kustomization:
			for _, c := range k.Spec.HealthChecks {
				if !named(all, c.Kind, c.Name) || c.APIVersion != ourAPI || c.Namespace != k.Spec.TargetNamespace {
					t.Errorf("%s checks %v", m.file, c)
				}
			}
			for _, e := range k.Spec.HealthCheckExprs {
				if !slices.Contains(kinds(t), e.Kind) || e.APIVersion != ourAPI || e.Current == "" {
					t.Errorf("%s has expressions for %v", m.file, e)
				}
			}
			refers(t, all, m, append(k.Spec.DependsOn, k.Spec.SourceRef)...)
		case *manifests.HelmRelease:
			chart := path.Clean(k.Spec.Chart.Spec.Chart)
			var values manifests.Schema
			decodeLoosely(t, string(read(t, path.Join(chart, "values.schema.json"))), &values)
			if err := values.Check("values", k.Spec.Values); err != nil {
				t.Errorf("%s: %v", m.file, err)
			}
			refers(t, all, m, k.Spec.Chart.Spec.SourceRef)
		}
	}
}

// An Application without a script for its health holds no wave; this one says what the Application itself says.
func TestHealthOfAnApplication(t *testing.T) {
	var fragment manifests.ConfigMap
	decode(t, read(t, path.Join(examples, "argocd/app-of-apps/health.yaml")), &fragment)
	script := fragment.Data["resource.customizations.health.argoproj.io_Application"]
	for want, status := range map[string]map[string]any{
		"Progressing": {},
		"Degraded":    {"status": map[string]any{"health": map[string]any{"status": "Degraded"}}},
		"Healthy":     {"status": map[string]any{"health": map[string]any{"status": "Healthy"}}},
	} {
		if got := evaluate(t, script, status)["status"]; got != want {
			t.Errorf("%v is %s, want %s", status, got, want)
		}
	}
}

// A user who waits for a seat is Ready and Healthy, and health tells of the seat.
func TestHealthOfAUserWithoutASeat(t *testing.T) {
	user := object(t, "waiting", "GoToUser")
	if got := run(t, "GoToUser", "health.lua", user)["message"]; got != "place 2 in the queue for a seat of licence 7300000000000000002" {
		t.Errorf("message %q", got)
	}
	states := map[any]any{}
	for _, c := range user["status"].(map[string]any)["conditions"].([]any) {
		states[c.(map[string]any)["type"]] = c.(map[string]any)["status"]
	}
	if states["Ready"] != "True" || states["SeatAssigned"] != "False" {
		t.Errorf("conditions %v", states)
	}
}

// below returns the manifests of a folder of the repository, and of those below it.
func below(t *testing.T, folder string) []manifest {
	t.Helper()
	var found []manifest
	for _, name := range filesBelow(t, folder) {
		for _, text := range strings.Split(string(read(t, name)), "\n---\n") {
			m := manifest{file: name, text: text}
			decodeLoosely(t, text, &m.Object)
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no manifest below %s", folder)
	}
	return found
}

// taken returns the manifests that a source takes from the repository.
func taken(t *testing.T, source manifests.Source) []manifest {
	t.Helper()
	return slices.DeleteFunc(below(t, path.Clean(source.Path)), func(m manifest) bool {
		return !source.Directory.Recurse && path.Dir(m.file) != path.Clean(source.Path)
	})
}

// sourcesOf returns what Argo CD or Flux takes manifests from. Flux looks into the folders below.
func sourcesOf(t *testing.T, m manifest) []manifests.Source {
	t.Helper()
	switch k := strict(t, m).(type) {
	case *manifests.Application:
		return []manifests.Source{k.Spec.Source}
	case *manifests.Kustomization:
		return []manifests.Source{{RepoURL: ourSource, Path: k.Spec.Path, Directory: manifests.Directory{Recurse: true}}}
	case *manifests.ApplicationSet:
		return generated(t, k)
	}
	return nil
}

func generated(t *testing.T, set *manifests.ApplicationSet) []manifests.Source {
	t.Helper()
	git := set.Spec.Generators[0].Git
	folders, err := fs.Glob(os.DirFS(repository), git.Directories[0].Path)
	source := set.Spec.Template.Spec.Source
	if err != nil || source.Path != "{{.path.path}}" || source.RepoURL != git.RepoURL {
		t.Errorf("%s makes %v of %v: %v", set.Metadata.Name, source, git, err)
	}
	var sources []manifests.Source
	for _, folder := range folders {
		source.Path = folder
		sources = append(sources, source)
	}
	return sources
}

// foreign returns an empty object of a kind that is not the operator's, or nil.
func foreign(m manifest) any {
	switch m.APIVersion + " " + m.Kind {
	case "argoproj.io/v1alpha1 Application":
		return &manifests.Application{}
	case "argoproj.io/v1alpha1 ApplicationSet":
		return &manifests.ApplicationSet{}
	case "source.toolkit.fluxcd.io/v1 GitRepository":
		return &manifests.GitRepository{}
	case "kustomize.toolkit.fluxcd.io/v1 Kustomization":
		return &manifests.Kustomization{}
	case "helm.toolkit.fluxcd.io/v2 HelmRelease":
		return &manifests.HelmRelease{}
	case "v1 ConfigMap":
		return &manifests.ConfigMap{}
	}
	return nil
}

func strict(t *testing.T, m manifest) any {
	t.Helper()
	into := foreign(m)
	if into != nil {
		decode(t, []byte(m.text), into)
	}
	return into
}

func refers(t *testing.T, all []manifest, m manifest, to ...manifests.Reference) {
	t.Helper()
	for _, r := range to {
		if r.Kind == "" {
			r.Kind = m.Kind
		}
		if !named(all, r.Kind, r.Name) {
			t.Errorf("%s refers to %v", m.file, r)
		}
	}
}

func named(all []manifest, kind, name string) bool {
	return slices.ContainsFunc(all, func(m manifest) bool { return m.Kind == kind && m.Metadata.Name == name })
}

func kinds(t *testing.T) []string {
	t.Helper()
	all, err := customizations.Kinds(os.DirFS(repository))
	if err != nil || len(all) == 0 {
		t.Fatalf("kinds %v: %v", all, err)
	}
	return all
}

// schemas returns the schema of each kind, from the CRDs.
func schemas(t *testing.T) map[string]manifests.Schema {
	t.Helper()
	files, _ := fs.Glob(os.DirFS(repository), "config/crd/bases/*.yaml")
	schemas := map[string]manifests.Schema{}
	for _, file := range files {
		var crd struct {
			Spec struct {
				Names    struct{ Kind string }
				Versions []struct {
					Schema struct {
						OpenAPIV3Schema manifests.Schema `json:"openAPIV3Schema"`
					}
				}
			}
		}
		decodeLoosely(t, string(read(t, file)), &crd)
		schemas[crd.Spec.Names.Kind] = crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return schemas
}

func without(fields map[string]any, name string) map[string]any {
	delete(fields, name)
	return fields
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatal(err)
	}
}

func decodeLoosely(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

package packaging

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	"sigs.k8s.io/yaml"
)

const teamChart = "goto-team"

func team(t *testing.T, with string) *release.Release {
	t.Helper()
	return installed(t, teamChart, "sales", "team", with)
}

func TestTeamSnapshot(t *testing.T) {
	for values, file := range map[string]string{"example-values.yaml": "team", "settings-values.yaml": "team-settings"} {
		r := team(t, read(t, "charts", teamChart, "ci", values))
		valid(t, parse(t, r.Manifest))
		snapshot(t, file+".yaml", r.Manifest+hooks(r))
		snapshot(t, file+"-notes.txt", r.Info.Notes)
	}
}

// hooks of a release, as one text.
func hooks(r *release.Release) string {
	var out strings.Builder
	for _, h := range r.Hooks {
		out.WriteString("---\n" + h.Manifest + "\n")
	}
	return out.String()
}

func TestAnEmptyTeamIsNothing(t *testing.T) {
	r := team(t, `{}`)
	if strings.TrimSpace(r.Manifest) != "" || len(r.Hooks) > 0 {
		t.Error(r.Manifest, r.Hooks)
	}
}

func TestTeamChartRefuses(t *testing.T) {
	refusals(t, teamChart, map[string]string{
		`users: [{email: n@a.test, lastName: No}]`:                                                  "lastName",
		`users: [{email: n@a.test, lastName: 007}]`:                                                 "lastName",
		`users: [{email: n@a.test, firstName: On}]`:                                                 "firstName",
		`users: [{email: n@a.test, mail: x}]`:                                                       "mail",
		`users: [{firstName: Ann}]`:                                                                 "email",
		`{account: {name: a}, users: [{email: a@a.test}, {email: A@a.test}]}`:                       "a@a.test is there twice",
		`{account: {name: a}, users: [{email: a@a.test, name: fay}, {email: b@a.test, name: fay}]}`: `users[1]: b@a.test and a@a.test are both called "fay"`,
		`{account: {name: a}, users: [{email: fay.field@example.test}, {email: b@a.test, name: fay-field-example-test-6825347a}]}`: `users[1]: b@a.test and fay.field@example.test are both called "fay-field-example-test-6825347a"`,
		`{account: {name: a}, users: [{email: b@a.test, name: fay-field-example-test-6825347a}, {email: fay.field@example.test}]}`: `users[1]: fay.field@example.test and b@a.test are both called`,
		`{account: {name: a}, users: [{email: a@a.test, group: sale}]}`:                                                            `"sale" is not among the groups`,
		`{account: {name: a}, users: [{email: a@a.test, licenses: [webinar]}]}`:                                                    `"webinar" is not among the licenses`,
		`{account: {name: a}, groups: {below: {parent: above}}}`:                                                                   `"above" is not among the groups`,
		`users: [{email: a@a.test}]`:                                                     "account.name",
		`groups: {on: {displayName: On call}}`:                                           "at '/groups/true': value must be 'under a key in quotes",
		`groups: {No: {displayName: Norway}}`:                                            "at '/groups/false': value must be 'under a key in quotes",
		`groups: {007: {displayName: Bond}}`:                                             "at '/groups/7': value must be 'under a key in quotes",
		`groups: {Sales: {}}`:                                                            "invalid propertyName 'Sales'",
		`licenses: {meetings: {key: 7200000000000000001}}`:                               "key",
		`licenses: {meetings: {everyone: true}}`:                                         "key",
		`licenses: {meetings: {key: "7", product: G2M}}`:                                 "set key, or else product",
		`defaults: {group: staff, groupKey: "7"}`:                                        "at '/defaults': value must be 'groupRef and groupKey exclude each other",
		`defaults: {welcomeEmail: {subject: Hi}}`:                                        "at '/defaults/welcomeEmail': value must be 'subject and text belong together",
		`meetings: {m: {subject: S, start: "2035-01-08T09:00:00Z"}}`:                     "duration",
		`reports: {billing: {kind: BillingHistory}}`:                                     "last",
		`attributes: {centre: {}, 7: {}}`:                                                "at '/attributes/7': value must be 'under a key in quotes",
		`users: [{email: a@a.test, attributes: {Cost centre: 4711}}]`:                    "Cost centre",
		`users: [{email: a@a.test, attributes: {on: "1"}}]`:                              "at '/users/0/attributes/true': value must be 'under a key in quotes",
		`users: [{email: a@a.test, attributes: {007: "1"}}]`:                             "at '/users/0/attributes/7': value must be 'under a key in quotes",
		`{account: {name: a}, users: [{email: a@a.test, welcomeEmail: {template: hi}}]}`: `"hi" is not among the emailTemplates`,
		`meetings: {m: {subject: S, start: 2035-01-08, duration: 30m}}`:                  "start",
		`meetings: {m: {subject: S, start: "2035-01-08T09:00:00Z", duration: 30}}`:       "duration",

		`settings: {quiet: {settings: {chatEnabled: false}}}`:                                          "product",
		`settings: {quiet: {product: G2M, settings: {chatEnable: false}}}`:                             "chatEnable",
		`settings: {quiet: {product: G2M, settings: {chatEnabled: "false"}}}`:                          "chatEnabled",
		`settings: {quiet: {product: G2M, settings: {tollCountries: [NO]}}}`:                           "tollCountries",
		`settings: {quiet: {product: G2M, additional: {x: {y: 1}}}}`:                                   "additional",
		`settings: {quiet: {product: G2M, deletionPolicy: Delete}}`:                                    "deletionPolicy",
		`settings: {off: {product: G2M}}`:                                                              "at '/settings/false': value must be 'under a key in quotes",
		`{account: {name: a}, settings: {q: {product: G2M, additional: {a: 1}, groups: [sale]}}}`:      `"sale" is not among the groups`,
		`{account: {name: a}, settings: {q: {product: G2M, additional: {a: 1}, licenses: [webinar]}}}`: `"webinar" is not among the licenses`,
		`{account: {name: a}, users: [{email: a@a.test, settings: [loud]}]}`:                           `"loud" is not among the settings`,
		`{account: {name: a}, users: [{email: a@a.test}], defaults: {settings: [loud]}}`:               `"loud" is not among the settings`,
		`reports: {usage: {last: 30d}}`:                                                                "kind",
		`reports: {usage: {kind: Weather, last: 30d}}`:                                                 "kind",
		`reports: {usage: {kind: Attendees, last: 30}}`:                                                "last",
		`reports: {usage: {kind: Attendees, from: 2035-1-1, to: "2035-01-02"}}`:                        "from",
		`reports: {usage: {kind: Attendees, last: 30d, keep: 31}}`:                                     "keep",
		`reports: {usage: {kind: Attendees, last: 30d, formats: [pdf]}}`:                               "formats",
		`reports: {usage: {kind: Attendees, last: 30d, licenseKeys: [7200000000000000001]}}`:           "licenseKeys",
		`reports: {usage: {kind: Attendees, last: 30d, output: S3, s3: {bucket: b}}}`:                  "endpoint",
		`{account: {name: a}, reports: {usage: {kind: Attendees, last: 30d, groups: [nobody]}}}`:       `"nobody" is not among the groups`,
	})
}

// Quoted, they are strings from the values to the object.
func TestStringsStayStrings(t *testing.T) {
	r := team(t, `
account: {name: "1e3"}
users: [{email: "n@a.test", firstName: "On", lastName: "No"}, {email: "0x1F@a.test", firstName: "007", lastName: "~"}]
licenses: {l: {key: "7200000000000000001"}, m: {product: "1_000"}}
`)
	all := parse(t, r.Manifest)
	valid(t, all)
	got := map[string]bool{}
	for _, o := range all {
		for _, path := range [][]string{{"spec", "firstName"}, {"spec", "lastName"}, {"spec", "license", "key"}, {"spec", "license", "product"}, {"spec", "accountRef", "name"}} {
			if text, ok := field(o, path...).(string); ok {
				got[text] = true
			}
		}
	}
	want := map[string]bool{"On": true, "No": true, "007": true, "~": true, "7200000000000000001": true, "1_000": true, "1e3": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Addresses that look the same once they are made a name of are two objects all the same; one in other letters is the same.
func TestNamesOfUsers(t *testing.T) {
	long := strings.Repeat("a", 60)
	addresses := []string{"a.b@c.test", "a-b@c.test", "a_b@c.test", long + "1@c.test", long + "2@c.test", "é@c.test", "è@c.test", "+@c.test"}
	var list []string
	for _, a := range addresses {
		list = append(list, fmt.Sprintf("{email: %q}", a))
	}
	names := userNames(t, `{account: {name: a}, users: [`+strings.Join(list, ",")+`]}`)
	if len(names) != len(addresses) {
		t.Errorf("%d names for %d addresses: %v", len(names), len(addresses), names)
	}
	dns := regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	for _, name := range names {
		if !dns.MatchString(name) || len(name) > 63 {
			t.Errorf("%q is no name", name)
		}
	}
	// Names are the identity of objects: another rule would replace every user of every team.
	if diff := cmp.Diff([]string{"a-b-c-test-5680ce77"}, userNames(t, `{account: {name: a}, users: [{email: A.B@c.test}]}`)); diff != "" {
		t.Error(diff)
	}
}

func userNames(t *testing.T, with string) []string {
	t.Helper()
	var out []string
	for _, o := range parse(t, team(t, with).Manifest) {
		out = append(out, o.GetName())
	}
	slices.Sort(out)
	return out
}

// What a user says goes before the defaults, even where it is nothing.
func TestDefaults(t *testing.T) {
	all := parse(t, team(t, `
account: {name: a}
defaults: {locale: en_US, adminRoles: [RUN_REPORTS], suspend: true, welcomeEmail: {subject: S, text: T}}
users: [{email: a@a.test, name: a, adminRoles: [], suspend: false, welcomeEmail: {policy: Suppress}}, {email: b@a.test, name: b, locale: de_DE}]
`).Manifest)
	want := map[string]any{"accountRef": map[string]any{"name": "a"}, "email": "a@a.test", "locale": "en_US", "adminRoles": []any{},
		"welcomeEmail": map[string]any{"policy": "Suppress"}}
	if diff := cmp.Diff(want, field(all["GoToUser/a"], "spec")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("de_DE", field(all["GoToUser/b"], "spec", "locale")); diff != "" {
		t.Error(diff)
	}
}

// Settings go to whom they are said to go to, and a profile of new users alone to no user.
func TestWhoGetsSettings(t *testing.T) {
	targeting := func(label string) []any {
		now, before := map[string]any{"goto-operator.dev/release": "sales"}, map[string]any{instance: "sales"}
		if label != "" {
			now["settings.goto-operator.dev/"+label], before["settings.goto-operator.dev/"+label] = "true", "true"
		}
		older := []any{map[string]any{"key": "goto-operator.dev/release", "operator": "DoesNotExist"}}
		return []any{map[string]any{"selector": map[string]any{"matchLabels": now}},
			map[string]any{"selector": map[string]any{"matchLabels": before, "matchExpressions": older}}}
	}
	all := parse(t, team(t, `
account: {name: a}
groups: {staff: {}}
licenses: {webinars: {product: G2W, priority: 7}}
settings:
  everybody: {product: G2M, settings: {chatEnabled: false}, everyone: true}
  named: {product: G2M, settings: {chatEnabled: true}}
  members: {product: G2W, additional: {limit: 1000000, words: [a, "NO"]}, groups: [staff], licenses: [webinars]}
  begin: {product: G2M, settings: {chatEnabled: true}, newUsers: true, deletionPolicy: Restore}
  both: {product: G2M, settings: {chatEnabled: true}, account: true}
defaults: {settings: [both]}
users: [{email: a@a.test, name: a, settings: [named, both]}, {email: b@a.test, name: b}]
`).Manifest)
	valid(t, all)
	for name, want := range map[string]any{
		"everybody": targeting(""), "named": targeting("named"), "begin": nil, "both": targeting("both"),
		"members": append(targeting("members"), map[string]any{"groupRef": map[string]any{"name": "staff"}, "subgroups": "Include"},
			map[string]any{"license": map[string]any{"product": "G2W"}}),
	} {
		if diff := cmp.Diff(want, field(all["GoToSettingsProfile/"+name], "spec", "targets")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(map[string]any{"limit": 1e6, "words": []any{"a", "NO"}}, field(all["GoToSettingsProfile/members"], "spec", "additional")); diff != "" {
		t.Error(diff)
	}
	for user, want := range map[string][]string{"a": {"both", "named"}, "b": {"both"}} {
		var got []string
		for label := range all["GoToUser/"+user].GetLabels() {
			if name, is := strings.CutPrefix(label, "settings.goto-operator.dev/"); is {
				got = append(got, name)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", user, got, want)
		}
	}
}

// Every object is suspended before it goes, for what is deleted otherwise is deleted in GoTo.
func TestUninstallSuspendsEveryObject(t *testing.T) {
	for _, values := range []string{"example-values.yaml", "settings-values.yaml"} {
		t.Run(values, func(t *testing.T) { suspendsEveryObject(t, team(t, read(t, "charts", teamChart, "ci", values))) })
	}
	if hooks := team(t, `{account: {name: a}, groups: {g: {}}, uninstall: {policy: Delete}}`).Hooks; len(hooks) > 0 {
		t.Error("there is a hook though nothing is to be suspended")
	}
}

// Hooks belong to no release, and Helm deletes one of the same name before it makes its own.
func TestHooksOfTwoReleasesHaveNamesOfTheirOwn(t *testing.T) {
	var lists []string
	for _, end := range []string{"one", "two"} {
		for key := range parse(t, hooks(installed(t, teamChart, strings.Repeat("a", 50)+end, "team", `{account: {name: a}, groups: {g: {}}}`))) {
			lists = append(lists, key)
		}
	}
	slices.Sort(lists)
	if left := slices.Compact(slices.Clone(lists)); len(lists) != 10 || len(left) != len(lists) {
		t.Error(lists)
	}
}

func suspendsEveryObject(t *testing.T, r *release.Release) {
	t.Helper()
	hook := parse(t, hooks(r))
	valid(t, hook)
	var suspended, released []string
	if args := container(hook["Job/sales-suspend"])["args"].([]any); !slices.Contains(args, any("--namespace=team")) {
		t.Errorf("kubectl is not told the namespace: %v", args)
	}
	for line := range strings.Lines(field(hook["ConfigMap/sales-suspend"], "data", "objects.json").(string)) {
		for key, o := range parse(t, line) {
			if o.GetNamespace() != "" {
				t.Errorf("%s in the namespace %q, which kubectl is told once", key, o.GetNamespace())
			}
			suspended = append(suspended, key)
		}
	}
	for key := range parse(t, r.Manifest) {
		released = append(released, key)
	}
	var may []string
	for _, resource := range field(hook["Role/sales-suspend"], "rules").([]any)[0].(map[string]any)["resources"].([]any) {
		may = append(may, resource.(string))
	}
	for key := range parse(t, r.Manifest) {
		kind, _, _ := strings.Cut(key, "/")
		if !slices.Contains(may, strings.ToLower(kind)+"s") {
			t.Errorf("the hook may not patch a %s", kind)
		}
	}
	slices.Sort(suspended)
	slices.Sort(released)
	if diff := cmp.Diff(released, suspended); diff != "" {
		t.Error(diff)
	}
	for _, h := range r.Hooks {
		if !slices.Equal(h.Events, []release.HookEvent{release.HookPreDelete}) {
			t.Errorf("%s runs at %v", h.Name, h.Events)
		}
	}
}

// ofALibrary are the values of somebody else's chart that has a team's objects among its own.
const ofALibrary = `
account: {name: a}
attributes: {centre: {}}
emailTemplates: {welcome: {subject: Hello, text: Your account is ready.}}
groups: {staff: {}}
licenses: {l: {product: G2M, everyone: true}}
settings: {s: {product: G2M, settings: {chatEnabled: false}}}
users: [{email: a@a.test, group: staff, licenses: [l], settings: [s], welcomeEmail: {template: welcome}}]
meetings: {m: {subject: Weekly, start: "2035-01-08T09:00:00Z", duration: 30m, coorganizers: [a@a.test]}}
reports: {r: {kind: Attendees, last: 7d, users: [A@a.test]}}
`

// asLibrary is what somebody else's chart renders that has one template, and values.
func asLibrary(t *testing.T, text string, with map[string]any) *release.Release {
	t.Helper()
	other := &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "other", Version: "1.0.0"},
		Templates: []*chart.File{{Name: "templates/team.yaml", Data: []byte(text)}},
		Values:    with,
	}
	other.AddDependency(load(t, teamChart))
	r, err := template(other, "other", "team", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Somebody else's chart has the templates and values of its own.
func TestAsALibrary(t *testing.T) {
	r := asLibrary(t, `{{ include "goto-team.objects" (dict "Values" .Values.team "Release" .Release) }}`+"\n---\n"+
		`{{ include "goto-team.uninstall" (dict "Values" .Values.team "Release" .Release) }}`, map[string]any{"team": values(t, ofALibrary)})
	all := parse(t, r.Manifest)
	valid(t, all)
	if len(all) != 8 || len(r.Hooks) != 5 {
		t.Errorf("%d objects, %d hooks", len(all), len(r.Hooks))
	}
}

// Each part is there alone, for values of any place and for those of the chart itself, and makes the objects of its kind.
func TestEachPartAlone(t *testing.T) {
	parts := map[string]string{}
	if err := yaml.Unmarshal([]byte(kindsOfATeam.FindStringSubmatch(read(t, "charts", teamChart, "templates", "_team.tpl"))[1]), &parts); err != nil {
		t.Fatal(err)
	}
	for kind, part := range parts {
		for root, with := range map[string]map[string]any{
			`(dict "Values" .Values.team "Release" .Release)`: {"team": values(t, ofALibrary)}, ".": values(t, ofALibrary),
		} {
			all := parse(t, asLibrary(t, `{{ include "goto-team.`+part+`" `+root+` }}`, with).Manifest)
			valid(t, all)
			for key, o := range all {
				if o.GetKind() != kind || len(all) != 1 {
					t.Errorf("goto-team.%s of %s made %s", part, root, key)
				}
			}
		}
	}
	for _, root := range []string{".", `(dict "Values" .Values "Release" .Release)`} {
		if r := asLibrary(t, `{{ include "goto-team.uninstall" `+root+` }}`, values(t, ofALibrary)); len(r.Hooks) != 5 {
			t.Errorf("%d hooks", len(r.Hooks))
		}
	}
}

// kindsOfATeam is what the chart says of kinds and the parts that make them.
var kindsOfATeam = regexp.MustCompile(`(?s)define "goto-team.kinds" -}}(.*?)\{\{- end`)

// The line of the README that makes values of a spreadsheet.
func TestUsersOfACSVFile(t *testing.T) {
	var line string
	for l := range strings.Lines(read(t, "charts", teamChart, "README.md")) {
		if strings.HasPrefix(l, "sed ") {
			line = l
		}
	}
	folder := t.TempDir()
	csv := "\ufeffE-Mail;First;Last\r\nn.o@a.test;No;\"007\"\r\n\r\nzoë@a.test;Zoë;O'Neil\r\n"
	if err := os.WriteFile(filepath.Join(folder, "users.csv"), []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", line)
	shell.Dir = folder
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "users.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := parse(t, team(t, "account: {name: a}\n"+string(text)).Manifest)
	got := map[string]bool{}
	for _, o := range all {
		got[fmt.Sprint(field(o, "spec", "email"), " ", field(o, "spec", "firstName"), " ", field(o, "spec", "lastName"))] = true
	}
	if diff := cmp.Diff(map[string]bool{"n.o@a.test No 007": true, "zoë@a.test Zoë O'Neil": true}, got); diff != "" {
		t.Error(diff)
	}
}

package packaging

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// place is where a field of a spec is among the values of a chart: at a path in what an object is made of. Where the values say it in
// another way, how is how, and only that they have it is looked at.
type place struct{ at, how string }

// places are the fields that the values call something else than the spec does.
var places = map[string]place{
	"accountRef.name":      {"/account.name", "empty by default, which the templates refuse"},
	"accountRef.namespace": {"/account.namespace", "empty for the release's own"},

	"GoToAccount.credentials.grant":          {at: "grant"},
	"GoToAccount.credentials.secretRef.name": {at: "secretName"},
	"GoToAccount.accountKey":                 {"accountKey", "empty for none"},

	"GoToAttribute.name": {at: "displayName"},

	"GoToGroup.name":           {at: "displayName"},
	"GoToGroup.parentRef.name": {"parent", "a name among the groups"},

	"GoToLicenseBinding.license.key":                                     {at: "key"},
	"GoToLicenseBinding.license.product":                                 {at: "product"},
	"GoToLicenseBinding.license.description":                             {at: "description"},
	"GoToLicenseBinding.subjects[].groupRef.name":                        {"groups", "names among the groups"},
	"GoToLicenseBinding.subjects[].subgroups":                            {at: "subgroups"},
	"GoToLicenseBinding.subjects[].selector.matchLabels":                 {"everyone", "labels that the chart gives its users"},
	"GoToLicenseBinding.subjects[].selector.matchExpressions[].key":      {"everyone", "users of older charts"},
	"GoToLicenseBinding.subjects[].selector.matchExpressions[].operator": {"everyone", "users of older charts"},
	"GoToSettingsProfile.targets[].selector.matchExpressions[].key":      {"everyone", "users of older charts"},
	"GoToSettingsProfile.targets[].selector.matchExpressions[].operator": {"everyone", "users of older charts"},
	"GoToMeeting.hostURLSecretRef.name":                                  {at: "hostURLSecret"},
	"GoToMeeting.attendanceSecretRef.name":                               {at: "attendanceSecret"},
	"GoToMeeting.coorganizers[].key":                                     {at: "coorganizerKeys[]"},
	"GoToMeeting.coorganizers[].userRef.name":                            {"coorganizers", "addresses of users"},
	"GoToReport.range.last":                                              {at: "last"},
	"GoToReport.range.from":                                              {at: "from"},
	"GoToReport.range.to":                                                {at: "to"},
	"GoToReport.selection.users":                                         {"users", "addresses of users"},
	"GoToReport.selection.groups":                                        {"groups", "names among the groups"},
	"GoToReport.selection.licenses":                                      {at: "licenseKeys"},
	"GoToReport.s3.credentialsSecretRef.name":                            {at: "s3.credentialsSecret"},
	"GoToSettingsProfile.targets[].groupRef.name":                        {"groups", "names among the groups"},
	"GoToSettingsProfile.targets[].subgroups":                            {at: "subgroups"},
	"GoToSettingsProfile.targets[].selector.matchLabels":                 {"everyone", "labels that the chart gives its users"},
	"GoToSettingsProfile.targets[].license.key":                          {"licenses", "names among the licences"},
	"GoToSettingsProfile.targets[].license.product":                      {"licenses", "names among the licences"},
	"GoToSettingsProfile.targets[].license.description":                  {"licenses", "names among the licences"},
	"GoToUser.groupRef.name":                                             {"group", "a name among the groups"},
	"GoToUser.welcomeEmail.templateRef.name":                             {"welcomeEmail.template", "a name among the templates"},
}

// unset are the fields, with what is below them, that no value sets, and why.
var unset = map[string]string{
	"GoToLicenseBinding.managementPolicy":                              "only Manage is valid, which is the default",
	"GoToLicenseBinding.subjects[].userRef":                            "users name their licences",
	"GoToLicenseBinding.subjects[].selector.matchExpressions[].values": "the operator takes none",
	"GoToReport.managementPolicy":                                      "only Manage is valid, which is the default",
	"GoToSettingsProfile.targets[].userRef":                            "users name their settings",
	"GoToSettingsProfile.targets[].selector.matchExpressions[].values": "the operator takes none",
}

// made is what the objects of a kind are made of: values of a chart, and a path in them.
type made struct{ kind, chart, from string }

var everyKind = []made{
	{"GoToAccount", operatorChart, "account"},
	{"GoToAttribute", teamChart, "attributes{}"},
	{"GoToEmailTemplate", teamChart, "emailTemplates{}"},
	{"GoToGroup", teamChart, "groups{}"},
	{"GoToLicenseBinding", teamChart, "licenses{}"},
	{"GoToMeeting", teamChart, "meetings{}"},
	{"GoToReport", teamChart, "reports{}"},
	{"GoToSettingsProfile", teamChart, "settings{}"},
	{"GoToUser", teamChart, "users[]"},
}

// everyTeamValue uses every value of the team's chart.
const everyTeamValue = `
account: {name: example, namespace: goto}
annotations: {example.test/owner: sales}
attributes:
  cost-centre: {displayName: Cost centre, managementPolicy: Observe, deletionPolicy: Orphan, suspend: true}
emailTemplates:
  welcome: {title: Welcome, subject: Hello, text: "Your account is\nready.", managementPolicy: Observe, deletionPolicy: Orphan, suspend: true}
groups:
  staff: {displayName: Staff, managementPolicy: Observe, deletionPolicy: Orphan, suspend: true}
  below: {parent: staff}
  beside: {parentKey: "7200000000000000001"}
licenses:
  meetings: {product: G2M, description: Pro, groups: [staff], subgroups: Exclude, priority: 7, onExhausted: Fail, deletionPolicy: Orphan, suspend: true}
  webinars: {key: "7200000000000000002", everyone: true}
settings:
  quiet:
    product: G2M
    settings: {attendeeListEnabled: true, chatEnabled: false, dialOutCountries: [DE], dialOutEnabled: true, keyboardMouseControlEnabled: true,
      meetingHubEnabled: true, npaConfirmationDialogEnabled: true, npaEnabled: true, npaSameAccountRestrictionEnabled: true,
      onlineRecordingEnabled: true, onlineRecordingTranscriptsEnabled: true, openMeetingsEnabled: true, privateConfCallEnabled: true,
      recordingEnabled: true, roomSystemDualDisplayEnabled: true, standaloneAudioEnabled: true, tollCountries: ["NO"], tollEnabled: true,
      tollFreeCountries: [DE], tollFreeEnabled: true, ux2019Enabled: true, voipEnabled: true, webViewerEnabled: true, webcamEnabled: true}
    additional: {attendeeLimit: 500}
    priority: 7
    groups: [staff]
    subgroups: Exclude
    licenses: [meetings, webinars]
    newUsers: true
    account: true
    managementPolicy: Observe
    deletionPolicy: Restore
    suspend: true
  loud: {product: G2M, settings: {chatEnabled: true}, everyone: true}
defaults:
  locale: en_US
  timeZone: Europe/Berlin
  attributes: {Cost centre: "4711"}
  group: staff
  licenses: [meetings]
  settings: [quiet]
  products: [G2M]
  state: Active
  adminRoles: [MANAGE_USERS]
  adminRolesMatch: Exactly
  managedGroupKeys: ["7200000000000000003"]
  roleSets: [Auditors]
  managementPolicy: Observe
  deletionPolicy: Orphan
  recreatePolicy: Report
  suspend: true
  welcomeEmail: {policy: Send, template: welcome}
users:
- {email: by.default@a.test}
- email: every.field@a.test
  name: every
  firstName: Every
  lastName: Field
  locale: de_DE
  timeZone: Europe/Vienna
  attributes: {Cost centre: ""}
  group: below
  licenses: [webinars]
  settings: [loud]
  products: [G2W]
  state: Suspended
  adminRoles: []
  adminRolesMatch: AtLeast
  managedGroupKeys: []
  roleSets: []
  managementPolicy: Manage
  deletionPolicy: Delete
  recreatePolicy: Recreate
  suspend: false
  welcomeEmail: {policy: Suppress}
- {email: by.key@a.test, groupKey: "7200000000000000001", welcomeEmail: {subject: Hi, text: "No"}}
meetings:
  once:
    subject: Once
    start: "2035-01-08T09:00:00Z"
    end: "2035-01-08T10:00:00Z"
    type: Scheduled
    audio: {type: Custom, text: "+49 30 1234567"}
    meetingId: "600000001"
    passwordRequired: false
    coorganizers: [every.field@a.test]
    coorganizerKeys: ["7200000000000000004"]
    hostURLSecret: host
    attendance: Full
    attendanceSecret: attendees
    ttlSecondsAfterEnd: 0
    recreatePolicy: Report
    managementPolicy: Observe
    deletionPolicy: Orphan
    suspend: true
  again: {subject: Again, start: "2035-01-08T09:00:00Z", duration: 30m, coorganizers: [by.default@a.test]}
reports:
  usage:
    kind: MeetingHistory
    product: G2M
    source: GoToMeeting
    last: 30d
    schedule: "30 6 * * MON"
    timeZone: Europe/Berlin
    users: [every.field@a.test]
    formats: [csv]
    bom: true
    keep: 4
    output: S3
    s3: {endpoint: "https://s3.a.test", bucket: reports, prefix: goto, region: eu-1, credentialsSecret: bucket}
    limits: {rows: 1000, megabytes: 8, minutes: 5}
    deletionPolicy: Orphan
    suspend: true
  groups: {kind: Attendees, from: "2035-01-01", to: "2035-01-31", groups: [staff]}
  licences: {kind: Attendees, last: 7d, licenseKeys: ["7200000000000000002"]}
uninstall:
  image: registry.test/kubectl:v1
  imagePullSecrets: [{name: pull}]
  nodeSelector: {kubernetes.io/os: linux}
  tolerations: [{key: dedicated, operator: Exists}]
`

// everyAccountValue uses every value of a GoToAccount.
const everyAccountValue = `
crds: {install: false}
account:
  create: true
  name: every
  secretName: acme-credentials
  grant: PersonalAccessToken
  accountKey: "7200000000000000001"
  managementPolicy: Manage
  provisioning: Organizers
  adoption: Annotated
  resyncInterval: 20m
  allowedNamespaces: {from: Selector, selector: {matchLabels: {goto: "yes"}, matchExpressions: [{key: team, operator: In, values: [sales]}]}}
  wholeAccountNamespaces: {from: Selector, selector: {matchLabels: {goto: "yes"}, matchExpressions: [{key: team, operator: In, values: [sales]}]}}
  allowedAdminRoles: [MANAGE_USERS]
  allowedRoleSets: [Auditors]
  brake:
    window: 2h
    users: {percent: 0, minimum: 0, maximum: 1}
    groups: {percent: 1, minimum: 1, maximum: 1}
    meetings: {percent: 1, minimum: 1, maximum: 1}
    licenses: {percent: 1, minimum: 1, maximum: 1}
    definitions: {percent: 1, minimum: 1, maximum: 1}
  requestBudget: {requestsPerSecond: 4, batchSize: 50, pageSize: 500}
  endpoints:
    api: https://proxy.test
    token: https://proxy.test/token
    unverified: Allow
    operations: [{operation: updateGroup, method: PUT, path: /admin/rest/v1/groups}]
  settings: {name: Acme, logo: {configMapRef: {name: pictures, key: logo.gif}}}
  suspend: true
`

// thePictureOfASecret is the logo's other place.
const thePictureOfASecret = `{crds: {install: false}, account: {create: true, settings: {logo: {secretRef: {name: pictures, key: logo.gif}}}}}`

// Whatever a spec has can be set by values, or is listed above with a reason.
func TestEveryFieldCanBeSet(t *testing.T) {
	from := map[string][]string{teamChart: {everyTeamValue}, operatorChart: {everyAccountValue, thePictureOfASecret}}
	reasons := maps.Clone(unset)
	for _, m := range everyKind {
		spec, set := specOf(t, m.resource()), map[string]bool{}
		for _, with := range from[m.chart] {
			for _, o := range rendered(t, m.chart, with) {
				if o.GetKind() == m.kind {
					leaves(spec, field(o, "spec"), "", set)
				}
			}
		}
		for _, path := range fieldsOf(spec, "") {
			above := reasonFor(m.kind + "." + path)
			delete(reasons, above)
			if set[path] == (above != "") {
				t.Errorf("%s.%s: set: %v, reason why not: %q", m.kind, path, set[path], unset[above])
			}
		}
	}
	for stale := range reasons {
		t.Errorf("there is no %s", stale)
	}
}

// reasonFor is the entry of unset that a field is in.
func reasonFor(name string) string {
	for above := range unset {
		if name == above || strings.HasPrefix(name, above+".") || strings.HasPrefix(name, above+"[") {
			return above
		}
	}
	return ""
}

// resource is the kind's.
func (m made) resource() string { return strings.ToLower(m.kind) + "s" }

// A kind that comes later has to be in a chart, too.
func TestEveryKindIsInAChart(t *testing.T) {
	var kinds, in []string
	for _, crd := range kustomized(t, "crd") {
		kinds = append(kinds, field(crd, "spec", "names", "kind").(string))
	}
	for _, m := range everyKind {
		in = append(in, m.kind)
	}
	slices.Sort(kinds)
	if diff := cmp.Diff(kinds, in); diff != "" {
		t.Errorf("kinds -, in charts +:\n%s", diff)
	}
}

// What a CRD refuses of a field the schema of the values refuses, before anything is sent.
func TestSchemasOfValuesFollowTheCRDs(t *testing.T) {
	stale := maps.Clone(places)
	for _, m := range everyKind {
		values, spec := schemaOf(t, m.chart), specOf(t, m.resource())
		for _, path := range fieldsOf(spec, "") {
			name := m.kind + "." + path
			if reasonFor(name) != "" {
				continue
			}
			at, called := m.at(path)
			delete(stale, called)
			if got := below(values, at); got == nil {
				t.Errorf("%s: %s has no value %s", name, m.chart, at)
			} else if places[called].how == "" {
				follows(t, name, below(spec, path), got)
			}
		}
	}
	for name := range stale {
		t.Errorf("there is no %s", name)
	}
}

// at is where a field is among the values, and the entry of places that says so.
func (m made) at(path string) (at, called string) {
	for _, called = range []string{m.kind + "." + path, path} {
		if p, is := places[called]; is {
			path = p.at
			break
		}
	}
	if fromTop, is := strings.CutPrefix(path, "/"); is {
		return fromTop, called
	}
	return m.from + "." + path, called
}

// Values for which others leave no room.
const (
	otherTeamValues = `
account: {name: a}
groups: {g: {}}
emailTemplates: {hello: {subject: Hello, text: Your account is ready.}}
defaults: {groupKey: "7200000000000000001", welcomeEmail: {subject: Hello, text: Welcome}}
users: [{email: a@a.test}, {email: b@a.test, welcomeEmail: {template: hello}}]
uninstall: {policy: Delete}
`
	otherOperatorValues = `
crds: {install: false}
image: {tag: v1, pullPolicy: Always}
simulator: {enabled: true, image: {repository: registry.test/goto-simulator, tag: v1, pullPolicy: Always}}
caBundle: {secret: company-ca, key: bundle.pem}
extraEnv: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
extraAllowedHosts: [proxy.test]
resources: {requests: {cpu: 1m}, limits: {memory: 1Gi}}
metrics: {rules: {enabled: true, labels: {release: prometheus}}, dashboard: {enabled: true, labels: {dashboard: "yes"}}}
argocd: {enabled: true, namespace: argo, name: fragment, labels: {part: argo}}
`
	noMetrics = `{metrics: {enabled: false}, crds: {install: true}, rbac: {people: true}, podDisruptionBudget: {enabled: true}}`
)

// everyValue are values of each chart that between them use all that it has.
var everyValue = map[string][]string{
	teamChart:     {everyTeamValue, otherTeamValues},
	operatorChart: {allOperatorValues, everyAccountValue, thePictureOfASecret, otherOperatorValues, noMetrics},
}

// Every value of a chart does something, and none is untried.
func TestEveryValueHasAnEffect(t *testing.T) {
	for name, sets := range everyValue {
		c, whole := load(t, name), map[string]string{}
		for _, with := range sets {
			whole[with] = outcome(c, values(t, with))
		}
		for _, path := range fieldsOf(schemaOf(t, name), "") {
			changes := slices.ContainsFunc(sets, func(with string) bool {
				less := values(t, with)
				return put(less, steps(path), gone) && outcome(c, less) != whole[with]
			})
			if changes == (path == "global") { // which Helm shares between charts
				t.Errorf("%s.%s: has an effect: %v", name, path, changes)
			}
		}
	}
}

package packaging

import (
	"maps"
	"strings"
	"testing"
)

// A rule of a CRD is CEL, which no schema of values can say. The values that would break it are refused before anything is sent, by schema or
// template, or the reason is here why they cannot be given: the sets of rules that only hold between two versions of an object, an API server's
// alone, are left out.
var broken = map[string]struct{ with, why string }{
	"GoToAccount.spec.allowedNamespaces|selector is required":      {with: `account: {create: true, allowedNamespaces: {from: Selector}}`},
	"GoToAccount.spec.wholeAccountNamespaces|selector is required": {with: `account: {create: true, wholeAccountNamespaces: {from: All, selector: {matchLabels: {a: b}}}}`},
	"GoToAccount.spec.brake.definitions|minimum":                   {why: compares},
	"GoToAccount.spec.brake.groups|minimum":                        {why: compares},
	"GoToAccount.spec.brake.licenses|minimum":                      {why: compares},
	"GoToAccount.spec.brake.meetings|minimum":                      {why: compares},
	"GoToAccount.spec.brake.users|minimum":                         {why: compares},
	"GoToAccount.spec.brake.window|window must be":                 {why: compares},
	"GoToAccount.spec.endpoints.operations[]|name a method":        {with: `account: {create: true, endpoints: {operations: [{operation: updateGroup}]}}`},
	"GoToAccount.spec.endpoints.operations[].path|path must begin": {with: `account: {create: true, endpoints: {operations: [{operation: updateGroup, path: /other/rest}]}}`},
	"GoToAccount.spec.resyncInterval|resyncInterval must be":       {why: compares},
	"GoToAccount.spec.settings|name at least one":                  {why: "an empty map is not rendered"},
	"GoToAccount.spec.settings.logo|name either":                   {with: `account: {create: true, settings: {logo: {configMapRef: {name: a, key: b}, secretRef: {name: a, key: b}}}}`},

	"GoToGroup.spec|parentRef and parentKey": {with: `groups: {above: {}, below: {parent: above, parentKey: "7"}}`},

	"GoToLicenseBinding.spec|a binding writes nothing":     {why: "managementPolicy is no value"},
	"GoToLicenseBinding.spec.license|set key":              {with: `licenses: {meetings: {key: "7", product: G2M}}`},
	"GoToLicenseBinding.spec.subjects[]|a subject is one":  {why: "the template makes each subject of one value"},
	"GoToLicenseBinding.spec.subjects[]|subgroups has a":   {why: "the template gives it to groups alone"},
	"GoToSettingsProfile.spec.targets[]|a target is one":   {why: "the template makes each target of one value"},
	"GoToSettingsProfile.spec.targets[]|subgroups has a":   {why: "the template gives it to groups alone"},
	"GoToSettingsProfile.spec.targets[].license|set key":   {why: "it is that of a licence among the values"},
	"GoToSettingsProfile.spec|set settings, additional":    {with: `settings: {quiet: {product: G2M, everyone: true}}`},
	"GoToSettingsProfile.spec|the settings that are named": {with: `settings: {quiet: {product: G2W, everyone: true, settings: {chatEnabled: true}}}`},
	"GoToSettingsProfile.spec|set targets, newUsers":       {why: "without one, nothing is rendered"},
	"GoToMeeting.spec|set exactly one of end":              {with: meeting(`end: "2035-01-08T10:00:00Z", duration: 30m`)},
	"GoToMeeting.spec|end must be after":                   {why: compares},
	"GoToMeeting.spec|attendance Full needs":               {with: meeting(`duration: 30m, attendance: Full`)},
	"GoToMeeting.spec|attendanceSecretRef and host":        {why: compares},
	"GoToMeeting.spec|a Recurring meeting":                 {with: meeting(`duration: 30m, type: Recurring, ttlSecondsAfterEnd: 60`)},
	"GoToMeeting.spec.audio|text is required":              {with: meeting(`duration: 30m, audio: {type: Custom}`)},
	"GoToMeeting.spec.coorganizers[]|set exactly":          {why: "the template makes each of one value"},
	"GoToMeeting.spec.duration|duration must be between":   {why: compares},
	"GoToMeeting.spec.duration|duration must be whole":     {with: meeting(`duration: 1m500ms`)},
	"GoToReport|metadata.name":                             {with: `reports: {` + strings.Repeat("a", 201) + `: {kind: Attendees, last: 30d}}`},
	"GoToReport.spec|a report writes nothing":              {why: "managementPolicy is no value"},
	"GoToReport.spec|BillingHistory":                       {with: `reports: {r: {kind: BillingHistory, product: G2M, last: 30d}}`},
	"GoToReport.spec|Registrants":                          {with: `reports: {r: {kind: Registrants, product: G2M, last: 30d}}`},
	"GoToReport.spec|Activity":                             {with: `reports: {r: {kind: Activity, product: G2M, last: 30d}}`},
	"GoToReport.spec|the GoToMeeting API has":              {with: `reports: {r: {kind: Activity, source: GoToMeeting, last: 30d}}`},
	"GoToReport.spec|only TollFreeUsage":                   {with: `reports: {r: {kind: Attendees, formats: [html], last: 30d}}`},
	"GoToReport.spec|TollFreeUsage is about":               {with: `reports: {r: {kind: TollFreeUsage, licenseKeys: ["7"], last: 30d}}`},
	"GoToReport.spec|output: S3":                           {with: `reports: {r: {kind: Attendees, output: S3, last: 30d}}`},
	"GoToReport.spec|a report by a schedule":               {with: `reports: {r: {kind: Attendees, schedule: "@daily", from: "2035-01-01", to: "2035-01-02"}}`},
	"GoToReport.spec.range|set last":                       {with: `reports: {r: {kind: Attendees, last: 30d, from: "2035-01-01", to: "2035-01-02"}}`},
	"GoToReport.spec.range|set both":                       {with: `reports: {r: {kind: Attendees, from: "2035-01-01"}}`},
	"GoToReport.spec.range|from must not":                  {why: compares},
	"GoToReport.spec.selection|a selection is one":         {with: `{users: [{email: a@a.test}], reports: {r: {kind: Attendees, last: 30d, users: [a@a.test], licenseKeys: ["7"]}}}`},
	"GoToUser.spec|groupRef and groupKey":                  {with: `{groups: {g: {}}, users: [{email: a@a.test, group: g, groupKey: "7"}]}`},
	"GoToUser.spec.attributes|the name of an attribute":    {with: `users: [{email: a@a.test, attributes: {` + strings.Repeat("a", 129) + `: b}}]`},
	"GoToUser.spec.welcomeEmail|subject and text belong":   {with: `users: [{email: a@a.test, welcomeEmail: {subject: a}}]`},
	"GoToUser.spec.welcomeEmail|subject and text have no":  {with: `users: [{email: a@a.test, welcomeEmail: {subject: a, text: b, policy: Suppress}}]`},
	"GoToUser.spec.welcomeEmail|templateRef takes":         {with: `{emailTemplates: {hi: {subject: a, text: b}}, users: [{email: a@a.test, welcomeEmail: {template: hi, subject: a, text: b}}]}`},
	"GoToUser.spec.welcomeEmail|templateRef has no":        {with: `{emailTemplates: {hi: {subject: a, text: b}}, users: [{email: a@a.test, welcomeEmail: {template: hi, policy: Suppress}}]}`},
}

// compares is why a schema does not say it: the API server does.
const compares = "it compares, which a schema cannot"

func meeting(says string) string {
	return `meetings: {m: {subject: S, start: "2035-01-08T09:00:00Z", ` + says + `}}`
}

func TestRulesOfTheCRDs(t *testing.T) {
	stale := maps.Clone(broken)
	for _, m := range everyKind {
		for _, rule := range rulesOf(crdSchema(t, m.resource()), m.kind) {
			row := rowOf(rule)
			if delete(stale, row); row == "" {
				t.Errorf("no values break %s", rule)
			} else if broken[row].why == "" {
				breaks(t, m.chart, rule, broken[row].with)
			}
		}
	}
	for row := range stale {
		t.Errorf("there is no rule %s", row)
	}
}

// breaks says that values which break a rule are refused by their schema.
func breaks(t *testing.T, chartName, rule, with string) {
	t.Helper()
	all := values(t, with)
	if chartName == teamChart {
		all["account"] = map[string]any{"name": "example"}
	}
	if _, err := template(load(t, chartName), "refused", "default", all); err == nil || !strings.Contains(err.Error(), "don't meet the specifications") {
		t.Errorf("%s: %v, of\n%s", rule, err, with)
	}
}

// rowOf is the row of broken that a rule has; "" for none.
func rowOf(rule string) string {
	for row := range broken {
		if strings.HasPrefix(rule, row) {
			return row
		}
	}
	return ""
}

// rulesOf are the rules of a schema that hold of one version of an object alone: path, bar, message.
func rulesOf(schema map[string]any, path string) (out []string) {
	rules, _ := schema["x-kubernetes-validations"].([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		if text, _ := rule["rule"].(string); !strings.Contains(text, "oldSelf") {
			out = append(out, path+"|"+rule["message"].(string))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		out = append(out, rulesOf(p.(map[string]any), path+"."+name)...)
	}
	for sort, sign := range map[string]string{"items": "[]", "additionalProperties": "{}"} {
		if held, is := schema[sort].(map[string]any); is {
			out = append(out, rulesOf(held, path+sign)...)
		}
	}
	return out
}

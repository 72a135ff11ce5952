package packaging

import "strings"

// breach is values that break a rule in CEL of a CRD. The chart refuses them with the rule's own words, or with others; or there is a
// reason why the API server has to say it, or why there are no such values.
type breach struct{ with, says, why string }

const (
	noValue   = "the chart makes no such object"
	reckoning = "neither a schema nor a template can reckon with durations"
)

// breaches are by the place of the rule and its message. What an object was before the API server alone knows: rules on that are not here.
var breaches = map[string]map[string]breach{
	"GoToAccount.allowedNamespaces": {
		"selector is required with from: Selector, and has no use otherwise": {with: `allowedNamespaces: {from: Selector}`},
	},
	"GoToAccount.wholeAccountNamespaces": {
		"selector is required with from: Selector, and has no use otherwise": {with: `wholeAccountNamespaces: {from: All, selector: {}}`},
	},
	"GoToAccount.brake.definitions": {"minimum must not be greater than maximum": {with: `brake: {definitions: {minimum: 2, maximum: 1}}`}},
	"GoToAccount.brake.groups":      {"minimum must not be greater than maximum": {with: `brake: {groups: {minimum: 10, maximum: 9}}`}},
	"GoToAccount.brake.licenses":    {"minimum must not be greater than maximum": {with: `brake: {licenses: {minimum: 1, maximum: 0}}`}},
	"GoToAccount.brake.meetings":    {"minimum must not be greater than maximum": {with: `brake: {meetings: {minimum: 10000, maximum: 9999}}`}},
	"GoToAccount.brake.users":       {"minimum must not be greater than maximum": {with: `brake: {users: {minimum: 1, maximum: 0}}`}},
	"GoToAccount.brake.window":      {"window must be between 1m and 168h": {with: `brake: {window: 169h}`, why: reckoning}},
	"GoToAccount.resyncInterval":    {"resyncInterval must be between 10s and 24h": {with: `resyncInterval: 9s`, why: reckoning}},
	"GoToAccount.endpoints.operations[]": {
		"name a method, a path or both, be they those of docs/goto-api/endpoints.md": {
			with: `endpoints: {operations: [{operation: updateGroup}]}`},
	},
	"GoToAccount.endpoints.operations[].path": {
		"path must begin with /admin/rest/ or /G2M/rest/, and have neither scheme nor host": {
			with: `endpoints: {operations: [{operation: updateGroup, path: "https://a.test/admin/rest/v1"}]}`,
			says: `'https://a.test/admin/rest/v1' does not match pattern '^/(admin|G2M)/rest/'`},
	},
	"GoToAccount.settings": {"name at least one setting, or leave settings out": {why: noValue}},
	"GoToAccount.settings.logo": {
		"name either a ConfigMap or a Secret": {
			with: `settings: {logo: {configMapRef: {name: a, key: b}, secretRef: {name: a, key: b}}}`, says: "maxProperties: got 2, want 1"},
	},
	"GoToGroup": {
		"parentRef and parentKey exclude each other": {with: `groups: {above: {}, below: {parent: above, parentKey: "7"}}`},
	},
	"GoToLicenseBinding": {
		"a binding writes nothing itself: set managementPolicy: Observe on the users, or suspend the binding": {why: noValue},
	},
	"GoToLicenseBinding.license": {
		"set key, or else product, description or both": {with: `licenses: {l: {key: "7", description: Pro}}`},
	},
	"GoToLicenseBinding.subjects[]": {
		"a subject is one of userRef, groupRef and selector": {why: noValue},
		"subgroups has a meaning with groupRef alone":        {why: noValue},
	},
	"GoToMeeting": {
		"set exactly one of end and duration":                            {with: meeting(`duration: 1h, end: "2035-01-08T10:00:00Z"`)},
		"end must be after start":                                        {with: meeting(`end: "2035-01-08T09:00:00Z"`)},
		"attendance Full needs attendanceSecretRef":                      {with: meeting(`duration: 1h, type: Scheduled, attendance: Full`)},
		"attendanceSecretRef and hostURLSecretRef must name two Secrets": {with: meeting(`duration: 1h, hostURLSecret: s, attendanceSecret: s`)},
		"a Recurring meeting has no end: attendance and ttlSecondsAfterEnd have no use": {
			with: meeting(`duration: 1h, ttlSecondsAfterEnd: 0`)},
	},
	"GoToMeeting.audio": {
		"text is required with type Custom, and has no use otherwise": {with: meeting(`duration: 1h, audio: {text: "+49 30 1234567"}`)},
	},
	"GoToMeeting.coorganizers[]": {"set exactly one of userRef and key": {why: noValue}},
	"GoToMeeting.duration": {
		"duration must be between 1m and 8760h": {with: meeting(`duration: 59s`), why: reckoning},
		"duration must be whole seconds":        {with: meeting(`duration: 90.5s`), why: reckoning},
	},
	"GoToReport": {
		"metadata.name of a GoToReport has at most 200 characters: Secrets are named after it": {
			with: `reports: {` + strings.Repeat("a", 201) + `: {kind: Activity, last: 7d}}`, says: "maxLength: got 201, want 63"},
		"a report writes nothing to GoTo: to stop it, set suspend": {why: noValue},
		"BillingHistory, RatesAndNumbers, ConferenceRooms and AudioUsage are the reports of product OPENVOICE": {
			with: report(`kind: Attendees, last: 7d, product: OPENVOICE`)},
		"Registrants and RecordingRegistrants are the reports of product G2W": {
			with: report(`kind: Registrants, last: 7d, product: G2M`)},
		"Activity, UserStatus and TollFreeUsage are not reports of one product": {with: report(`kind: Activity, last: 7d, product: G2M`)},
		"the GoToMeeting API has MeetingHistory, ScheduledMeetings and Attendees of product G2M; set source: Administration for others": {
			with: report(`kind: Activity, last: 7d, source: GoToMeeting`)},
		"only TollFreeUsage can be had as html, and then as nothing else": {
			with: report(`kind: TollFreeUsage, last: 7d, formats: [html, csv]`)},
		"TollFreeUsage is about the whole account: selection has no use": {
			with: report(`kind: TollFreeUsage, last: 7d, licenseKeys: ["7"]`)},
		"output: S3 needs s3, and s3 has a meaning with it alone": {
			with: report(`kind: Activity, last: 7d, s3: {endpoint: "https://s3.test", bucket: abc, credentialsSecret: s}`)},
		"a report by a schedule needs range.last: with fixed dates each would be the same": {
			with: report(`kind: Activity, from: "2035-01-01", to: "2035-01-02", schedule: "@daily"`)},
	},
	"GoToReport.range": {
		"set last, or both from and to": {with: report(`kind: Activity, last: 7d, from: "2035-01-01", to: "2035-01-02"`)},
		"set both from and to":          {with: report(`kind: Activity, last: 7d, from: "2035-01-01"`)},
		"from must not be after to":     {with: report(`kind: Activity, from: "2035-01-02", to: "2035-01-01"`)},
	},
	"GoToReport.selection": {
		"a selection is one of users, groups and licenses": {with: report(`kind: Attendees, last: 7d, users: [a@a.test], licenseKeys: ["7"]`)},
	},
	"GoToSettingsProfile": {
		"set settings, additional or both": {with: `settings: {q: {product: G2M, settings: {}}}`},
		"the settings that are named are those of G2M: for another product set additional": {
			with: `settings: {q: {product: G2W, settings: {chatEnabled: true}}}`},
		"set targets, newUsers or account": {why: noValue},
	},
	"GoToSettingsProfile.targets[]": {
		"a target is one of userRef, groupRef, selector and license": {why: noValue},
		"subgroups has a meaning with groupRef alone":                {why: noValue},
	},
	"GoToSettingsProfile.targets[].license": {
		"set key, or else product, description or both": {
			with: `licenses: {l: {}}, settings: {q: {product: G2W, additional: {a: 1}, licenses: [l]}}`},
	},
	"GoToUser": {
		"groupRef and groupKey exclude each other": {with: `groups: {g: {}}, users: [{email: a@a.test, group: g, groupKey: "7"}]`},
	},
	"GoToUser.attributes": {
		"the name of an attribute has 1 to 128 characters": {
			with: `users: [{email: a@a.test, attributes: {"": a}}]`, says: "minLength: got 0, want 1"},
	},
	"GoToUser.welcomeEmail": {
		"subject and text belong together: set both or neither": {with: mail(`subject: Hi`)},
		"subject and text have no use with policy Suppress":     {with: mail(`subject: Hi, text: Ho, policy: Suppress`)},
		"templateRef takes the place of subject and text":       {with: mail(`subject: Hi, text: Ho, template: hi`)},
		"templateRef has no use with policy Suppress":           {with: mail(`template: hi, policy: Suppress`)},
	},
}

func meeting(with string) string {
	return `meetings: {m: {subject: S, start: "2035-01-08T09:00:00Z", ` + with + `}}`
}

func report(with string) string { return `reports: {r: {` + with + `}}` }

func mail(with string) string {
	return `emailTemplates: {hi: {subject: Hi, text: Ho}}, users: [{email: a@a.test, welcomeEmail: {` + with + `}}]`
}

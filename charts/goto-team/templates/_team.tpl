{{- /* Everything of a team, for a chart of your own; each part has a template of its own as well. */ -}}
{{- define "goto-team.objects" -}}
{{ include "goto-team.attributes" . }}
{{ include "goto-team.emailTemplates" . }}
{{ include "goto-team.groups" . }}
{{ include "goto-team.licenses" . }}
{{ include "goto-team.settings" . }}
{{ include "goto-team.users" . }}
{{ include "goto-team.meetings" . }}
{{ include "goto-team.reports" . }}
{{- end -}}

{{- /* Every kind that a team has, and the values that its objects are made of. */ -}}
{{- define "goto-team.kinds" -}}
GoToAttribute: attributes
GoToEmailTemplate: emailTemplates
GoToGroup: groups
GoToLicenseBinding: licenses
GoToSettingsProfile: settings
GoToUser: users
GoToMeeting: meetings
GoToReport: reports
{{- end -}}

{{- /* What uninstalling suspends, as kind and name of each object. */ -}}
{{- define "goto-team.references" -}}
{{- range $kind, $values := include "goto-team.kinds" . | fromYaml }}
{{- if ne $values "users" }}
{{- range $name, $_ := get $.Values $values | default dict }}
{{ include "goto-team.reference" (list $kind $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- range .Values.users }}
{{ include "goto-team.reference" (list "GoToUser" (.name | default (include "goto-team.userName" .email))) }}
{{- end }}
{{- end -}}

{{- define "goto-team.reference" -}}
{{- dict "apiVersion" "goto-operator.dev/v1alpha1" "kind" (first .) "metadata" (dict "name" (last .)) | toJson -}}
{{- end -}}

{{- /* Everything of a team, for a chart of your own; each part has a template of its own as well. */ -}}
{{- define "goto-team.objects" -}}
{{ include "goto-team.groups" . }}
{{ include "goto-team.licenses" . }}
{{ include "goto-team.users" . }}
{{ include "goto-team.meetings" . }}
{{- end -}}

{{- /* What uninstalling suspends, as kind and name of each object. */ -}}
{{- define "goto-team.references" -}}
{{- $kinds := list (list "GoToGroup" .Values.groups) (list "GoToLicenseBinding" .Values.licenses) (list "GoToMeeting" .Values.meetings) -}}
{{- range $kind := $kinds }}
{{- range $name, $_ := index $kind 1 }}
{{ include "goto-team.reference" (list $ (index $kind 0) $name) }}
{{- end }}
{{- end }}
{{- range .Values.users }}
{{ include "goto-team.reference" (list $ "GoToUser" (.name | default (include "goto-team.userName" .email))) }}
{{- end }}
{{- end -}}

{{- define "goto-team.reference" -}}
{{- dict "apiVersion" "goto-operator.dev/v1alpha1" "kind" (index . 1) "metadata" (dict "name" (index . 2) "namespace" (index . 0).Release.Namespace) | toJson -}}
{{- end -}}

{{- define "goto-team.reports" -}}
{{- $root := . -}}
{{- $names := include "goto-team.ownNames" . | fromJson -}}
{{- range $name, $report := .Values.reports }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToReport
metadata:
  name: {{ $name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
  {{- range $field := list "kind" "product" "source" "schedule" "timeZone" "output" }}
  {{- with get $report $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  range: {{ pick $report "last" "from" "to" | toJson }}
  {{- range $field := list "formats" "limits" }}
  {{- with get $report $field }}
  {{ $field }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  {{- if $report.bom }}
  bom: true
  {{- end }}
  {{- with $report.keep }}
  keep: {{ int . }}
  {{- end }}
  {{- if $report.suspend }}
  suspend: true
  {{- end }}
  {{- if or $report.users $report.groups $report.licenseKeys }}
  selection:
    {{- with $report.users }}
    users:
    {{- range . }}
    - {{ get $names (lower .) | default (include "goto-team.userName" .) | quote }}
    {{- end }}
    {{- end }}
    {{- with $report.groups }}
    groups:
    {{- range . }}
    {{- include "goto-team.known" (dict "what" (printf "reports.%s.groups" $name) "name" . "in" $root.Values.groups "kind" "groups") }}
    - {{ . | quote }}
    {{- end }}
    {{- end }}
    {{- with $report.licenseKeys }}
    licenses: {{ toJson . }}
    {{- end }}
  {{- end }}
  {{- with $report.s3 }}
  s3:
    {{- range $field := list "endpoint" "bucket" "prefix" "region" }}
    {{- with get $report.s3 $field }}
    {{ $field }}: {{ . | quote }}
    {{- end }}
    {{- end }}
    credentialsSecretRef:
      name: {{ .credentialsSecret | quote }}
  {{- end }}
{{- end }}
{{- end -}}

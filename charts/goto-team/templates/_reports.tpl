{{- define "goto-team.reports" -}}
{{- $root := . -}}
{{- range $name, $report := .Values.reports }}
{{- if and $report.from $report.to (gt $report.from $report.to) }}
{{- fail (printf "reports.%s: from must not be after to" $name) }}
{{- end }}
{{- include "goto-team.object" (list $root "GoToReport" $name) }}
  range: {{ pick $report "last" "from" "to" | toJson }}
  {{- include "goto-team.fields" (list $report "kind" "product" "source" "schedule" "timeZone" "formats" "bom" "keep" "output" "limits" "deletionPolicy" "suspend") }}
  {{- with include "goto-team.selection" (list $root $name $report) | fromJson }}
  selection: {{ toJson . }}
  {{- end }}
  {{- with $report.s3 }}
  s3: {{ set (omit . "credentialsSecret") "credentialsSecretRef" (dict "name" .credentialsSecret) | toJson }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Whom a report is about, as JSON: (list . name values). */ -}}
{{- define "goto-team.selection" -}}
{{- $root := first . -}}
{{- $report := last . -}}
{{- $what := printf "reports.%s.groups" (index . 1) -}}
{{- range $report.groups }}{{ include "goto-team.known" (dict "what" $what "name" . "in" $root.Values.groups "kind" "groups") }}{{ end -}}
{{- $selection := pick $report "groups" -}}
{{- with $report.users }}{{ $_ := set $selection "users" (include "goto-team.userNames" (list $root .) | fromJsonArray) }}{{ end -}}
{{- with $report.licenseKeys }}{{ $_ := set $selection "licenses" . }}{{ end -}}
{{- toJson $selection -}}
{{- end -}}

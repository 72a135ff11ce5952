{{- /* A licence goes to those users that name it, to the members of groups, or to everybody of the release. */ -}}
{{- define "goto-team.licenses" -}}
{{- $root := . -}}
{{- range $name, $license := .Values.licenses }}
{{- include "goto-team.object" (list $root "GoToLicenseBinding" $name) }}
  license: {{ pick $license "key" "product" "description" | toJson }}
  {{- include "goto-team.fields" (list $license "priority" "onExhausted" "deletionPolicy" "suspend") }}
  subjects:
  - selector:
      matchLabels:
        app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
        {{- if not $license.everyone }}
        {{ include "goto-team.licenseLabel" $name }}: "true"
        {{- end }}
  {{- include "goto-team.members" (list $root (printf "licenses.%s" $name) $license) }}
{{- end }}
{{- end -}}

{{- /* A licence goes to those users that name it, to the members of groups, or to everybody of the release. */ -}}
{{- define "goto-team.licenses" -}}
{{- $root := . -}}
{{- range $name, $license := .Values.licenses }}
{{- include "goto-team.object" (list $root "GoToLicenseBinding" $name) }}
  license: {{ pick $license "key" "product" "description" | toJson }}
  {{- include "goto-team.fields" (list $license "priority" "onExhausted" "deletionPolicy" "suspend") }}
  subjects:
  {{- include "goto-team.selected" (list $root $license (include "goto-team.licenseLabel" $name)) }}
  {{- include "goto-team.members" (list $root (printf "licenses.%s" $name) $license) }}
{{- end }}
{{- end -}}

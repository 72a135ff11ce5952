{{- define "goto-team.groups" -}}
{{- $root := . -}}
{{- range $name, $group := .Values.groups }}
{{- with $group.parent }}
{{- include "goto-team.known" (dict "what" (printf "groups.%s.parent" $name) "name" . "in" $root.Values.groups "kind" "groups") }}
{{- end }}
{{- include "goto-team.object" (list $root "GoToGroup" $name) }}
  name: {{ $group.displayName | default $name | quote }}
  {{- include "goto-team.refs" (list $group "parent" "parentRef") }}
  {{- include "goto-team.fields" (list $group "parentKey" "managementPolicy" "deletionPolicy" "suspend") }}
{{- end }}
{{- end -}}

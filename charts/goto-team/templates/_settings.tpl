{{- /* Settings go to those users that name their profile, to the members of groups, to who has a licence, or to everybody of the release. */ -}}
{{- define "goto-team.settings" -}}
{{- $root := . -}}
{{- $named := dict -}}
{{- range prepend (.Values.users | default list) (.Values.defaults | default dict) }}
{{- range .settings }}{{ $_ := set $named . true }}{{ end }}
{{- end }}
{{- range $name, $profile := .Values.settings }}
{{- $alone := and (or $profile.newUsers $profile.account) (not (or $profile.everyone $profile.groups $profile.licenses (hasKey $named $name))) }}
{{- include "goto-team.object" (list $root "GoToSettingsProfile" $name) }}
  {{- include "goto-team.fields" (list $profile "product" "settings" "additional" "priority" "newUsers" "account" "managementPolicy" "deletionPolicy" "suspend") }}
  {{- if not $alone }}
  targets:
  {{- include "goto-team.selected" (list $root $profile (include "goto-team.settingsLabel" $name)) }}
  {{- include "goto-team.members" (list $root (printf "settings.%s" $name) $profile) }}
  {{- range $profile.licenses }}
  {{- include "goto-team.known" (dict "what" (printf "settings.%s.licenses" $name) "name" . "in" $root.Values.licenses "kind" "licenses") }}
  - license: {{ pick (get $root.Values.licenses .) "key" "product" "description" | toJson }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Settings go to those users that name their profile, to the members of groups, to who has a licence, or to everybody of the release. */ -}}
{{- define "goto-team.settings" -}}
{{- $root := . -}}
{{- $named := dict -}}
{{- range prepend (.Values.users | default list) (.Values.defaults | default dict) }}
{{- range .settings }}{{ $_ := set $named . true }}{{ end }}
{{- end }}
{{- range $name, $profile := .Values.settings }}
{{- $alone := and (or $profile.newUsers $profile.account) (not (or $profile.everyone $profile.groups $profile.licenses (hasKey $named $name))) }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToSettingsProfile
metadata:
  name: {{ $name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
  {{- range $field := list "product" "managementPolicy" "deletionPolicy" }}
  {{- with get $profile $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- range $field := list "settings" "additional" }}
  {{- with get $profile $field }}
  {{ $field }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  {{- with $profile.priority }}
  priority: {{ int . }}
  {{- end }}
  {{- range $field := list "newUsers" "account" "suspend" }}
  {{- if get $profile $field }}
  {{ $field }}: true
  {{- end }}
  {{- end }}
  {{- if not $alone }}
  targets:
  - selector:
      matchLabels:
        app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
        {{- if not $profile.everyone }}
        {{ include "goto-team.settingsLabel" $name }}: "true"
        {{- end }}
  {{- range $profile.groups }}
  {{- include "goto-team.known" (dict "what" (printf "settings.%s.groups" $name) "name" . "in" $root.Values.groups "kind" "groups") }}
  - groupRef:
      name: {{ . | quote }}
    subgroups: Include
  {{- end }}
  {{- range $profile.licenses }}
  {{- include "goto-team.known" (dict "what" (printf "settings.%s.licenses" $name) "name" . "in" $root.Values.licenses "kind" "licenses") }}
  - license: {{ pick (get $root.Values.licenses .) "key" "product" "description" | toJson }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

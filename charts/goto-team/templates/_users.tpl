{{- define "goto-team.users" -}}
{{- $root := . -}}
{{- $seen := dict -}}
{{- $labels := include "goto-team.labels" . -}}
{{- $account := "" -}}
{{- range $i, $own := .Values.users }}
{{- $what := printf "users[%d]" $i }}
{{- $address := lower $own.email }}
{{- if hasKey $seen $address }}
{{- fail (printf "%s: %s is there twice" $what $address) }}
{{- end }}
{{- $_ := set $seen $address true }}
{{- if not $account }}{{- $account = include "goto-team.accountRef" $root }}{{- end }}
{{- /* What a user says goes before the defaults, be it empty or false. */}}
{{- $user := dict }}
{{- range $values := list ($root.Values.defaults | default dict) $own }}
{{- range $key, $value := $values }}{{ $_ := set $user $key $value }}{{ end }}
{{- end }}
{{- with $user.group }}
{{- include "goto-team.known" (dict "what" (printf "%s.group" $what) "name" . "in" $root.Values.groups "kind" "groups") }}
{{- end }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToUser
metadata:
  name: {{ $own.name | default (include "goto-team.userName" $own.email) | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- $labels | nindent 4 }}
    {{- range $user.licenses }}
    {{- include "goto-team.known" (dict "what" (printf "%s.licenses" $what) "name" . "in" $root.Values.licenses "kind" "licenses") }}
    {{ include "goto-team.licenseLabel" . }}: "true"
    {{- end }}
    {{- range $user.settings }}
    {{- include "goto-team.known" (dict "what" (printf "%s.settings" $what) "name" . "in" $root.Values.settings "kind" "settings") }}
    {{ include "goto-team.settingsLabel" . }}: "true"
    {{- end }}
spec:
  {{- $account | nindent 2 }}
  email: {{ $own.email | quote }}
  {{- range $field := list "firstName" "lastName" "locale" "timeZone" "state" "managementPolicy" "deletionPolicy" }}
  {{- with get $user $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- if $user.suspend }}
  suspend: true
  {{- end }}
  {{- with $user.group }}
  groupRef:
    name: {{ . | quote }}
  {{- end }}
  {{- if hasKey $user "adminRoles" }}
  adminRoles: {{ $user.adminRoles | toJson }}
  {{- end }}
  {{- with $user.products }}
  products: {{ toJson . }}
  {{- end }}
  {{- with $user.welcomeEmail }}
  welcomeEmail: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* The name of a user's object, from the address: readable, the same in each release, and another for each address. */ -}}
{{- define "goto-team.userName" -}}
{{- $address := lower . -}}
{{- $readable := regexReplaceAll "[^a-z0-9]+" $address "-" | trunc 50 | trimAll "-" -}}
{{- printf "%s-%s" $readable (sha256sum $address | trunc 8) | trimPrefix "-" -}}
{{- end -}}

{{- /* The names of objects that are not made from the address, by the address, as JSON. */ -}}
{{- define "goto-team.ownNames" -}}
{{- $names := dict -}}
{{- range .Values.users }}{{ if .name }}{{ $_ := set $names (lower .email) .name }}{{ end }}{{ end -}}
{{- toJson $names -}}
{{- end -}}

{{- define "goto-team.licenseLabel" -}}
license.goto-operator.dev/{{ . }}
{{- end -}}

{{- define "goto-team.settingsLabel" -}}
settings.goto-operator.dev/{{ . }}
{{- end -}}

{{- define "goto-team.labels" -}}
goto-operator.dev/release: {{ .Release.Name | quote }}
app.kubernetes.io/name: goto-team
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/part-of: goto-team
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "goto-team.accountRef" -}}
{{- $account := .Values.account | default dict -}}
accountRef:
  name: {{ required "account.name: the GoToAccount that the team belongs to" $account.name | quote }}
  {{- with $account.namespace }}
  namespace: {{ . | quote }}
  {{- end }}
{{- end -}}

{{- /* Fails where a name is used that the values do not have: (dict "what" "users[0].group" "name" … "in" .Values.groups). */ -}}
{{- define "goto-team.known" -}}
{{- if not (hasKey (.in | default dict) .name) -}}
{{- fail (printf "%s: %q is not among the %s of the values" .what .name .kind) -}}
{{- end -}}
{{- end -}}

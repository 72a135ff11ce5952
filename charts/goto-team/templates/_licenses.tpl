{{- /* A licence goes to those users that name it, to the members of groups, or to everybody of the release. */ -}}
{{- define "goto-team.licenses" -}}
{{- $root := . -}}
{{- range $name, $license := .Values.licenses }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToLicenseBinding
metadata:
  name: {{ $name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
  license:
    {{- range $field := list "key" "product" "description" }}
    {{- with get $license $field }}
    {{ $field }}: {{ . | quote }}
    {{- end }}
    {{- end }}
  {{- with $license.priority }}
  priority: {{ int . }}
  {{- end }}
  {{- with $license.onExhausted }}
  onExhausted: {{ . | quote }}
  {{- end }}
  subjects:
  {{- if $license.everyone }}
  - selector:
      matchLabels:
        app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
  {{- else }}
  - selector:
      matchLabels:
        app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
        {{ include "goto-team.licenseLabel" $name }}: "true"
  {{- end }}
  {{- range $license.groups }}
  {{- include "goto-team.known" (dict "what" (printf "licenses.%s.groups" $name) "name" . "in" $root.Values.groups "kind" "groups") }}
  - groupRef:
      name: {{ . | quote }}
    subgroups: Include
  {{- end }}
{{- end }}
{{- end -}}

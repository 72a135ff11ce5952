{{- define "goto-team.groups" -}}
{{- $root := . -}}
{{- range $name, $group := .Values.groups }}
{{- with $group.parent }}
{{- include "goto-team.known" (dict "what" (printf "groups.%s.parent" $name) "name" . "in" $root.Values.groups "kind" "groups") }}
{{- end }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToGroup
metadata:
  name: {{ $name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
  name: {{ $group.displayName | default $name | quote }}
  {{- with $group.parent }}
  parentRef:
    name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

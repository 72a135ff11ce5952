{{- define "goto-team.meetings" -}}
{{- $root := . -}}
{{- $names := include "goto-team.ownNames" . | fromJson -}}
{{- range $name, $meeting := .Values.meetings }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToMeeting
metadata:
  name: {{ $name | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
  {{- range $field := list "subject" "start" "end" "duration" "meetingId" "deletionPolicy" }}
  {{- with get $meeting $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  type: {{ $meeting.type | default "Recurring" | quote }}
  {{- if hasKey $meeting "passwordRequired" }}
  passwordRequired: {{ $meeting.passwordRequired }}
  {{- end }}
  {{- with $meeting.coorganizers }}
  coorganizers:
  {{- range . }}
  - userRef:
      name: {{ get $names (lower .) | default (include "goto-team.userName" .) | quote }}
  {{- end }}
  {{- end }}
  {{- with $meeting.hostURLSecret }}
  hostURLSecretRef:
    name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

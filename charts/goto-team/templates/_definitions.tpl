{{- define "goto-team.attributes" -}}
{{- $root := . -}}
{{- range $name, $attribute := .Values.attributes }}
{{- include "goto-team.object" (list $root "GoToAttribute" $name) }}
  name: {{ $attribute.displayName | default $name | quote }}
  {{- include "goto-team.fields" (list $attribute "managementPolicy" "deletionPolicy" "suspend") }}
{{- end }}
{{- end -}}

{{- define "goto-team.emailTemplates" -}}
{{- $root := . -}}
{{- range $name, $template := .Values.emailTemplates }}
{{- include "goto-team.object" (list $root "GoToEmailTemplate" $name) }}
  title: {{ $template.title | default $name | quote }}
  {{- include "goto-team.fields" (list $template "subject" "text" "managementPolicy" "deletionPolicy" "suspend") }}
{{- end }}
{{- end -}}

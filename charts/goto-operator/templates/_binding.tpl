{{- /* A role bound to the operator's ServiceAccount: (list . kind role name namespace); a ClusterRoleBinding where there is no namespace. */ -}}
{{- define "goto-operator.binding" -}}
{{- $root := index . 0 -}}
{{- $name := include "goto-operator.fullname" $root -}}
{{- $namespace := index . 4 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "RoleBinding" "ClusterRoleBinding" (ne $namespace "") }}
metadata:
  name: {{ $name }}-{{ index . 3 }}
  {{- with $namespace }}
  namespace: {{ . | quote }}
  {{- end }}
  labels: {{- include "goto-operator.labels" (list $root "rbac") | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ index . 1 }}
  name: {{ $name }}-{{ index . 2 }}
subjects:
- kind: ServiceAccount
  name: {{ include "goto-operator.serviceAccount" $root }}
  namespace: {{ $root.Release.Namespace | quote }}
{{- end -}}

{{- /*
Before the objects are deleted they are suspended, and the deletion of a suspended object leaves GoTo as it is. The objects are
patched from a list, since kubectl patches none by label.
*/ -}}
{{- define "goto-team.uninstall" -}}
{{- $references := include "goto-team.references" . | trim -}}
{{- $uninstall := .Values.uninstall | default dict -}}
{{- if and $references (eq ($uninstall.policy | default "Suspend") "Suspend") -}}
{{- if gt (len $references) 1048575 -}}
{{- fail "the list of objects that uninstalling suspends is larger than a ConfigMap may be, 1 MiB: make several releases, or set uninstall.policy to Delete" -}}
{{- end -}}
{{- $name := printf "%s-suspend" .Release.Name -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "goto-team.hook" (list . $name "-2") | nindent 2 }}
---
apiVersion: v1
kind: ConfigMap
metadata: {{- include "goto-team.hook" (list . $name "-2") | nindent 2 }}
data:
  objects.json: |
    {{- $references | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{- include "goto-team.hook" (list . $name "-2") | nindent 2 }}
rules:
- apiGroups: [goto-operator.dev]
  resources:
  {{- range $kind, $_ := include "goto-team.kinds" . | fromYaml }}
  - {{ lower $kind }}s
  {{- end }}
  verbs: [get, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{- include "goto-team.hook" (list . $name "-1") | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
- kind: ServiceAccount
  name: {{ $name }}
  namespace: {{ .Release.Namespace | quote }}
---
apiVersion: batch/v1
kind: Job
metadata: {{- include "goto-team.hook" (list . $name "0") | nindent 2 }}
spec:
  backoffLimit: 3
  template:
    metadata:
      labels: {{- include "goto-team.labels" . | nindent 8 }}
    spec:
      serviceAccountName: {{ $name }}
      restartPolicy: Never
      {{- range $field := list "imagePullSecrets" "nodeSelector" "tolerations" }}
      {{- with get $uninstall $field }}
      {{ $field }}: {{ toJson . }}
      {{- end }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: suspend
        image: {{ $uninstall.image | default "registry.k8s.io/kubectl:v1.37.2" | quote }}
        command: [kubectl]
        args:
        - patch
        - --filename=/team/objects.json
        - {{ printf "--namespace=%s" .Release.Namespace | quote }}
        - --type=merge
        - '--patch={"spec":{"suspend":true}}'
        resources:
          requests:
            cpu: 20m
            memory: 64Mi
          limits:
            memory: 256Mi
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
        volumeMounts:
        - name: team
          mountPath: /team
          readOnly: true
      volumes:
      - name: team
        configMap:
          name: {{ $name }}
{{- end -}}
{{- end -}}

{{- define "goto-team.hook" -}}
name: {{ index . 1 }}
namespace: {{ (index . 0).Release.Namespace | quote }}
labels: {{- include "goto-team.labels" (index . 0) | nindent 2 }}
annotations:
  helm.sh/hook: pre-delete
  helm.sh/hook-weight: {{ index . 2 | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

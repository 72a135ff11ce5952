{{- define "goto-operator.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "goto-operator.serviceAccount" -}}
{{ include "goto-operator.fullname" . }}-controller-manager
{{- end -}}

{{- /* What the Pods of a component are selected by: (list . "manager"). */ -}}
{{- define "goto-operator.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "goto-operator.labels" -}}
{{- $root := index . 0 -}}
{{ include "goto-operator.selector" . }}
app.kubernetes.io/part-of: goto-operator
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "goto-operator.image" -}}
{{- $image := index . 1 -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "goto-operator.simulatorURL" -}}
http://{{ include "goto-operator.fullname" . }}-simulator.{{ .Release.Namespace }}.svc:8480
{{- end -}}

{{- /* The operator's own default of --allowed-hosts, and more. */ -}}
{{- define "goto-operator.allowedHosts" -}}
{{- $more := .Values.extraAllowedHosts -}}
{{- if .Values.simulator.enabled -}}
{{- $more = append $more (include "goto-operator.simulatorURL" .) -}}
{{- end -}}
{{- if $more -}}
{{- concat (list "api.getgo.com" "authentication.logmeininc.com" "identity.goto.com") $more | join "," -}}
{{- end -}}
{{- end -}}

{{- define "goto-operator.args" -}}
- --leader-elect=true
- --metrics-bind-address={{ ternary ":8443" "0" .Values.metrics.enabled }}
- --health-probe-bind-address=:8081
{{- with .Values.watchNamespaces }}
- --watch-namespaces={{ join "," . }}
{{- end }}
{{- with include "goto-operator.allowedHosts" . }}
- {{ printf "--allowed-hosts=%s" . | quote }}
{{- end }}
{{- range $kind, $count := .Values.concurrency }}
- --concurrency={{ $kind }}={{ int $count }}
{{- end }}
{{- with .Values.logging.level }}
- --zap-log-level={{ . }}
{{- end }}
{{- with .Values.logging.encoder }}
- --zap-encoder={{ . }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "goto-operator.caBundle" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}true{{ end -}}
{{- end -}}

{{- /* The environment as a list, in which each name is there once: of two, a patch would keep either. */ -}}
{{- define "goto-operator.env" -}}
{{- $env := include "goto-operator.ownEnv" . -}}
{{- $seen := dict -}}
{{- range concat (fromYamlArray $env) (.Values.extraEnv | default list) -}}
{{- if hasKey $seen .name }}{{ fail (printf "extraEnv: %s is there twice, or is the chart's own" .name) }}{{ end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{ $env }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "goto-operator.ownEnv" -}}
# Go collects garbage in time to stay below the container's limit.
- name: GOMEMLIMIT
  valueFrom:
    resourceFieldRef:
      containerName: manager
      resource: limits.memory
      divisor: "0"
{{- with .Values.proxy.https }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- if .Values.proxy.https }}
# The API server is not asked through the proxy.
- name: NO_PROXY
  value: {{ prepend (compact (list .Values.proxy.none)) "$(KUBERNETES_SERVICE_HOST),.svc,.cluster.local" | join "," | quote }}
{{- end }}
{{- if include "goto-operator.caBundle" . }}
# Beside the roots of the image, which are in a file.
- name: SSL_CERT_DIR
  value: /etc/goto-operator/ca
{{- end }}
{{- end -}}

{{- define "goto-operator.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "goto-operator.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

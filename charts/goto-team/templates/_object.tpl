{{- /* What every object begins with: (list . kind name), and further labels, as text, after those. */ -}}
{{- define "goto-team.object" -}}
{{- $root := first . }}
---
apiVersion: goto-operator.dev/v1alpha1
kind: {{ index . 1 }}
metadata:
  name: {{ index . 2 | quote }}
  namespace: {{ $root.Release.Namespace | quote }}
  {{- with $root.Values.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
  labels: {{- include "goto-team.labels" $root | nindent 4 }}
    {{- range slice . 3 }}
    {{- . }}
    {{- end }}
spec:
  {{- include "goto-team.accountRef" $root | nindent 2 }}
{{- end -}}

{{- /* Fields of a spec that the values call the same, where they say something: (list values field …). */ -}}
{{- define "goto-team.fields" -}}
{{- range $field := rest . }}
{{- with get (first $) $field }}
  {{ $field }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Those that say something by being empty, false or 0 too. */ -}}
{{- define "goto-team.given" -}}
{{- range $field := rest . }}
{{- if hasKey (first $) $field }}
  {{ $field }}: {{ get (first $) $field | toJson }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* References to objects by a name that the values have: (list values value field …), in pairs. */ -}}
{{- define "goto-team.refs" -}}
{{- range $pair := rest . | chunk 2 }}
{{- with get (first $) (first $pair) }}
  {{ last $pair }}:
    name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /*
The users of the release that have a label, or everyone of it: (list . values label). The release is told by a label of
its own, since Argo CD may write the name of an Application into app.kubernetes.io/instance. By that, those are found whose objects
are of a chart without the other label: an upgrade writes the bindings first, and is to let nobody go before it comes to the users.
*/ -}}
{{- define "goto-team.selected" -}}
{{- $labels := dict -}}
{{- if not (index . 1).everyone }}{{ $_ := set $labels (last .) "true" }}{{ end -}}
{{- $release := (first .).Release.Name -}}
{{- $older := dict "key" "goto-operator.dev/release" "operator" "DoesNotExist" }}
  - selector: {{ dict "matchLabels" (set (deepCopy $labels) "goto-operator.dev/release" $release) | toJson }}
  - selector: {{ dict "matchLabels" (set $labels "app.kubernetes.io/instance" $release) "matchExpressions" (list $older) | toJson }}
{{- end -}}

{{- /* Members of groups, as subjects: (list . what values). */ -}}
{{- define "goto-team.members" -}}
{{- $root := first . -}}
{{- $values := last . -}}
{{- $what := index . 1 -}}
{{- range $values.groups }}
{{- include "goto-team.known" (dict "what" (printf "%s.groups" $what) "name" . "in" $root.Values.groups "kind" "groups") }}
  - groupRef:
      name: {{ . | quote }}
    subgroups: {{ $values.subgroups | default "Include" | quote }}
{{- end }}
{{- end -}}

{{- /* Names of users' objects, by their addresses: (list . addresses). */ -}}
{{- define "goto-team.userNames" -}}
{{- $names := include "goto-team.ownNames" (first .) | fromJson -}}
{{- $found := list -}}
{{- range last . }}{{ $found = append $found (get $names (lower .) | default (include "goto-team.userName" .)) }}{{ end -}}
{{- toJson $found -}}
{{- end -}}

{{- define "goto-team.users" -}}
{{- $root := . -}}
{{- $seen := dict -}}
{{- $called := dict -}}
{{- range $i, $own := .Values.users }}
{{- $what := printf "users[%d]" $i }}
{{- $address := lower $own.email }}
{{- if hasKey $seen $address }}
{{- fail (printf "%s: %s is there twice" $what $address) }}
{{- end }}
{{- $_ := set $seen $address true }}
{{- $user := include "goto-team.user" (list $root $own) | fromJson }}
{{- include "goto-team.knownOfUser" (list $root $what $user) }}
{{- $name := $own.name | default (include "goto-team.userName" $own.email) }}
{{- if hasKey $called $name }}
{{- fail (printf "%s: %s and %s are both called %q" $what $address (get $called $name) $name) }}
{{- end }}
{{- $_ := set $called $name $address }}
{{- include "goto-team.object" (list $root "GoToUser" $name (include "goto-team.labelsOfUser" $user)) }}
  {{- include "goto-team.fields" (list $user "email" "firstName" "lastName" "locale" "timeZone" "state" "products" "attributes" "groupKey" "adminRolesMatch" "recreatePolicy" "managementPolicy" "deletionPolicy" "suspend") }}
  {{- include "goto-team.given" (list $user "adminRoles" "managedGroupKeys" "roleSets") }}
  {{- include "goto-team.refs" (list $user "group" "groupRef") }}
  {{- with $user.welcomeEmail }}
  welcomeEmail:
  {{- include "goto-team.fields" (list . "policy" "subject" "text") | indent 2 }}
  {{- include "goto-team.refs" (list . "template" "templateRef") | indent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* What a user says goes before the defaults, be it empty or false, as JSON: (list . values). A group and a key of one take each other's place. */ -}}
{{- define "goto-team.user" -}}
{{- $user := dict -}}
{{- range $key, $value := (first .).Values.defaults }}{{ $_ := set $user $key $value }}{{ end -}}
{{- if or (last .).group (last .).groupKey }}{{ $user = omit $user "group" "groupKey" }}{{ end -}}
{{- range $key, $value := last . }}{{ $_ := set $user $key $value }}{{ end -}}
{{- toJson $user -}}
{{- end -}}

{{- /* A user names nothing that the values do not have: (list . what values). */ -}}
{{- define "goto-team.knownOfUser" -}}
{{- $values := (first .).Values -}}
{{- $what := index . 1 -}}
{{- $user := last . -}}
{{- with $user.group }}{{ include "goto-team.known" (dict "what" (printf "%s.group" $what) "name" . "in" $values.groups "kind" "groups") }}{{ end -}}
{{- with $user.welcomeEmail }}{{ with .template }}{{ include "goto-team.known" (dict "what" (printf "%s.welcomeEmail.template" $what) "name" . "in" $values.emailTemplates "kind" "emailTemplates") }}{{ end }}{{ end -}}
{{- range $kind := list "licenses" "settings" }}
{{- range get $user $kind | default list }}{{ include "goto-team.known" (dict "what" (printf "%s.%s" $what $kind) "name" . "in" (get $values $kind) "kind" $kind) }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* By which bindings and profiles select a user. */ -}}
{{- define "goto-team.labelsOfUser" -}}
{{- range .licenses }}
    {{ include "goto-team.licenseLabel" . }}: "true"
{{- end }}
{{- range .settings }}
    {{ include "goto-team.settingsLabel" . }}: "true"
{{- end }}
{{- end -}}

{{- define "goto-team.meetings" -}}
{{- $root := . -}}
{{- range $name, $meeting := .Values.meetings }}
{{- include "goto-team.comparisons" (list $name $meeting) }}
{{- include "goto-team.object" (list $root "GoToMeeting" $name) }}
  type: {{ $meeting.type | default "Recurring" | quote }}
  {{- include "goto-team.fields" (list $meeting "subject" "start" "end" "duration" "meetingId" "audio" "attendance" "recreatePolicy" "managementPolicy" "deletionPolicy" "suspend") }}
  {{- include "goto-team.given" (list $meeting "passwordRequired" "ttlSecondsAfterEnd") }}
  {{- include "goto-team.refs" (list $meeting "hostURLSecret" "hostURLSecretRef" "attendanceSecret" "attendanceSecretRef") }}
  {{- include "goto-team.coorganizers" (list $root $meeting) }}
{{- end }}
{{- end -}}

{{- /* A schema cannot compare one value with another: (list name values). */ -}}
{{- define "goto-team.comparisons" -}}
{{- $meeting := last . -}}
{{- if and $meeting.end (le $meeting.end $meeting.start) -}}
{{- fail (printf "meetings.%s: end must be after start" (first .)) -}}
{{- end -}}
{{- if and $meeting.attendanceSecret (eq $meeting.attendanceSecret ($meeting.hostURLSecret | default "")) -}}
{{- fail (printf "meetings.%s: attendanceSecretRef and hostURLSecretRef must name two Secrets, and so attendanceSecret and hostURLSecret" (first .)) -}}
{{- end -}}
{{- end -}}

{{- /* Users of the release by their addresses, and others by their keys. An empty list takes all away, and none leaves them alone. */ -}}
{{- define "goto-team.coorganizers" -}}
{{- $meeting := last . -}}
{{- $found := list -}}
{{- range include "goto-team.userNames" (list (first .) $meeting.coorganizers) | fromJsonArray }}{{ $found = append $found (dict "userRef" (dict "name" .)) }}{{ end -}}
{{- range $meeting.coorganizerKeys }}{{ $found = append $found (dict "key" .) }}{{ end -}}
{{- if or $found (hasKey $meeting "coorganizers") }}
  coorganizers: {{ toJson $found }}
{{- end }}
{{- end -}}

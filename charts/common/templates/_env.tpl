{{/* All variables of the service's container. */}}
{{- define "common.serviceEnv" -}}
- name: HOST
  value: "0.0.0.0"
- name: PORT
  value: {{ .Values.containerPorts.http | quote }}
- name: METRICS_PORT
  value: {{ .Values.containerPorts.metrics | quote }}
- name: INSTANCE_ID
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: SHUTDOWN_DELAY_MS
  value: {{ .Values.shutdown.delayMs | int | quote }}
- name: SHUTDOWN_DEADLINE_MS
  value: {{ .Values.shutdown.deadlineMs | int | quote }}
{{- with include (printf "%s.env" .Chart.Name) . | trim }}
{{ . }}
{{- end }}
{{- if hasKey .Values "postgres" }}
{{ include "common.databaseEnv" . }}
{{ include "common.eventsEnv" . }}
{{- end }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ include "common.plain" $value | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ tpl (toYaml .) $ }}
{{- end }}
{{- end -}}

{{/* A number as it was written: Helm reads large ones as floats. */}}
{{- define "common.plain" -}}
{{- if kindIs "float64" . }}{{ . | int64 }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* The previous secret is there only while the secret is being rotated. */}}
{{- define "common.jwtEnv" -}}
- name: JWT_SECRET_FILE
  value: /run/secrets/jwt/jwt-secret
- name: JWT_SECRET_PREVIOUS_FILE
  value: /run/secrets/jwt/jwt-secret-previous
{{- end -}}

{{- define "common.jwtSecretName" -}}
{{- dig "jwt" "existingSecret" "" (.Values.global | default dict) | default (printf "%s-jwt" .Release.Name) -}}
{{- end -}}

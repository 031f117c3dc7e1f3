{{/* The bundled Postgres; the suffix tells it from the service. */}}
{{- define "common.postgresName" -}}
{{- printf "%s-db" (include "common.fullname" .) -}}
{{- end -}}

{{- define "common.postgresSecretName" -}}
{{- .Values.postgres.auth.existingSecret | default (include "common.postgresName" .) -}}
{{- end -}}

{{/* Where the database is, and who we are to it. */}}
{{- define "common.databaseEnv" -}}
{{- $external := .Values.externalPostgres -}}
{{- if .Values.postgres.enabled -}}
- name: DB_HOST
  value: {{ include "common.postgresName" . }}
- name: DB_PORT
  value: "5432"
- name: DB_USER
  value: {{ .Values.postgres.auth.username | quote }}
- name: DB_NAME
  value: {{ .Values.postgres.auth.database | quote }}
- name: DB_PASSWORD_FILE
  value: /run/secrets/database/{{ .Values.postgres.auth.passwordKey }}
{{- else if $external.urlKey -}}
- name: DATABASE_URL_FILE
  value: /run/secrets/database/{{ $external.urlKey }}
{{- else -}}
- name: DB_HOST
  value: {{ $external.host | quote }}
- name: DB_PORT
  value: {{ $external.port | int | quote }}
- name: DB_USER
  value: {{ $external.username | quote }}
- name: DB_NAME
  value: {{ $external.database | quote }}
- name: DB_PASSWORD_FILE
  value: /run/secrets/database/{{ $external.passwordKey }}
{{- end }}
{{- if and (not .Values.postgres.enabled) $external.directUrlKey }}
- name: DATABASE_DIRECT_URL_FILE
  value: /run/secrets/database/{{ $external.directUrlKey }}
{{- end }}
{{- end -}}

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
{{ include "common.secretEnv" (dict "name" "DB_PASSWORD" "secret" (include "common.postgresSecretName" .) "key" .Values.postgres.auth.passwordKey) }}
{{- else if $external.urlKey -}}
{{ include "common.secretEnv" (dict "name" "DATABASE_URL" "secret" $external.existingSecret "key" $external.urlKey) }}
{{- else -}}
- name: DB_HOST
  value: {{ $external.host | quote }}
- name: DB_PORT
  value: {{ $external.port | int | quote }}
- name: DB_USER
  value: {{ $external.username | quote }}
- name: DB_NAME
  value: {{ $external.database | quote }}
{{ include "common.secretEnv" (dict "name" "DB_PASSWORD" "secret" $external.existingSecret "key" $external.passwordKey) }}
{{- end }}
{{- end -}}

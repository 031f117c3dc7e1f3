{{/*
The secrets that a service reads, as YAML: secret volumes by name, each mounted at /run/secrets/<name>. Kubelets carry a
change of a Secret into such a volume, so a service picks it up without a restart; variables and subPath mounts keep what
they started with.
*/}}
{{- define "common.secrets" -}}
{{- include (printf "%s.secrets" .Chart.Name) . }}
{{- if hasKey .Values "postgres" }}
{{ include "common.databaseSecrets" . }}
{{ include "common.kafkaSecrets" . }}
{{- end }}
{{- end -}}

{{- define "common.jwtSecrets" -}}
jwt:
  secretName: {{ include "common.jwtSecretName" . }}
{{- end -}}

{{- define "common.databaseSecrets" -}}
{{- $external := .Values.externalPostgres -}}
{{- $name := .Values.postgres.enabled | ternary (include "common.postgresSecretName" .) $external.existingSecret -}}
database:
  secretName: {{ $name }}
  {{- $key := .Values.postgres.enabled | ternary .Values.postgres.auth.passwordKey ($external.urlKey | default $external.passwordKey) }}
  items:
    - key: {{ $key }}
      path: {{ $key }}
    {{- if not .Values.postgres.enabled }}
    {{- with $external.directUrlKey }}
    - key: {{ . }}
      path: {{ . }}
    {{- end }}
    {{- end }}
{{- end -}}

{{/* A service starts and serves without them. */}}
{{- define "common.kafkaSecrets" -}}
{{- with include "common.kafkaLogin" . | fromYaml }}
kafka:
  secretName: {{ .secret }}
  optional: true
  items:
    {{- range .keys }}
    - key: {{ . }}
      path: {{ . }}
    {{- end }}
{{- end }}
{{- with include "common.kafkaCaSecret" . }}
kafka-ca:
  secretName: {{ . }}
  optional: true
{{- end }}
{{- end -}}

{{/* Argument: secrets as YAML. */}}
{{- define "common.secretVolumes" -}}
{{- range $name, $secret := fromYaml . }}
- name: {{ $name }}-secret
  secret:
    {{- toYaml $secret | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Argument: secrets as YAML. */}}
{{- define "common.secretMounts" -}}
{{- range $name, $_ := fromYaml . }}
- name: {{ $name }}-secret
  mountPath: /run/secrets/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{/* Whether what is rendered is applied by another tool than Helm: the cluster cannot be asked, and there are no hooks. */}}
{{- define "common.renderOnly" -}}
{{- if dig "renderOnly" false (.Values.global | default dict) }}true{{ end -}}
{{- end -}}

{{/*
Arguments: context, there (what the cluster has, in base64), length, name (the value that names a Secret instead). A secret
that is generated once and then stays; where that cannot be, it must be named.
*/}}
{{- define "common.generated" -}}
{{- if .there -}}
{{- .there -}}
{{- else if include "common.renderOnly" .context -}}
{{- fail (printf "\n\nWith global.renderOnly no secret is generated, for each rendering would have another one: make a Secret beforehand and set %s to its name.\n" .name) -}}
{{- else -}}
{{- randAlphaNum (int .length) | b64enc -}}
{{- end -}}
{{- end -}}

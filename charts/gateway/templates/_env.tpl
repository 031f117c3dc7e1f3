{{- define "gateway.env" -}}
{{ include "common.jwtEnv" . }}
{{- if .Values.rateLimitStore.existingSecret }}
- name: RATE_LIMIT_STORE_FILE
  value: /run/secrets/rate-limit/{{ .Values.rateLimitStore.key }}
{{- end }}
{{- range $name, $service := .Values.services }}
- name: {{ upper $name }}_SERVICE_URL
  value: {{ $service.url | default (printf "http://%s-%s:%d" $.Release.Name $name (int $service.port)) }}
{{- end }}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not (hasKey .Values.env "TRUST_PROXY")) }}
- name: TRUST_PROXY
  value: "true"
{{- end }}
{{- end -}}

{{- define "gateway.secrets" -}}
{{ include "common.jwtSecrets" . }}
{{- with .Values.rateLimitStore }}
{{- if .existingSecret }}
rate-limit:
  secretName: {{ .existingSecret }}
  items:
    - key: {{ .key }}
      path: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}

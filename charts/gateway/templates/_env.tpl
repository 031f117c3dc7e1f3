{{- define "gateway.env" -}}
{{- $secret := include "common.jwtSecretName" . -}}
{{ include "common.secretEnv" (dict "name" "JWT_SECRET" "secret" $secret "key" "jwt-secret") }}
{{ include "common.secretEnv" (dict "name" "JWT_SECRET_PREVIOUS" "secret" $secret "key" "jwt-secret-previous" "optional" true) }}
{{- range $name, $service := .Values.services }}
- name: {{ upper $name }}_SERVICE_URL
  value: {{ $service.url | default (printf "http://%s-%s:%d" $.Release.Name $name (int $service.port)) }}
{{- end }}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not (hasKey .Values.env "TRUST_PROXY")) }}
- name: TRUST_PROXY
  value: "true"
{{- end }}
{{- end -}}

{{- define "auth.env" -}}
{{ include "common.secretEnv" (dict "name" "JWT_SECRET" "secret" (include "common.jwtSecretName" .) "key" "jwt-secret") }}
{{- end -}}

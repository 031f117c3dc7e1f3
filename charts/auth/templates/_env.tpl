{{- define "auth.env" -}}
{{ include "common.jwtEnv" . }}
{{- end -}}

{{- define "auth.secrets" -}}
{{ include "common.jwtSecrets" . }}
{{- end -}}

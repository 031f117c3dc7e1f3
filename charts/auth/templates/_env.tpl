{{- define "auth.env" -}}
{{ include "common.jwtEnv" . }}
{{- if .Values.emailHash.existingSecret }}
- name: EMAIL_HASH_KEY_FILE
  value: /run/secrets/email-hash/{{ .Values.emailHash.key }}
{{- end }}
{{- end -}}

{{- define "auth.secrets" -}}
{{ include "common.jwtSecrets" . }}
{{- with .Values.emailHash }}
{{- if .existingSecret }}
email-hash:
  secretName: {{ .existingSecret }}
  items:
    - key: {{ .key }}
      path: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}

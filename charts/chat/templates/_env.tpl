{{- define "chat.env" -}}
- name: AUTH_SERVICE_URL
  value: {{ .Values.auth.url | default (printf "http://%s-auth:%d" .Release.Name (int .Values.auth.port)) }}
{{- end -}}

{{- define "chat.secrets" -}}{{- end -}}

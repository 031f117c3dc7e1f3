{{- define "chat.env" -}}{{- end -}}
{{- define "chat.secrets" -}}{{- end -}}

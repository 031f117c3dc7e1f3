{{- define "chat.env" -}}{{- end -}}

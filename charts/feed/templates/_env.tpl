{{- define "feed.env" -}}{{- end -}}

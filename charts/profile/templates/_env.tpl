{{- define "profile.env" -}}{{- end -}}

{{/* Arguments: image, tag (where the image says none), context. A digest decides where there is one. */}}
{{- define "common.image" -}}
{{- $registry := .image.registry | default (dig "imageRegistry" "" (.context.Values.global | default dict)) -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- .image.repository -}}
{{- with .image.tag | default .tag }}:{{ . }}{{ end -}}
{{- with .image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* The image that serves and migrates. */}}
{{- define "common.serviceImage" -}}
{{- $tag := dig "imageTag" "" (.Values.global | default dict) | default .Chart.AppVersion -}}
{{- include "common.image" (dict "image" .Values.image "tag" $tag "context" .) -}}
{{- end -}}

{{- define "common.imagePullSecrets" -}}
{{- $names := concat .Values.imagePullSecrets (dig "imagePullSecrets" list (.Values.global | default dict)) | uniq -}}
{{- with $names }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

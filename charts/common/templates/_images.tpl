{{/* Arguments: image; registry and tag, where the image says none. A digest decides where there is one. */}}
{{- define "common.image" -}}
{{- with .image.registry | default .registry }}{{ . }}/{{ end -}}
{{- .image.repository -}}
{{- with .image.tag | default .tag }}:{{ include "common.plain" . }}{{ end -}}
{{- with .image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* Arguments: context, image. An image of the services: it serves and migrates. */}}
{{- define "common.serviceImage" -}}
{{- $global := .context.Values.global | default dict -}}
{{- $tag := $global.imageTag | default .context.Chart.AppVersion -}}
{{- include "common.image" (dict "image" .image "registry" $global.imageRegistry "tag" $tag) -}}
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

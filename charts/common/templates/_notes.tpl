{{- define "common.notes" -}}
{{ .Chart.Name }} is within the cluster at http://{{ include "common.fullname" . }}.{{ .Release.Namespace }}:{{ .Values.service.port }}

  kubectl --namespace {{ .Release.Namespace }} rollout status deployment/{{ include "common.fullname" . }}
  kubectl --namespace {{ .Release.Namespace }} logs deployment/{{ include "common.fullname" . }} --follow
{{- end -}}

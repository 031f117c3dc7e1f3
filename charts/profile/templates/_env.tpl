{{- define "profile.env" -}}
- name: GRPC_PORT
  value: {{ .Values.containerPorts.grpc | quote }}
{{- end -}}

{{- define "profile.secrets" -}}{{- end -}}

{{- define "feed.env" -}}
- name: PROFILE_GRPC_TARGET
  value: {{ .Values.profile.grpcTarget | default (printf "dns:///%s-profile-grpc:%d" .Release.Name (int .Values.profile.grpcPort)) }}
{{- end -}}

{{- define "feed.secrets" -}}{{- end -}}

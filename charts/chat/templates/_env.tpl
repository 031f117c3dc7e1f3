{{- define "chat.env" -}}
- name: AUTH_SERVICE_URL
  value: {{ .Values.auth.url | default (printf "http://%s-auth:%d" .Release.Name (int .Values.auth.port)) }}
- name: PROFILE_GRPC_TARGET
  value: {{ .Values.profile.grpcTarget | default (printf "dns:///%s-profile-grpc:%d" .Release.Name (int .Values.profile.grpcPort)) }}
{{- end -}}

{{- define "chat.secrets" -}}{{- end -}}

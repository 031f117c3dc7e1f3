{{/* All resources of a service, each a document of its own. */}}
{{- define "common.serviceResources" -}}
{{- include "common.validate" . -}}
{{- $parts := list "common.deployment" "common.service" -}}
{{- if .Values.serviceAccount.create }}{{ $parts = append $parts "common.serviceAccount" }}{{ end -}}
{{- if .Values.autoscaling.enabled }}{{ $parts = append $parts "common.horizontalPodAutoscaler" }}{{ end -}}
{{- if .Values.podDisruptionBudget.enabled }}{{ $parts = append $parts "common.podDisruptionBudget" }}{{ end -}}
{{- if .Values.containerPorts.grpc }}{{ $parts = append $parts "common.grpcService" }}{{ end -}}
{{- if .Values.metrics.serviceMonitor.enabled }}{{ $parts = concat $parts (list "common.metricsService" "common.serviceMonitor") }}{{ end -}}
{{- range $parts }}
---
{{ include . $ }}
{{- end }}
{{- include "common.extraObjects" . }}
{{- end -}}

{{/* Those that a service with a database has besides. */}}
{{- define "common.dataResources" -}}
{{- $parts := list "common.migrateJob" -}}
{{- if include "common.networkPolicyEnabled" . }}{{ $parts = append $parts "common.networkPolicy" }}{{ end -}}
{{- if .Values.postgres.enabled -}}
  {{- $parts = concat $parts (list "common.postgresStatefulSet" "common.postgresService") -}}
  {{- if not .Values.postgres.auth.existingSecret }}{{ $parts = append $parts "common.postgresSecret" }}{{ end -}}
  {{- if include "common.networkPolicyEnabled" . }}{{ $parts = append $parts "common.postgresNetworkPolicy" }}{{ end -}}
  {{- if .Values.postgres.backup.enabled -}}
    {{- $parts = concat $parts (list "common.backupCronJob" "common.restoreCronJob") -}}
    {{- if not .Values.postgres.backup.persistence.existingClaim }}{{ $parts = append $parts "common.backupClaim" }}{{ end -}}
  {{- end -}}
{{- end -}}
{{- range $parts }}
---
{{ include . $ }}
{{- end }}
{{- if include "common.networkPolicyEnabled" . }}
---
{{ include "common.databaseClientPolicy" (dict "context" . "component" "migrate") }}
{{- if and .Values.postgres.enabled .Values.postgres.backup.enabled }}
---
{{ include "common.databaseClientPolicy" (dict "context" . "component" "backup") }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.extraObjects" -}}
{{- range .Values.extraObjects }}
---
{{ tpl (kindIs "string" . | ternary . (toYaml .)) $ }}
{{- end }}
{{- end -}}

{{- define "common.notes" -}}
{{ .Chart.Name }} answers within the cluster at http://{{ include "common.fullname" . }}.{{ .Release.Namespace }}:{{ .Values.service.port }}

  kubectl --namespace {{ .Release.Namespace }} rollout status deployment/{{ include "common.fullname" . }}
  kubectl --namespace {{ .Release.Namespace }} logs deployment/{{ include "common.fullname" . }} --follow
{{- end -}}

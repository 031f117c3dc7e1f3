{{- define "kafka.name" -}}
{{- include "common.kafkaCluster" . -}}
{{- end -}}

{{/* Arguments: context, name, annotations. The operators find what belongs to a cluster by its label. */}}
{{- define "kafka.metadata" -}}
name: {{ .name }}
namespace: {{ .context.Release.Namespace }}
labels:
  {{- include "common.stableLabels" (dict "context" .context "component" "kafka") | nindent 2 }}
  strimzi.io/cluster: {{ include "kafka.name" .context }}
{{- with merge (dict) (.annotations | default dict) .context.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "kafka.replication" -}}{{ min 3 (int .Values.replicas) }}{{- end -}}
{{- define "kafka.inSync" -}}{{ max 1 (sub (min 3 (int .Values.replicas)) 1) }}{{- end -}}

{{/* What the Pod Security Standard `restricted` asks for; Strimzi's own default asks for less. */}}
{{- define "kafka.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end -}}
{{- define "kafka.containerSecurity" -}}
allowPrivilegeEscalation: false
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "kafka.name" -}}
{{- include "common.kafkaCluster" . -}}
{{- end -}}

{{/* Arguments: context, name. The operators find what belongs to a cluster by its label. */}}
{{- define "kafka.metadata" -}}
name: {{ .name }}
namespace: {{ .context.Release.Namespace }}
labels:
  {{- include "common.labels" (dict "context" .context "component" "kafka") | nindent 2 }}
  strimzi.io/cluster: {{ include "kafka.name" .context }}
{{- with .context.Values.commonAnnotations }}
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

{{/* Arguments: type, name, operations, prefix. */}}
{{- define "kafka.acl" -}}
- resource:
    type: {{ .type }}
    name: {{ .name }}
    patternType: {{ .prefix | ternary "prefix" "literal" }}
  operations: [{{ join ", " .operations }}]
{{- end -}}

{{- define "kafka.problems" -}}
{{- $known := keys .Values.topics -}}
{{- range $user, $does := .Values.users -}}
  {{- range concat ($does.publishes | default list) ($does.consumes | default list) -}}
    {{- if not (has . $known) -}}
      {{- fail (printf "\n\nkafka.users.%s names the topic %s, which kafka.topics does not have.\n" $user .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

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

{{/*
Arguments: context, user, spec (what the values say of the user), acls as YAML. A user and the Secret with its password, which
is there before the operator is: a password that the operator makes would come late, and may change once more.
*/}}
{{- define "kafka.user" -}}
{{- $namespace := .context.Release.Namespace -}}
{{- $name := printf "%s-%s" (include "kafka.name" .context) .user -}}
{{- $secret := .spec.existingSecret | default (include "common.kafkaPasswordSecret" $name) -}}
{{- $password := dig "data" "password" "" (lookup "v1" "Secret" $namespace $secret | default dict) -}}
{{- if not .spec.existingSecret -}}
{{- /* A release of a chart that left the password to the operator keeps it. */ -}}
{{- $password = $password | default (dig "data" "password" "" (lookup "v1" "Secret" $namespace $name | default dict)) -}}
{{- $password = $password | default (randAlphaNum 32 | b64enc) -}}
apiVersion: v1
kind: Secret
metadata:
  {{- include "common.metadata" (dict "context" .context "component" "kafka" "name" $secret) | nindent 2 }}
type: Opaque
data:
  password: {{ $password }}
---
{{ end -}}
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata:
  {{- include "kafka.metadata" (dict "context" .context "name" $name) | nindent 2 }}
spec:
  authentication:
    type: scram-sha-512
    password:
      valueFrom:
        secretKeyRef:
          name: {{ $secret }}
          key: password
  template:
    secret:
      metadata:
        annotations:
          # The operator watches its users, not this Secret: a new sum has it read the password again.
          checksum/password: {{ sha256sum $password }}
  authorization:
    type: simple
    acls:
      {{- .acls | nindent 6 }}
{{- end -}}

{{/* Arguments: type, name, operations, prefix. */}}
{{- define "kafka.acl" -}}
- resource:
    type: {{ .type }}
    name: {{ .name }}
    patternType: {{ .prefix | ternary "prefix" "literal" }}
  operations: [{{ join ", " .operations }}]
{{- end -}}

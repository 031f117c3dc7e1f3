{{/*
Arguments: context, user, spec (what the values say of it), acls as YAML. A user and the Secret with its password, which
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
{{- $named := printf "kafka.users.%s.existingSecret, and %s.kafka.existingSecret," .user .user -}}
{{- $password = include "common.generated" (dict "context" .context "there" $password "length" 32 "name" $named) -}}
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
      {{- trim .acls | nindent 6 }}
{{- end -}}

{{/* Arguments: user, does. */}}
{{- define "kafka.serviceAcls" -}}
{{- range .does.publishes }}
- { resource: { type: topic, name: {{ . }}, patternType: literal }, operations: [Write, Describe] }
{{- end }}
{{- range .does.consumes }}
- { resource: { type: topic, name: {{ . }}, patternType: literal }, operations: [Read, Describe] }
{{- end }}
{{- if .does.consumes }}
- { resource: { type: group, name: {{ .user }}, patternType: literal }, operations: [Read, Describe] }
{{- end }}
{{- if .does.replicaGroups }}
- { resource: { type: group, name: {{ .user }}.{{ .user }}., patternType: prefix }, operations: [Read, Describe] }
{{- end }}
{{- end -}}

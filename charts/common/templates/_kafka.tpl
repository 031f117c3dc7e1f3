{{/* The Strimzi Kafka resource whose Secrets and Service are used where no external Kafka is given. */}}
{{- define "common.kafkaCluster" -}}
{{- dig "kafka" "cluster" "" (.Values.global | default dict) | default (printf "%s-kafka" .Release.Name) -}}
{{- end -}}

{{/* What global.kafka.external says, as JSON; empty where the bundled Kafka is used. */}}
{{- define "common.externalKafka" -}}
{{- $external := dig "kafka" "external" dict (.Values.global | default dict) -}}
{{- if $external.brokers }}{{ $external | toJson }}{{ end -}}
{{- end -}}

{{/* The listener of charts/kafka: SCRAM over TLS. */}}
{{- define "common.kafkaPort" -}}9093{{- end -}}

{{/* The Secret that charts/kafka makes for a user. Argument: the user's name in Kafka. */}}
{{- define "common.kafkaPasswordSecret" -}}{{ . }}-password{{- end -}}

{{/*
Who the service is to Kafka, as YAML: user (unless the Secret says it), secret, and keys of it. Empty where Kafka asks for no login.
The operator puts the password of a user into a Secret that has the user's name, which another release's service reads.
*/}}
{{- define "common.kafkaLogin" -}}
{{- $own := .Values.kafka.existingSecret -}}
{{- with include "common.externalKafka" . -}}
{{- with $own | default (dig "sasl" "existingSecret" "" (fromJson .)) -}}
secret: {{ . }}
keys: [username, password]
{{- end }}
{{- else -}}
{{- $user := printf "%s-%s" (include "common.kafkaCluster" .) .Chart.Name -}}
{{- $elsewhere := dig "kafka" "cluster" "" (.Values.global | default dict) -}}
user: {{ $user }}
secret: {{ $own | default (empty $elsewhere | ternary (include "common.kafkaPasswordSecret" $user) $user) }}
keys: [password]
{{- end }}
{{- end -}}

{{- define "common.eventsEnv" -}}
{{- $external := include "common.externalKafka" . | fromYaml -}}
- name: EVENTS_URL
{{- if $external }}
  value: {{ printf "kafka://%s" (join "," $external.brokers) }}
{{- else }}
  value: kafka://{{ include "common.kafkaCluster" . }}-kafka-bootstrap:{{ include "common.kafkaPort" . }}
{{- end }}
- name: KAFKA_TLS
  value: {{ dig "tls" "enabled" true $external | quote }}
{{- if include "common.kafkaCaSecret" . }}
- name: KAFKA_TLS_CA_FILE
  value: /run/secrets/kafka-ca
{{- end }}
{{- with include "common.kafkaLogin" . | fromYaml }}
- name: KAFKA_SASL_MECHANISM
  value: {{ dig "sasl" "mechanism" "scram-sha-512" $external }}
{{- if .user }}
- name: KAFKA_SASL_USERNAME
  value: {{ .user }}
{{- else }}
- name: KAFKA_SASL_USERNAME_FILE
  value: /run/secrets/kafka/username
{{- end }}
- name: KAFKA_SASL_PASSWORD_FILE
  value: /run/secrets/kafka/password
{{- end }}
{{- end -}}

{{/* The Secret with the certificate authority as ca.crt; empty where the system's store decides. */}}
{{- define "common.kafkaCaSecret" -}}
{{- with include "common.externalKafka" . -}}
{{- dig "tls" "existingSecret" "" (fromJson .) -}}
{{- else -}}
{{- include "common.kafkaCluster" . }}-cluster-ca-cert
{{- end -}}
{{- end -}}

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

{{/* Where the certificate authority is mounted; it is read once, at the start. */}}
{{- define "common.kafkaCaPath" -}}/run/secrets/kafka{{- end -}}

{{- define "common.eventsEnv" -}}
{{- with include "common.externalKafka" . -}}
{{- $external := fromJson . -}}
- name: EVENTS_URL
  value: {{ printf "kafka://%s" (join "," $external.brokers) }}
- name: KAFKA_TLS
  value: {{ dig "tls" "enabled" true $external | quote }}
{{- if dig "tls" "existingSecret" "" $external }}
- name: KAFKA_TLS_CA_FILE
  value: {{ include "common.kafkaCaPath" $ }}/ca.crt
{{- end }}
{{- $secret := $.Values.kafka.existingSecret | default (dig "sasl" "existingSecret" "" $external) }}
{{- if $secret }}
- name: KAFKA_SASL_MECHANISM
  value: {{ dig "sasl" "mechanism" "scram-sha-512" $external }}
{{ include "common.secretEnv" (dict "name" "KAFKA_SASL_USERNAME" "secret" $secret "key" "username") }}
{{ include "common.secretEnv" (dict "name" "KAFKA_SASL_PASSWORD" "secret" $secret "key" "password") }}
{{- end }}
{{- else -}}
{{- $user := printf "%s-%s" (include "common.kafkaCluster" .) .Chart.Name -}}
- name: EVENTS_URL
  value: kafka://{{ include "common.kafkaCluster" . }}-kafka-bootstrap:{{ include "common.kafkaPort" . }}
- name: KAFKA_TLS
  value: "true"
- name: KAFKA_TLS_CA_FILE
  value: {{ include "common.kafkaCaPath" . }}/ca.crt
- name: KAFKA_SASL_MECHANISM
  value: scram-sha-512
- name: KAFKA_SASL_USERNAME
  value: {{ $user }}
{{ include "common.secretEnv" (dict "name" "KAFKA_SASL_PASSWORD" "secret" (.Values.kafka.existingSecret | default $user) "key" "password") }}
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

{{- define "common.kafkaVolume" -}}
{{- with include "common.kafkaCaSecret" . -}}
- name: kafka-ca
  secret:
    secretName: {{ . }}
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- end -}}

{{- define "common.kafkaMount" -}}
{{- if include "common.kafkaCaSecret" . -}}
- name: kafka-ca
  mountPath: {{ include "common.kafkaCaPath" . }}
  readOnly: true
{{- end }}
{{- end -}}

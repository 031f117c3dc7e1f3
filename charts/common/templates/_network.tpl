{{/* A pod's policy names what reaches it and what it reaches; charts/wave-connect denies the rest. */}}
{{- define "common.networkPolicyEnabled" -}}
{{- if dig "networkPolicy" "enabled" true (.Values.global | default dict) }}true{{ end -}}
{{- end -}}

{{/* Arguments: context, chart, component. Pods of this release. */}}
{{- define "common.peer" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ .chart }}
    app.kubernetes.io/instance: {{ .context.Release.Name }}
    app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "common.egressDns" -}}
{{- $peers := dig "networkPolicy" "dnsPeers" list (.Values.global | default dict) -}}
- to:
    {{- if $peers }}
    {{- toYaml $peers | nindent 4 }}
    {{- else }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
    {{- end }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{- define "common.egressPostgres" -}}
{{- if .Values.postgres.enabled -}}
- to:
    - {{ include "common.peer" (dict "context" . "chart" .Chart.Name "component" "postgres") | nindent 6 | trim }}
  ports:
    - port: 5432
      protocol: TCP
{{- else -}}
- ports:
    - port: {{ .Values.externalPostgres.port }}
      protocol: TCP
    {{- with .Values.externalPostgres.directPort }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  {{- with .Values.externalPostgres.peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "common.egressKafka" -}}
{{- with include "common.externalKafka" . -}}
{{- $external := fromJson . -}}
{{- $ports := list -}}
{{- range $external.brokers }}{{ $ports = append $ports (regexFind "[0-9]+$" (regexFind ":[0-9]+$" .) | default "9092" | int) }}{{ end -}}
- ports:
    {{- range $ports | uniq }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  {{- with $external.peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- else -}}
- to:
    - podSelector:
        matchLabels:
          strimzi.io/cluster: {{ include "common.kafkaCluster" . }}
          strimzi.io/name: {{ include "common.kafkaCluster" . }}-kafka
  ports:
    - port: {{ include "common.kafkaPort" . }}
      protocol: TCP
{{- end }}
{{- end -}}

{{/* From what scrapes. */}}
{{- define "common.ingressMetrics" -}}
{{- if .Values.metrics.serviceMonitor.enabled -}}
- from:
    {{- toYaml .Values.metrics.from | nindent 4 }}
  ports:
    - port: metrics
      protocol: TCP
{{- end }}
{{- end -}}

{{/* The service with data: reached by its callers, reaches its database, Kafka and the charts that it calls. */}}
{{- define "common.networkPolicy" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.fullname" .)) $labels) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- range $port, $charts := .Values.networkPolicy.callers }}
    - from:
        {{- range $charts }}
        - {{ include "common.peer" (dict "context" $ "chart" . "component" "service") | nindent 10 | trim }}
        {{- end }}
      ports:
        - port: {{ $port }}
          protocol: TCP
    {{- end }}
    {{- with include "common.ingressMetrics" . }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .Values.networkPolicy.extraIngress }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  egress:
    {{- include "common.egressDns" . | nindent 4 }}
    {{- include "common.egressPostgres" . | nindent 4 }}
    {{- include "common.egressKafka" . | nindent 4 }}
    {{- range .Values.networkPolicy.calls }}
    - to:
        - {{ include "common.peer" (dict "context" $ "chart" . "component" "service") | nindent 10 | trim }}
      ports:
        - port: {{ (get $.Values .).grpcPort | default (get $.Values .).port }}
          protocol: TCP
    {{- end }}
    {{- with .Values.networkPolicy.extraEgress }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Arguments: context, component. Pods that take no connections, and reach their database alone. */}}
{{- define "common.databaseClientPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "name" (printf "%s-%s" (include "common.fullname" .context) .component)) .) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "common.egressDns" .context | nindent 4 }}
    {{- include "common.egressPostgres" .context | nindent 4 }}
{{- end -}}

{{/* The database is reached by its service, its migrations and its backup, and opens no connections. */}}
{{- define "common.postgresNetworkPolicy" -}}
{{- $labels := dict "context" . "component" "postgres" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.postgresName" .)) $labels) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        {{- range list "service" "migrate" "backup" }}
        - {{ include "common.peer" (dict "context" $ "chart" $.Chart.Name "component" .) | nindent 10 | trim }}
        {{- end }}
        {{- with .Values.postgres.extraPeers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - port: postgres
          protocol: TCP
{{- end -}}

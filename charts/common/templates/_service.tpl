{{- define "common.service" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" $labels | nindent 4 }}
  {{- with merge (deepCopy .Values.service.annotations) .Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.service.type }}
  {{- with .Values.service.loadBalancerClass }}
  loadBalancerClass: {{ . }}
  {{- end }}
  selector:
    {{- include "common.selectorLabels" $labels | nindent 4 }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
      appProtocol: http
      {{- with .Values.service.nodePort }}
      nodePort: {{ . }}
      {{- end }}
{{- end -}}

{{/* Callers open a connection to each pod and take them in turn: one connection would stay with one pod. */}}
{{- define "common.grpcService" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" (merge (dict "name" (printf "%s-grpc" (include "common.fullname" .))) $labels) | nindent 2 }}
spec:
  clusterIP: None
  selector:
    {{- include "common.selectorLabels" $labels | nindent 4 }}
  ports:
    - name: grpc
      port: {{ .Values.containerPorts.grpc }}
      targetPort: grpc
      appProtocol: kubernetes.io/h2c
{{- end -}}

{{- define "common.metricsService" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.fullname" . }}-metrics
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" $labels | nindent 4 }}
    wave-connect/metrics: {{ .Chart.Name }}
spec:
  # Each replica is scraped by itself.
  clusterIP: None
  # Also one that is not ready has something to tell.
  publishNotReadyAddresses: true
  selector:
    {{- include "common.selectorLabels" $labels | nindent 4 }}
  ports:
    - name: metrics
      port: {{ .Values.containerPorts.metrics }}
      targetPort: metrics
{{- end -}}

{{- define "common.serviceMonitor" -}}
{{- $labels := dict "context" . "component" "service" -}}
{{- $monitor := .Values.metrics.serviceMonitor -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" $labels | nindent 4 }}
    {{- with $monitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
      wave-connect/metrics: {{ .Chart.Name }}
  endpoints:
    - port: metrics
      path: /metrics
      interval: {{ $monitor.interval }}
      scrapeTimeout: {{ $monitor.scrapeTimeout }}
      {{- with $monitor.relabelings }}
      relabelings:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}

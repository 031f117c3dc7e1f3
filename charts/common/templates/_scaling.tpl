{{- define "common.horizontalPodAutoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "common.metadata" (dict "context" . "component" "service" "name" (include "common.fullname" .)) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "common.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    {{- with .Values.autoscaling.targetCPUUtilizationPercentage }}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- with .Values.autoscaling.targetMemoryUtilizationPercentage }}
    - type: Resource
      resource:
        name: memory
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- with include "common.targetSockets" . }}
    - type: Pods
      pods:
        metric:
          name: {{ $.Values.webSockets.metric }}
        target:
          type: AverageValue
          averageValue: {{ . | quote }}
    {{- end }}
    {{- with .Values.autoscaling.metrics }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.autoscaling.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/*
What KEDA makes a HorizontalPodAutoscaler of. Sockets are added up over all pods; KEDA divides them by the target. Where
Prometheus has none of them, nothing is scaled down for it.
*/}}
{{- define "common.scaledObject" -}}
{{- $autoscaling := .Values.autoscaling -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "common.metadata" (dict "context" . "component" "service" "name" (include "common.fullname" .)) | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "common.fullname" . }}
  pollingInterval: {{ $autoscaling.keda.pollingInterval }}
  minReplicaCount: {{ $autoscaling.minReplicas }}
  maxReplicaCount: {{ $autoscaling.maxReplicas }}
  {{- with $autoscaling.behavior }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- toYaml . | nindent 8 }}
  {{- end }}
  triggers:
    {{- with $autoscaling.targetCPUUtilizationPercentage }}
    - type: cpu
      metricType: Utilization
      metadata:
        value: {{ . | quote }}
    {{- end }}
    {{- with $autoscaling.targetMemoryUtilizationPercentage }}
    - type: memory
      metricType: Utilization
      metadata:
        value: {{ . | quote }}
    {{- end }}
    {{- with include "common.targetSockets" . }}
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $autoscaling.keda.serverAddress | quote }}
        query: {{ printf "sum(%s{namespace=%q,pod=~%q})" $.Values.webSockets.metric $.Release.Namespace (printf "%s-.+" (include "common.fullname" $)) | quote }}
        threshold: {{ . | quote }}
        ignoreNullValues: "false"
    {{- end }}
    {{- with $autoscaling.keda.triggers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Open WebSockets to aim at in each pod; nothing where the service has none, or goes by something else. */}}
{{- define "common.targetSockets" -}}
{{- with get .Values "webSockets" }}{{ with .target }}{{ int . }}{{ end }}{{ end -}}
{{- end -}}

{{/* Whether something else than the release decides how many pods there are. */}}
{{- define "common.autoscaled" -}}
{{- if or .Values.autoscaling.enabled .Values.autoscaling.keda.enabled }}true{{ end -}}
{{- end -}}

{{- define "common.podDisruptionBudget" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.fullname" .)) $labels) | nindent 2 }}
spec:
  {{- if not (kindIs "invalid" .Values.podDisruptionBudget.minAvailable) }}
  minAvailable: {{ .Values.podDisruptionBudget.minAvailable }}
  {{- else }}
  maxUnavailable: {{ .Values.podDisruptionBudget.maxUnavailable }}
  {{- end }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
{{- end -}}

{{- define "common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" (dict "context" . "component" "service") | nindent 4 }}
  {{- with merge (deepCopy .Values.serviceAccount.annotations) .Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

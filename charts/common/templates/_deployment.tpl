{{- define "common.deployment" -}}
{{- $labels := dict "context" . "component" "service" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.fullname" .)) $labels) | nindent 2 }}
spec:
  {{- if not (include "common.autoscaled" .) }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  revisionHistoryLimit: {{ .Values.revisionHistoryLimit }}
  strategy:
    {{- toYaml .Values.updateStrategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.stableLabels" $labels | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ .Chart.Name }}
        {{- with .Values.podAnnotations }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
    spec:
      {{- include "common.podBasics" . | nindent 6 }}
      topologySpreadConstraints:
        {{- include "common.topologySpread" . | trim | nindent 8 }}
      terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      {{- if or .Values.watch.enabled .Values.extraInitContainers }}
      initContainers:
        {{- if .Values.watch.enabled }}
        {{- include "common.watchInit" . | nindent 8 }}
        {{- end }}
        {{- with .Values.extraInitContainers }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: {{ include "common.serviceImage" (dict "context" . "image" .Values.image) }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          {{- if .Values.watch.enabled }}
          # By folders: Node loses sight of a file that is replaced, as one that is copied into a pod is, where the start failed.
          command: [node, --watch-path=src, --watch-path=../../packages, --watch-preserve-output, src/main.ts]
          {{- end }}
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
          ports:
            - name: http
              containerPort: {{ .Values.containerPorts.http }}
            - name: metrics
              containerPort: {{ .Values.containerPorts.metrics }}
            {{- with .Values.containerPorts.grpc }}
            - name: grpc
              containerPort: {{ . }}
            {{- end }}
          env:
            {{- include "common.serviceEnv" . | nindent 12 }}
          {{- with .Values.extraEnvFrom }}
          envFrom:
            {{- tpl (toYaml .) $ | nindent 12 }}
          {{- end }}
          {{- range $name := list "startup" "readiness" "liveness" }}
          {{- with get $.Values (printf "%sProbe" $name) }}
          {{- if .enabled }}
          {{ $name }}Probe:
            httpGet:
              path: {{ eq $name "readiness" | ternary "/readyz" "/livez" }}
              port: http
            {{- toYaml (omit . "enabled") | nindent 12 }}
          {{- end }}
          {{- end }}
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if .Values.watch.enabled }}
            - name: app
              mountPath: /app
            {{- end }}
            {{- include "common.secrets" . | include "common.secretMounts" | nindent 12 }}
            {{- with .Values.extraVolumeMounts }}
            {{- tpl (toYaml .) $ | nindent 12 }}
            {{- end }}
        {{- with .Values.extraContainers }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      volumes:
        {{- include "common.tmpVolume" . | nindent 8 }}
        {{- if .Values.watch.enabled }}
        - name: app
          emptyDir:
            sizeLimit: 256Mi
        {{- end }}
        {{- include "common.secrets" . | include "common.secretVolumes" | nindent 8 }}
        {{- with .Values.extraVolumes }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* A copy of the program that may be written to: what is synced into the pod lands there, and Node starts again. */}}
{{- define "common.watchInit" -}}
- name: copy-app
  image: {{ include "common.serviceImage" (dict "context" . "image" .Values.image) }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [cp, -R, /app/., /writable]
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  volumeMounts:
    - name: app
      mountPath: /writable
{{- end -}}

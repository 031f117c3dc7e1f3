{{/*
One Job for each content: what it would run decides its name. So none is ever changed, which Kubernetes refuses, also by tools
that only render and know of no revisions. An ordinary one: a hook before the install would wait for a database that is not
there yet, and one after it would not begin before services are ready that wait for it.
The program itself waits five minutes for its database, so a pod that fails means something, and stays with its log.
*/}}
{{- define "common.migrateJob" -}}
{{- $template := include "common.migratePods" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.migrateName" (dict "context" . "template" $template) }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" (dict "context" . "component" "migrate") | nindent 4 }}
  {{- with merge (deepCopy .Values.migrate.annotations) .Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: {{ .Values.migrate.backoffLimit }}
  {{- with .Values.migrate.ttlSecondsAfterFinished }}
  ttlSecondsAfterFinished: {{ . | int }}
  {{- end }}
  template:
    {{- $template | nindent 4 }}
{{- end -}}

{{/*
Arguments: context, template. Helm, which may ask the cluster, does not take a Job that has failed for one that has run:
the next upgrade, with a password that is right, makes another one.
*/}}
{{- define "common.migrateName" -}}
{{- $fullname := include "common.fullname" .context -}}
{{- $content := printf "%s\n%s" $fullname .template -}}
{{- $prefix := printf "%s-migrate" (trunc 44 $fullname | trimSuffix "-") -}}
{{- $name := printf "%s-%s" $prefix (sha256sum $content | trunc 10) -}}
{{- $there := lookup "batch/v1" "Job" .context.Release.Namespace $name | default dict -}}
{{- range dig "status" "conditions" list $there -}}
  {{- if and (eq .type "Failed") (eq .status "True") -}}
    {{- $name = printf "%s-%s" $prefix (printf "%s\n%s" $content $there.metadata.uid | sha256sum | trunc 10) -}}
  {{- end -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "common.migratePods" -}}
{{- $labels := dict "context" . "component" "migrate" -}}
metadata:
  labels:
    {{- include "common.stableLabels" $labels | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
spec:
  {{- include "common.podBasics" . | nindent 2 }}
  restartPolicy: Never
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: migrate
      image: {{ include "common.serviceImage" (dict "context" . "image" .Values.image) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [node, src/migrate.ts]
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      env:
        {{- include "common.databaseEnv" . | nindent 8 }}
        {{- range $name, $value := pick .Values.env "DB_STATEMENT_TIMEOUT_MS" "LOG_LEVEL" }}
        - name: {{ $name }}
          value: {{ include "common.plain" $value | quote }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- tpl (toYaml .) $ | nindent 8 }}
      {{- end }}
      resources:
        {{- toYaml .Values.migrate.resources | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- include "common.databaseSecrets" . | include "common.secretMounts" | nindent 8 }}
        {{- with .Values.extraVolumeMounts }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "common.tmpVolume" . | nindent 4 }}
    {{- include "common.databaseSecrets" . | include "common.secretVolumes" | nindent 4 }}
    {{- with .Values.extraVolumes }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
{{- end -}}

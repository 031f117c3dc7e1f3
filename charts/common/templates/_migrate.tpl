{{/*
One Job for each revision. An ordinary one: a hook before the install would wait for a database that is not there yet,
and one after it would not begin before services are ready that wait for it.
The program itself waits five minutes for its database, so a pod that fails means something, and stays with its log.
*/}}
{{- define "common.migrateJob" -}}
{{- $labels := dict "context" . "component" "migrate" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ printf "%s-migrate-%d" (include "common.fullname" .) .Release.Revision }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" $labels | nindent 4 }}
  {{- with merge (deepCopy .Values.migrate.annotations) .Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: {{ .Values.migrate.backoffLimit }}
  ttlSecondsAfterFinished: {{ .Values.migrate.ttlSecondsAfterFinished | int }}
  template:
    metadata:
      labels:
        {{- include "common.stableLabels" $labels | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      {{- with .Values.podAnnotations }}
      annotations:
        {{- tpl (toYaml .) $ | nindent 8 }}
      {{- end }}
    spec:
      {{- include "common.podBasics" . | nindent 6 }}
      restartPolicy: Never
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: migrate
          image: {{ include "common.serviceImage" (dict "context" . "image" .Values.image) }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          command: [node, src/migrate.ts]
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
          env:
            {{- include "common.databaseEnv" . | nindent 12 }}
            {{- with .Values.env.LOG_LEVEL }}
            - name: LOG_LEVEL
              value: {{ . | quote }}
            {{- end }}
            {{- with .Values.extraEnv }}
            {{- tpl (toYaml .) $ | nindent 12 }}
            {{- end }}
          {{- with .Values.extraEnvFrom }}
          envFrom:
            {{- tpl (toYaml .) $ | nindent 12 }}
          {{- end }}
          resources:
            {{- toYaml .Values.migrate.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- include "common.databaseSecrets" . | include "common.secretMounts" | nindent 12 }}
            {{- with .Values.extraVolumeMounts }}
            {{- tpl (toYaml .) $ | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "common.tmpVolume" . | nindent 8 }}
        {{- include "common.databaseSecrets" . | include "common.secretVolumes" | nindent 8 }}
        {{- with .Values.extraVolumes }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
{{- end -}}

{{- define "common.backupName" -}}
{{- printf "%s-backup" (include "common.fullname" .) -}}
{{- end -}}

{{/* Dumps under another name until it is whole, and removes what is older than the days to keep. */}}
{{- define "common.backupScript" -}}
dump=/backup/{{ .Chart.Name }}-$(date -u +%Y%m%dT%H%M%SZ).dump
pg_dump --format=custom --file="$dump.part"
mv "$dump.part" "$dump"
echo "wrote $dump, $(stat -c %s "$dump") bytes"
find /backup -maxdepth 1 -name '*.dump*' -mtime +{{ .Values.postgres.backup.keepDays }} -delete
{{- end -}}

{{/* Takes the newest dump unless RESTORE_FILE names another; all of it or nothing. */}}
{{- define "common.restoreScript" -}}
dump=/backup/${RESTORE_FILE:-$(cd /backup && ls -1 {{ .Chart.Name }}-*.dump | tail -n 1)}
[ -f "$dump" ] || { echo "there is no $dump" >&2; exit 1; }
echo "restoring $dump"
pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error --dbname="$PGDATABASE" "$dump"
echo 'restored'
{{- end -}}

{{/*
Made once and then left alone, also by `helm uninstall`: backups outlive the release. As a hook, for many clusters bind a
volume only to its first pod, and `helm --wait` would wait for that until the first dump. Never deleted before it is made
again, as hooks are by default. Other tools than Helm would wait for such a hook, so to them it is a resource like any other.
*/}}
{{- define "common.backupClaim" -}}
{{- if not (lookup "v1" "PersistentVolumeClaim" .Release.Namespace (include "common.backupName" .)) -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "common.backupName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "common.labels" (dict "context" . "component" "backup") | nindent 4 }}
  annotations:
    {{- if include "common.renderOnly" . }}
    argocd.argoproj.io/sync-options: Prune=false,Delete=false
    kustomize.toolkit.fluxcd.io/prune: disabled
    {{- else }}
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: hook-failed
    {{- end }}
    helm.sh/resource-policy: keep
{{ include "common.claimSpec" .Values.postgres.backup.persistence }}
{{- end }}
{{- end -}}

{{- define "common.backupCronJob" -}}
{{- $backup := .Values.postgres.backup -}}
{{- include "common.dumpCronJob" (dict "context" . "name" (include "common.backupName" .) "schedule" $backup.schedule
  "suspend" false "script" (include "common.backupScript" .)) -}}
{{- end -}}

{{/* Never runs by itself: a Job made from it restores. */}}
{{- define "common.restoreCronJob" -}}
{{- include "common.dumpCronJob" (dict "context" . "name" (printf "%s-restore" (include "common.fullname" .))
  "schedule" "0 0 1 1 *" "suspend" true "script" (include "common.restoreScript" .)) -}}
{{- end -}}

{{/* Arguments: context, name, schedule, suspend, script. */}}
{{- define "common.dumpCronJob" -}}
{{- $values := .context.Values -}}
{{- $postgres := $values.postgres -}}
{{- $labels := dict "context" .context "component" "backup" -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "common.metadata" (merge (dict "name" .name) $labels) | nindent 2 }}
spec:
  schedule: {{ .schedule | quote }}
  suspend: {{ .suspend }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: {{ .suspend | ternary 0 3 }}
      template:
        metadata:
          labels:
            {{- include "common.stableLabels" $labels | nindent 12 }}
        spec:
          serviceAccountName: {{ include "common.serviceAccountName" .context }}
          automountServiceAccountToken: false
          enableServiceLinks: false
          {{- with include "common.imagePullSecrets" .context | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          {{- with include "common.placement" $postgres | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          restartPolicy: Never
          securityContext:
            {{- toYaml $postgres.podSecurityContext | nindent 12 }}
          containers:
            - name: dump
              image: {{ include "common.postgresImage" .context }}
              imagePullPolicy: {{ $postgres.image.pullPolicy }}
              command:
                - bash
                - -euo
                - pipefail
                - -c
                - |
                  {{- .script | nindent 18 }}
              securityContext:
                {{- toYaml $postgres.securityContext | nindent 16 }}
              env:
                - name: PGHOST
                  value: {{ include "common.postgresName" .context }}
                - name: PGUSER
                  value: {{ $postgres.auth.username | quote }}
                - name: PGDATABASE
                  value: {{ $postgres.auth.database | quote }}
                - name: PGPASSWORD
                  valueFrom:
                    secretKeyRef:
                      name: {{ include "common.postgresSecretName" .context }}
                      key: {{ $postgres.auth.passwordKey }}
              resources:
                {{- toYaml $postgres.backup.resources | nindent 16 }}
              volumeMounts:
                - name: backup
                  mountPath: /backup
                - name: tmp
                  mountPath: /tmp
          volumes:
            - name: backup
              persistentVolumeClaim:
                claimName: {{ $postgres.backup.persistence.existingClaim | default (include "common.backupName" .context) }}
            {{- include "common.tmpVolume" .context | nindent 12 }}
{{- end -}}

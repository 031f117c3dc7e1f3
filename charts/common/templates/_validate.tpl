{{/* What a schema cannot say. All that is wrong is said at once. */}}
{{- define "common.validate" -}}
{{- $name := .Chart.Name -}}
{{- $problems := list -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
  {{- $problems = append $problems (printf "%s.autoscaling.minReplicas is more than maxReplicas: raise maxReplicas to at least %d." $name (int .Values.autoscaling.minReplicas)) -}}
{{- end -}}
{{- $autoscaling := .Values.autoscaling -}}
{{- if and $autoscaling.enabled (not (or $autoscaling.targetCPUUtilizationPercentage $autoscaling.targetMemoryUtilizationPercentage $autoscaling.metrics)) -}}
  {{- $problems = append $problems (printf "%s.autoscaling has nothing to go by: set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics." $name) -}}
{{- end -}}
{{- if gt (mul 2 (int .Values.shutdown.delayMs)) (int .Values.shutdown.deadlineMs) -}}
  {{- $problems = append $problems (printf "%s.shutdown.delayMs leaves no time to stop: make it at most half of shutdown.deadlineMs, %d." $name (int .Values.shutdown.deadlineMs)) -}}
{{- end -}}
{{- if le (mul 1000 (int .Values.terminationGracePeriodSeconds)) (int .Values.shutdown.deadlineMs) -}}
  {{- $problems = append $problems (printf "%s.terminationGracePeriodSeconds kills the pod before it has stopped: make it more than shutdown.deadlineMs, %d ms." $name (int .Values.shutdown.deadlineMs)) -}}
{{- end -}}
{{- $jwt := dig "jwt" "secret" "" (.Values.global | default dict) -}}
{{- if and $jwt (lt (len $jwt) 32) -}}
  {{- $problems = append $problems "global.jwt.secret is shorter than 32 characters: make one with: openssl rand -hex 32" -}}
{{- end -}}
{{- if hasKey .Values "postgres" -}}
  {{- $problems = concat $problems (include "common.postgresProblems" . | fromJsonArray) -}}
{{- end -}}
{{- with $problems -}}
  {{- fail (printf "\n\n%s\n" (join "\n" .)) -}}
{{- end -}}
{{- end -}}

{{- define "common.postgresProblems" -}}
{{- $name := .Chart.Name -}}
{{- $problems := list -}}
{{- $external := .Values.externalPostgres -}}
{{- if and .Values.postgres.enabled (or $external.host $external.urlKey) -}}
  {{- $problems = append $problems (printf "%s has two databases: set %s.postgres.enabled=false to use externalPostgres, or leave externalPostgres empty." $name $name) -}}
{{- end -}}
{{- if not .Values.postgres.enabled -}}
  {{- if not (or $external.host $external.urlKey) -}}
    {{- $problems = append $problems (printf "%s has no database: set %s.externalPostgres.host, or externalPostgres.urlKey where a Secret holds the whole URL, or %s.postgres.enabled=true." $name $name $name) -}}
  {{- end -}}
  {{- if not $external.existingSecret -}}
    {{- $problems = append $problems (printf "%s.externalPostgres.existingSecret is empty: name a Secret of the namespace that holds the password; kubectl create secret generic %s-db --from-literal=password=…" $name $name) -}}
  {{- end -}}
  {{- if .Values.postgres.backup.enabled -}}
    {{- $problems = append $problems (printf "%s.postgres.backup dumps the bundled database alone: set it to false and back up the external one where it runs." $name) -}}
  {{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/* What a schema cannot say. All that is wrong is said at once. */}}
{{- define "common.validate" -}}
{{- $name := .Chart.Name -}}
{{- $problems := list -}}
{{- $autoscaled := include "common.autoscaled" . -}}
{{- if and $autoscaled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
  {{- $problems = append $problems (printf "%s.autoscaling.minReplicas is more than maxReplicas: raise maxReplicas to at least %d." $name (int .Values.autoscaling.minReplicas)) -}}
{{- end -}}
{{- $autoscaling := .Values.autoscaling -}}
{{- $targets := or $autoscaling.targetCPUUtilizationPercentage $autoscaling.targetMemoryUtilizationPercentage (include "common.targetSockets" .) -}}
{{- if and $autoscaling.enabled (not (or $targets $autoscaling.metrics)) -}}
  {{- $problems = append $problems (printf "%s.autoscaling has nothing to go by: set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics." $name) -}}
{{- end -}}
{{- $keda := $autoscaling.keda -}}
{{- if and $keda.enabled $autoscaling.enabled -}}
  {{- $problems = append $problems (printf "%s.autoscaling has two autoscalers for one Deployment, which would work against each other: set %s.autoscaling.enabled=false to have KEDA decide, or keda.enabled=false." $name $name) -}}
{{- end -}}
{{- if and $keda.enabled (not (or $targets $keda.triggers)) -}}
  {{- $problems = append $problems (printf "%s.autoscaling.keda has nothing to go by: set a target of %s.autoscaling, or keda.triggers." $name $name) -}}
{{- end -}}
{{- if and $keda.enabled (include "common.targetSockets" .) (not $keda.serverAddress) -}}
  {{- $problems = append $problems (printf "%s.webSockets.target needs a Prometheus that KEDA can ask: set %s.autoscaling.keda.serverAddress." $name $name) -}}
{{- end -}}
{{- if and $keda.enabled $autoscaling.metrics -}}
  {{- $problems = append $problems (printf "%s.autoscaling.metrics are those of a HorizontalPodAutoscaler: say them as KEDA has them, in %s.autoscaling.keda.triggers." $name $name) -}}
{{- end -}}
{{- $budget := .Values.podDisruptionBudget -}}
{{- $pods := not (empty $autoscaled) | ternary $autoscaling.minReplicas .Values.replicaCount -}}
{{- if and $budget.enabled (include "common.blocksEvictions" (dict "budget" $budget "pods" $pods)) -}}
  {{- $problems = append $problems (printf "%s.podDisruptionBudget lets no pod be evicted, so that a node cannot be drained: set minAvailable to less than the %d pods that there are at least, or leave it to maxUnavailable." $name (int $pods)) -}}
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

{{/* Arguments: budget, pods. Percentages of pods to stay are rounded up. */}}
{{- define "common.blocksEvictions" -}}
{{- $stay := toString .budget.minAvailable -}}
{{- if kindIs "invalid" .budget.minAvailable -}}
  {{- if has (toString .budget.maxUnavailable) (list "0" "0%") }}true{{ end -}}
{{- else if hasSuffix "%" $stay -}}
  {{- if gt (mul (trimSuffix "%" $stay | int) (int .pods)) (mul 100 (sub (int .pods) 1)) }}true{{ end -}}
{{- else if ge (int $stay) (int .pods) -}}
true
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
{{- if .Values.postgres.enabled -}}
  {{- $problems = concat $problems (include "common.postgresUpgradeProblems" . | fromJsonArray) -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/*
What the volume of a running Postgres does not follow: a StatefulSet refuses other claims, and the image makes role and
database once. Nothing is found where the cluster is not asked (`helm template`).
*/}}
{{- define "common.postgresUpgradeProblems" -}}
{{- $name := .Chart.Name -}}
{{- $problems := list -}}
{{- $postgres := .Values.postgres -}}
{{- $there := lookup "apps/v1" "StatefulSet" .Release.Namespace (include "common.postgresName" .) -}}
{{- if $there -}}
  {{- $spec := $there.spec -}}
  {{- $has := list -}}
  {{- range $spec.volumeClaimTemplates -}}
    {{- $has = append $has (dict "accessModes" .spec.accessModes "size" (include "common.bytes" .spec.resources.requests.storage) "storageClass" (.spec.storageClassName | default "") "annotations" (.metadata.annotations | default dict)) -}}
  {{- end -}}
  {{- $wants := list -}}
  {{- with $postgres.persistence -}}
    {{- if and .enabled (not .existingClaim) -}}
      {{- $wants = append $wants (dict "accessModes" .accessModes "size" (include "common.bytes" .size) "storageClass" .storageClass "annotations" .annotations) -}}
    {{- end -}}
  {{- end -}}
  {{- if ne ($has | toJson) ($wants | toJson) -}}
    {{- $problems = append $problems (printf "%s.postgres.persistence differs from that of the StatefulSet %s, whose claims cannot be changed: set it as it was. The way to another volume, or a larger one: docs/deploying.md, Choices of the first install." $name $there.metadata.name) -}}
  {{- end -}}
  {{- $container := first $spec.template.spec.containers -}}
  {{- $kept := $has -}}
  {{- range $spec.template.spec.volumes -}}
    {{- if and (eq .name "data") .persistentVolumeClaim }}{{ $kept = append $kept . }}{{ end -}}
  {{- end -}}
  {{- if $kept -}}
    {{- $env := dict -}}
    {{- range $container.env }}{{ $_ := set $env .name (.value | default "") }}{{ end -}}
    {{- range $key, $variable := dict "username" "POSTGRES_USER" "database" "POSTGRES_DB" -}}
      {{- $was := get $env $variable -}}
      {{- if and $was (ne $was (get $postgres.auth $key)) -}}
        {{- $problems = append $problems (printf "%s.postgres.auth.%s goes from %s to %s, which the volume does not have: set it to %s. The way to another: docs/deploying.md, Choices of the first install." $name $key $was (get $postgres.auth $key) $was) -}}
      {{- end -}}
    {{- end -}}
    {{- $was := regexFind "[0-9]+" (regexFind ":[0-9]+[^/]*$" $container.image) -}}
    {{- $will := regexFind "^[0-9]+" (include "common.plain" $postgres.image.tag) -}}
    {{- if and $was $will (ne $was $will) -}}
      {{- $problems = append $problems (printf "%s.postgres.image.tag goes from Postgres %s to %s, which does not read the volume: set it to %s. The way to another major version: docs/deploying.md, Choices of the first install." $name $was $will $was) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/* What a schema cannot say, before anything is applied. All that is wrong is said at once. */}}
{{- define "kafka.problems" -}}
{{- $problems := concat (include "kafka.topicProblems" . | fromJsonArray) (include "kafka.upgradeProblems" . | fromJsonArray) -}}
{{- with $problems -}}
{{- fail (printf "\n\n%s\n" (join "\n" .)) -}}
{{- end -}}
{{- end -}}

{{- define "kafka.topicProblems" -}}
{{- $problems := list -}}
{{- $known := keys .Values.topics -}}
{{- range $user, $does := .Values.users -}}
  {{- range concat ($does.publishes | default list) ($does.consumes | default list) -}}
    {{- if not (has . $known) -}}
      {{- $problems = append $problems (printf "kafka.users.%s names the topic %s, which kafka.topics does not have." $user .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/*
What the cluster has and the operator will not change: it would ignore the change, or never be done with it. Nothing is found
where the cluster is not asked (`helm template`) or does not know Strimzi.
*/}}
{{- define "kafka.upgradeProblems" -}}
{{- $problems := list -}}
{{- if .Capabilities.APIVersions.Has "kafka.strimzi.io/v1" -}}
{{- $namespace := .Release.Namespace -}}
{{- $name := include "kafka.name" . -}}
{{- $kafka := lookup "kafka.strimzi.io/v1" "Kafka" $namespace $name -}}
{{- $pool := lookup "kafka.strimzi.io/v1" "KafkaNodePool" $namespace "node" -}}
{{- if not (or $kafka .Values.paused) -}}
  {{- with include "kafka.keptClaims" . -}}
    {{- $command := printf "kubectl --namespace %s delete pvc --selector strimzi.io/cluster=%s" $namespace $name -}}
    {{- $problems = append $problems (printf "An earlier Kafka %s left volumes (%s). A new one does not start on them, for it has another cluster id. Delete them, and with them the events that were published and not yet consumed (databases and outboxes stay):\n\n  %s\n\nor keep them, with kafka.paused=true: docs/deploying.md, Kafka on kept volumes." $name . $command) -}}
  {{- end -}}
{{- end -}}
{{- if $kafka -}}
  {{- $version := dig "spec" "kafka" "version" .Values.version $kafka -}}
  {{- if lt (include "kafka.minorVersion" .Values.version | int) (include "kafka.minorVersion" $version | int) -}}
    {{- $problems = append $problems (printf "kafka.version goes down from %s to %s, whose programs do not read the newer metadata: set kafka.version=%s." $version .Values.version $version) -}}
  {{- end -}}
{{- end -}}
{{- if eq $name (dig "metadata" "labels" "strimzi.io/cluster" "" $pool) -}}
  {{- $replicas := int $pool.spec.replicas -}}
  {{- $was := min 3 $replicas -}}
  {{- $will := include "kafka.replication" . | int -}}
  {{- if ne $was $will -}}
    {{- $problems = append $problems (printf "kafka.replicas goes from %d to %d, and topics from %d replicas to %d, which the operator cannot do: set kafka.replicas=%d. The way to more nodes: docs/deploying.md, Choices of the first install." $replicas (int .Values.replicas) $was $will $replicas) -}}
  {{- end -}}
  {{- $volume := dig "storage" "volumes" (list dict) $pool.spec | first -}}
  {{- if lt (include "common.bytes" .Values.storage.size | float64) (include "common.bytes" ($volume.size | default "0") | float64) -}}
    {{- $problems = append $problems (printf "kafka.storage.size goes from %s to %s, and volumes do not shrink: set kafka.storage.size=%s." $volume.size .Values.storage.size $volume.size) -}}
  {{- end -}}
  {{- $class := $volume.class | default "" -}}
  {{- if ne $class .Values.storage.class -}}
    {{- $problems = append $problems (printf "kafka.storage.class goes from %q to %q, and volumes stay in the class that they were made in: set kafka.storage.class=%q. The way to another class: docs/deploying.md, Choices of the first install." $class .Values.storage.class $class) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/* Names of claims that this cluster left. With `storage.deleteClaim` claims have an owner, and Kubernetes deletes them. */}}
{{- define "kafka.keptClaims" -}}
{{- $kept := list -}}
{{- range (lookup "v1" "PersistentVolumeClaim" .Release.Namespace "").items -}}
  {{- $labels := .metadata.labels | default dict -}}
  {{- if and (eq (include "kafka.name" $) (get $labels "strimzi.io/cluster")) (not .metadata.ownerReferences) (not .metadata.deletionTimestamp) -}}
    {{- $kept = append $kept .metadata.name -}}
  {{- end -}}
{{- end -}}
{{- join ", " $kept -}}
{{- end -}}

{{/* Metadata has a version for each minor one of Kafka, and the operator raises it. Argument: a version. */}}
{{- define "kafka.minorVersion" -}}
{{- $version := semver . -}}
{{- add (mul 1000 $version.Major) $version.Minor -}}
{{- end -}}

{{/* Where pods may run, and as whom. Arguments: context. */}}
{{- define "common.podBasics" -}}
serviceAccountName: {{ include "common.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "common.imagePullSecrets" . }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- include "common.placement" .Values }}
{{- end -}}

{{/* Argument: the values that hold nodeSelector, tolerations and affinity. */}}
{{- define "common.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Pods of a service prefer different nodes and zones, but rather share one than wait. */}}
{{- define "common.topologySpread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- toYaml .Values.topologySpreadConstraints -}}
{{- else -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "common.selectorLabels" (dict "context" $ "component" "service") | nindent 6 }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Where an image may write: /tmp alone. */}}
{{- define "common.tmpVolume" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end -}}

{{/*
Arguments: context, component. Changes when a secret that is given as a value does, so that its pods take it up. Generated
ones never change.
*/}}
{{- define "common.checksums" -}}
{{- $given := list (dig "auth" "password" "" (.context.Values.postgres | default dict)) -}}
{{- if and (eq .component "service") (has .context.Chart.Name (list "auth" "gateway")) -}}
  {{- $jwt := dig "jwt" dict (.context.Values.global | default dict) -}}
  {{- $given = append $given (omit $jwt "existingSecret" | toJson) -}}
{{- end -}}
checksum/secrets: {{ $given | toJson | sha256sum }}
{{- end -}}

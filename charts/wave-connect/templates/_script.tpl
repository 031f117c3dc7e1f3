{{/* Arguments: context, component, script. */}}
{{- define "wave-connect.scriptConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "common.metadata" (merge (dict "name" (printf "%s-%s" .context.Release.Name .component)) .) | nindent 2 }}
data:
  {{ .script }}: |
    {{- .context.Files.Get (printf "files/%s" .script) | nindent 4 }}
{{- end -}}

{{/*
Arguments: context, component, script, env (values by name), resources. The spec of a pod that runs a script with the image of
the gateway, for it has Node, where the gateway's pods may run.
*/}}
{{- define "wave-connect.scriptPod" -}}
{{- $gateway := .context.Values.gateway -}}
{{- $pulls := dict "Values" (dict "imagePullSecrets" $gateway.imagePullSecrets "global" .context.Values.global) -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "common.imagePullSecrets" $pulls }}
{{- include "common.placement" (pick $gateway "nodeSelector" "tolerations") }}
securityContext:
  {{- toYaml $gateway.podSecurityContext | nindent 2 }}
containers:
  - name: {{ .component }}
    image: {{ include "common.serviceImage" (dict "context" .context "image" $gateway.image) }}
    imagePullPolicy: {{ $gateway.image.pullPolicy }}
    command: [node, /script/{{ .script }}]
    env:
      {{- range $name, $value := .env }}
      - name: {{ $name }}
        value: {{ $value | quote }}
      {{- end }}
    securityContext:
      {{- toYaml $gateway.securityContext | nindent 6 }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    volumeMounts:
      - name: script
        mountPath: /script
        readOnly: true
volumes:
  - name: script
    configMap:
      name: {{ printf "%s-%s" .context.Release.Name .component }}
{{- end -}}

{{/* Arguments: context, service. Where a service of the release is. */}}
{{- define "wave-connect.url" -}}
{{- $values := get .context.Values .service -}}
http://{{ $values.fullnameOverride | default (printf "%s-%s" .context.Release.Name .service) }}:{{ $values.service.port | int }}
{{- end -}}

{{/* Arguments: context, component, services. Its pods take no connections and reach those services alone. */}}
{{- define "wave-connect.scriptNetworkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" (merge (dict "name" (printf "%s-%s" .context.Release.Name .component)) .) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "common.egressDns" .context | nindent 4 }}
    {{- range .services }}
    - to:
        - {{ include "common.peer" (dict "context" $.context "chart" . "component" "service") | nindent 10 | trim }}
      ports:
        - port: {{ (get $.context.Values .).containerPorts.http }}
          protocol: TCP
    {{- end }}
{{- end -}}

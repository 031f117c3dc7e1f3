{{- define "common.postgresImage" -}}
{{- $registry := dig "postgres" "imageRegistry" "" (.Values.global | default dict) -}}
{{- include "common.image" (dict "image" .Values.postgres.image "registry" $registry) -}}
{{- end -}}

{{- define "common.postgresService" -}}
{{- $labels := dict "context" . "component" "postgres" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.postgresName" .)) $labels) | nindent 2 }}
spec:
  selector:
    {{- include "common.selectorLabels" $labels | nindent 4 }}
  ports:
    - name: postgres
      port: 5432
      targetPort: postgres
{{- end -}}

{{/* The generated password is the same after an upgrade; `helm template` cannot look it up and makes a new one. */}}
{{- define "common.postgresSecret" -}}
{{- $name := include "common.postgresName" . -}}
{{- $there := lookup "v1" "Secret" .Release.Namespace $name -}}
{{- $key := .Values.postgres.auth.passwordKey -}}
apiVersion: v1
kind: Secret
metadata:
  {{- include "common.metadata" (dict "context" . "component" "postgres" "name" $name) | nindent 2 }}
type: Opaque
data:
  {{- if .Values.postgres.auth.password }}
  {{ $key }}: {{ .Values.postgres.auth.password | b64enc }}
  {{- else }}
  {{ $key }}: {{ include "common.generated" (dict "context" . "there" (dig "data" $key "" ($there | default dict)) "length" 32
    "name" (printf "%s.postgres.auth.existingSecret" .Chart.Name)) }}
  {{- end }}
{{- end -}}

{{/*
Makes the password of the Secret the one that counts, and remembers its sum; by the socket, where the image asks for none.
Postgres listens to TCP once its database has been set up.
*/}}
{{- define "common.postgresPasswordScript" -}}
sum() { sha256sum < /run/secrets/postgres/password; }
apply() {
  local applying
  applying=$(sum)
  until pg_isready --quiet --host 127.0.0.1; do sleep 1; done
  psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 \
    --set password="$(cat /run/secrets/postgres/password)" <<'SQL' &&
ALTER ROLE current_user PASSWORD :'password';
SQL
    echo "$applying" > /var/run/postgresql/password.sum
}
{{- end -}}

{{/*
Services read a changed password from the same Secret, and kubelets of other nodes hand it out a minute later or so. Until
then the one before is good.
*/}}
{{- define "common.postgresRotationScript" -}}
{{ include "common.postgresPasswordScript" . }}
trap 'exit 0' INT TERM
seen=$(cat /var/run/postgresql/password.sum)
since=$SECONDS
while true; do
  sleep 5 & wait $!
  if [ "$(sum)" != "$seen" ]; then
    seen=$(sum) since=$SECONDS
    echo "the password changed; it counts in $DELAY_S s"
  elif [ "$seen" != "$(cat /var/run/postgresql/password.sum)" ] && [ $((SECONDS - since)) -ge "$DELAY_S" ]; then
    apply && echo 'the changed password counts'
  fi
done
{{- end -}}

{{- define "common.postgresStatefulSet" -}}
{{- $labels := dict "context" . "component" "postgres" -}}
{{- $postgres := .Values.postgres -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "common.metadata" (merge (dict "name" (include "common.postgresName" .)) $labels) | nindent 2 }}
spec:
  replicas: 1
  serviceName: {{ include "common.postgresName" . }}
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $labels | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.stableLabels" $labels | nindent 8 }}
        {{- with $postgres.podLabels }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: postgres
        {{- with $postgres.podAnnotations }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "common.serviceAccountName" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with include "common.imagePullSecrets" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with $postgres.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with include "common.placement" $postgres | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      # The image asks for SIGINT: connections end at once, then comes a checkpoint.
      terminationGracePeriodSeconds: {{ $postgres.terminationGracePeriodSeconds }}
      securityContext:
        {{- toYaml $postgres.podSecurityContext | nindent 8 }}
      containers:
        - name: postgres
          image: {{ include "common.postgresImage" . }}
          imagePullPolicy: {{ $postgres.image.pullPolicy }}
          {{- with $postgres.parameters }}
          args:
            - postgres
            {{- range $name, $value := . }}
            - -c
            - {{ printf "%s=%s" $name (include "common.plain" $value) }}
            {{- end }}
          {{- end }}
          securityContext:
            {{- toYaml $postgres.securityContext | nindent 12 }}
          ports:
            - name: postgres
              containerPort: 5432
          env:
            - name: POSTGRES_USER
              value: {{ $postgres.auth.username | quote }}
            - name: POSTGRES_DB
              value: {{ $postgres.auth.database | quote }}
            - name: POSTGRES_PASSWORD_FILE
              value: /run/secrets/postgres/password
          lifecycle:
            postStart:
              exec:
                command:
                  - bash
                  - -ec
                  - |
                    {{- include "common.postgresPasswordScript" . | nindent 20 }}
                    apply
          # By TCP: while a new database is being set up, Postgres listens on its socket alone.
          # One that recovers refuses connections (1) and is alive; only silence (2) is death.
          startupProbe:
            exec:
              command: [sh, -c, 'pg_isready --quiet --host 127.0.0.1; [ $? -le 1 ]']
            {{- toYaml $postgres.startupProbe | nindent 12 }}
          readinessProbe:
            exec:
              command: [sh, -c, 'pg_isready --quiet --host 127.0.0.1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB"']
            {{- toYaml $postgres.readinessProbe | nindent 12 }}
          livenessProbe:
            exec:
              command: [sh, -c, 'pg_isready --quiet --host 127.0.0.1; [ $? -le 1 ]']
            {{- toYaml $postgres.livenessProbe | nindent 12 }}
          resources:
            {{- toYaml $postgres.resources | nindent 12 }}
          volumeMounts:
            # The image keeps each major version in a folder of its own below.
            - name: data
              mountPath: /var/lib/postgresql
            - name: run
              mountPath: /var/run/postgresql
            - name: tmp
              mountPath: /tmp
            - name: shm
              mountPath: /dev/shm
            - name: password
              mountPath: /run/secrets/postgres
              readOnly: true
            {{- with $postgres.extraVolumeMounts }}
            {{- tpl (toYaml .) $ | nindent 12 }}
            {{- end }}
        # Begins once the hook above is done, for containers of a pod start one after another.
        - name: password
          image: {{ include "common.postgresImage" . }}
          imagePullPolicy: {{ $postgres.image.pullPolicy }}
          command:
            - bash
            - -uc
            - |
              {{- include "common.postgresRotationScript" . | nindent 14 }}
          securityContext:
            {{- toYaml $postgres.securityContext | nindent 12 }}
          env:
            - name: POSTGRES_USER
              value: {{ $postgres.auth.username | quote }}
            - name: POSTGRES_DB
              value: {{ $postgres.auth.database | quote }}
            - name: DELAY_S
              value: {{ $postgres.auth.rotationDelaySeconds | int | quote }}
          resources:
            {{- toYaml $postgres.auth.resources | nindent 12 }}
          volumeMounts:
            - name: run
              mountPath: /var/run/postgresql
            - name: tmp
              mountPath: /tmp
            - name: password
              mountPath: /run/secrets/postgres
              readOnly: true
      volumes:
        - name: run
          emptyDir:
            sizeLimit: 1Mi
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        - name: shm
          emptyDir:
            medium: Memory
            sizeLimit: 128Mi
        - name: password
          secret:
            secretName: {{ include "common.postgresSecretName" . }}
            items:
              - key: {{ $postgres.auth.passwordKey }}
                path: password
        {{- if not $postgres.persistence.enabled }}
        - name: data
          emptyDir: {}
        {{- else if $postgres.persistence.existingClaim }}
        - name: data
          persistentVolumeClaim:
            claimName: {{ $postgres.persistence.existingClaim }}
        {{- end }}
        {{- with $postgres.extraVolumes }}
        {{- tpl (toYaml .) $ | nindent 8 }}
        {{- end }}
  {{- if and $postgres.persistence.enabled (not $postgres.persistence.existingClaim) }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: data
        labels:
          {{- include "common.selectorLabels" $labels | nindent 10 }}
        {{- with $postgres.persistence.annotations }}
        annotations:
          {{- toYaml . | nindent 10 }}
        {{- end }}
      {{- include "common.claimSpec" $postgres.persistence | nindent 6 }}
  {{- end }}
{{- end -}}

{{/* Argument: the values that hold accessModes, size and storageClass. */}}
{{- define "common.claimSpec" -}}
spec:
  accessModes:
    {{- toYaml .accessModes | nindent 4 }}
  {{- with .storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ .size }}
{{- end -}}

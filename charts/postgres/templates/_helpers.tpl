{{- define "postgres.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: superbill
{{ include "postgres.selector" . }}
{{- end }}

{{- define "postgres.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of a client; the network policy admits pods that have them. */}}
{{- define "postgres.client" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: superbill
superbill/postgres-client: "true"
{{- end }}

{{/* The name of a secret: that of the login owner, server or superuser, or tls. */}}
{{- define "postgres.secret" -}}
{{- get .root.Values.existingSecrets .login | default (printf "%s-%s" .root.Release.Name .login) -}}
{{- end }}

{{/* Postgres logs rows in DETAIL, in statements and in parameters; these settings keep all of them out of its log. */}}
{{- define "postgres.settings" -}}
{{- $private := dict
    "log_error_verbosity" "terse"
    "log_min_error_statement" "panic"
    "log_parameter_max_length" "0"
    "log_parameter_max_length_on_error" "0"
    "log_statement" "none"
    "log_min_duration_statement" "-1" }}
{{- $own := dict "max_connections" (toString .Values.maxConnections) "timezone" "UTC" }}
{{- range $name, $_ := .Values.settings }}
{{- if or (hasKey $private $name) (hasKey $own $name) }}
{{- fail (printf "settings.%s: the chart sets this itself (use the value maxConnections; the others keep rows out of the log)." $name) }}
{{- end }}
{{- end }}
{{- range $name, $value := merge $private $own .Values.settings }}
{{- printf "%s: %s\n" $name ($value | toString | quote) }}
{{- end }}
{{- end }}

{{- define "postgres.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 999
runAsGroup: 999
fsGroup: 999
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "postgres.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* An image of the values: that of Postgres, or rclone's. */}}
{{- define "postgres.image" -}}
image: "{{ .repository }}:{{ .tag }}{{ with .digest }}@{{ . }}{{ end }}"
imagePullPolicy: {{ .pullPolicy }}
{{- end }}

{{/* What all pods of this chart have in common. */}}
{{- define "postgres.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "postgres.podSecurityContext" . | nindent 2 }}
{{- end }}

{{/* A user name, and a password, from a login's secret. */}}
{{- define "postgres.username" -}}
valueFrom: {secretKeyRef: {name: {{ include "postgres.secret" . }}, key: username}}
{{- end }}
{{- define "postgres.password" -}}
valueFrom: {secretKeyRef: {name: {{ include "postgres.secret" . }}, key: password}}
{{- end }}

{{/*
The pod of a job: bash runs `.script` with the password of `.login`; /backup is mounted where `.backup` is set. `.fetch`
is a script of rclone before it, `.copy` one after it; if one of the two fails, the job does.
*/}}
{{- define "postgres.job" -}}
metadata:
  labels:
    {{- include "postgres.client" .root | nindent 4 }}
    {{- if .backup }}
    app.kubernetes.io/name: {{ .root.Chart.Name }}-backup
    {{- end }}
spec:
  restartPolicy: Never
  {{- include "postgres.pod" .root | nindent 2 }}
  {{- if .backup }}
  affinity:  # ReadWriteOnce: one node
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        - topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "postgres.selector" .root | nindent 14 }}
  {{- end }}
  {{- if .fetch }}
  initContainers:
    {{- include "postgres.rclone" (dict "root" .root "name" "fetch" "script" .fetch) | nindent 4 }}
  {{- else if .copy }}
  initContainers:
    {{- include "postgres.client.container" . | nindent 4 }}
  {{- end }}
  containers:
    {{- if .copy }}
    {{- include "postgres.rclone" (dict "root" .root "name" "copy" "script" .copy) | nindent 4 }}
    {{- else }}
    {{- include "postgres.client.container" . | nindent 4 }}
    {{- end }}
  volumes:
    - {name: tmp, emptyDir: {}}
    - name: ca
      secret: {secretName: {{ include "postgres.secret" (dict "root" .root "login" "tls") }}, items: [{key: ca.crt, path: ca.crt}]}
    {{- if .backup }}
    - {name: backup, persistentVolumeClaim: {claimName: {{ .root.Release.Name }}-backup}}
    {{- end }}
    {{- if .sql }}
    - {name: sql, configMap: {name: {{ .root.Release.Name }}-sql}}
    {{- end }}
    {{- with .root.Values.backup.objectStore.caSecret }}
    {{- if and .name (or $.copy $.fetch) }}
    - {name: store-ca, secret: {secretName: {{ .name }}, items: [{key: {{ .key }}, path: ca.crt}]}}
    {{- end }}
    {{- end }}
{{- end }}

{{/* The container of a job in which a client of Postgres runs. */}}
{{- define "postgres.client.container" -}}
- name: postgres
  {{- include "postgres.image" .root.Values.image | nindent 2 }}
  command: [bash, -c]
  args:
    - |
      {{- .script | nindent 6 }}
  env:
    - {name: PGHOST, value: {{ .root.Release.Name }}}
    - {name: PGUSER, value: {{ .user }}}
    - {name: PGDATABASE, value: {{ .database }}}
    - {name: PGSSLMODE, value: verify-full}
    - {name: PGSSLROOTCERT, value: /etc/postgres/ca/ca.crt}
    - name: PGPASSWORD
      {{- include "postgres.password" . | nindent 6 }}
    {{- range $name, $value := .env }}
    - name: {{ $name }}
      {{- $value | nindent 6 }}
    {{- end }}
  resources:
    requests: {cpu: 50m, memory: 64Mi}
    limits: {memory: 512Mi}
  securityContext:
    {{- include "postgres.securityContext" .root | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    - {name: ca, mountPath: /etc/postgres/ca, readOnly: true}
    {{- if .backup }}
    - {name: backup, mountPath: /backup}
    {{- end }}
    {{- if .sql }}
    - {name: sql, mountPath: /sql, readOnly: true}
    {{- end }}
{{- end }}

{{/*
The container in which rclone runs `.script`. Its remote `store:` has the settings of the values and of the secret; the
scripts use `dumps:`, which is the path there, and encrypts.
*/}}
{{- define "postgres.rclone" -}}
{{- with .root.Values.backup.objectStore -}}
- name: {{ $.name }}
  {{- include "postgres.image" .image | nindent 2 }}
  command: [sh, -c]
  args:
    - |
      {{- print ($.root.Files.Get "files/store.sh") $.script | nindent 6 }}
  envFrom:
    - secretRef: {name: {{ .secret }}}
  env:
    - {name: KEEP, value: {{ .keep | quote }}}
    - {name: HOME, value: /tmp}
    - {name: RCLONE_CONFIG, value: /dev/null}
    - {name: RCLONE_TRANSFERS, value: "1"}  # one takes about 120 MiB, the default of four twice as much
    - {name: RCLONE_LOW_LEVEL_RETRIES, value: "4"}  # by default it takes eight minutes to say that there is no store
    # A bucket that does not exist is a mistake in its name.
    - {name: RCLONE_S3_NO_CHECK_BUCKET, value: "true"}
    {{- range $name, $value := .settings }}
    - {name: RCLONE_CONFIG_STORE_{{ upper $name }}, value: {{ $value | toString | quote }}}
    {{- end }}
    - {name: RCLONE_CONFIG_DUMPS_TYPE, value: {{ ternary "crypt" "alias" .encrypted }}}
    - {name: RCLONE_CONFIG_DUMPS_REMOTE, value: {{ printf "store:%s/" .path | quote }}}
    {{- if .encrypted }}
    # Names stay as they are, so that the store's own tools can list the dumps and keep the newest.
    - {name: RCLONE_CONFIG_DUMPS_FILENAME_ENCRYPTION, value: "off"}
    - {name: RCLONE_CONFIG_DUMPS_DIRECTORY_NAME_ENCRYPTION, value: "false"}
    {{- end }}
    {{- if .caSecret.name }}
    - {name: RCLONE_CA_CERT, value: /etc/store/ca/ca.crt}
    {{- end }}
  resources:
    requests: {cpu: 50m, memory: 64Mi}
    limits: {memory: 256Mi}
  securityContext:
    {{- include "postgres.securityContext" $.root | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    - {name: backup, mountPath: /backup}
    {{- if .caSecret.name }}
    - {name: store-ca, mountPath: /etc/store/ca, readOnly: true}
    {{- end }}
{{- end }}
{{- end }}

{{/* Refuses an object store that would get no dumps, or show them. */}}
{{- define "postgres.store.check" -}}
{{- with .Values.backup.objectStore }}
{{- if .enabled }}
{{- if $.Values.cloudNativePG.enabled }}
{{- fail "backup.objectStore: CloudNativePG writes its backups to an ObjectStore of its own, which cloudNativePG.backup.objectStore names." }}
{{- end }}
{{- if not $.Values.backup.enabled }}
{{- fail "backup.objectStore: without backup.enabled there are no dumps that it could get." }}
{{- end }}
{{- if not .path }}
{{- fail "backup.objectStore.path: name the bucket, and a folder in it that no other installation uses." }}
{{- end }}
{{- if not .settings.type }}
{{- fail "backup.objectStore.settings.type: name the kind of the store, as rclone calls it: s3, azureblob, \"google cloud storage\", sftp …" }}
{{- end }}
{{- if not .secret }}
{{- fail "backup.objectStore.secret: name the secret with the credentials of the store and ENCRYPTION_PASSWORD." }}
{{- end }}
{{- range $name, $_ := .settings }}
{{- if regexMatch "pass|secret|token|credentials|key$" $name }}
{{- fail (printf "backup.objectStore.settings.%s: put it into the secret, as RCLONE_CONFIG_STORE_%s." $name (upper $name)) }}
{{- end }}
{{- end }}
{{- if and (not .encrypted) (hasPrefix "http:" (.settings.endpoint | default "" | toString)) }}
{{- fail "backup.objectStore.encrypted: patients' data would go over the network in plain text. Set it to true, or let settings.endpoint begin with https." }}
{{- end }}
{{- if and .keep (lt (int .keep) (int $.Values.backup.keep)) }}
{{- fail (printf "backup.objectStore.keep: the volume keeps %d dumps, and what the store lacks of them is copied again each night. Keep as many there, or 0: all." (int $.Values.backup.keep)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

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

{{- define "postgres.image" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
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

{{/* The pod of a job: bash runs `.script` with the password of `.login`; /backup is mounted where `.backup` is set. */}}
{{- define "postgres.job" -}}
metadata:
  labels:
    {{- include "postgres.client" .root | nindent 4 }}
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
  containers:
    - name: postgres
      {{- include "postgres.image" .root | nindent 6 }}
      command: [bash, -c]
      args:
        - |
          {{- .script | nindent 10 }}
      env:
        - {name: PGHOST, value: {{ .root.Release.Name }}}
        - {name: PGUSER, value: {{ .user }}}
        - {name: PGDATABASE, value: {{ .database }}}
        - {name: PGSSLMODE, value: verify-full}
        - {name: PGSSLROOTCERT, value: /etc/postgres/ca/ca.crt}
        - name: PGPASSWORD
          {{- include "postgres.password" . | nindent 10 }}
        {{- range $name, $value := .env }}
        - name: {{ $name }}
          {{- $value | nindent 10 }}
        {{- end }}
      resources:
        requests: {cpu: 50m, memory: 64Mi}
        limits: {memory: 512Mi}
      securityContext:
        {{- include "postgres.securityContext" .root | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: ca, mountPath: /etc/postgres/ca, readOnly: true}
        {{- if .backup }}
        - {name: backup, mountPath: /backup}
        {{- end }}
        {{- if .sql }}
        - {name: sql, mountPath: /sql, readOnly: true}
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
{{- end }}

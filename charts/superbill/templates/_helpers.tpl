{{- define "superbill.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: superbill
{{ include "superbill.selector" . }}
{{- end }}

{{- define "superbill.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "superbill.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "superbill.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "superbill.image" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/*
A login on the database: `.variable` is the URL's, `.host` where, `.login` whose. User and password do not stand in the
URL: libpq and asyncpg both take them from PGUSER and PGPASSWORD, where no character needs an escape.
*/}}
{{- define "superbill.login" -}}
{{- with .root.Values.database }}
- name: {{ $.variable }}
  value: postgresql://{{ $.host }}:{{ .port }}/{{ .name }}?sslmode={{ .sslMode }}{{ if .caSecret.name }}&sslrootcert=/etc/superbill/ca/{{ .caSecret.key }}{{ end }}
- name: PGUSER
  valueFrom: {secretKeyRef: {name: {{ $.login.secret }}, key: {{ $.login.usernameKey }}}}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ $.login.secret }}, key: {{ $.login.passwordKey }}}}
{{- end }}
{{- end }}

{{- define "superbill.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- with .Values.database.caSecret }}
{{- if .name }}
- {name: ca, mountPath: /etc/superbill/ca, readOnly: true}
{{- end }}
{{- end }}
{{- end }}

{{- define "superbill.volumes" -}}
- {name: tmp, emptyDir: {}}
{{- with .Values.database.caSecret }}
{{- if .name }}
- {name: ca, secret: {secretName: {{ .name }}, items: [{key: {{ .key }}, path: {{ .key }}}]}}
{{- end }}
{{- end }}
{{- end }}

{{/* What every pod of this chart begins with. */}}
{{- define "superbill.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
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
  {{- include "superbill.podSecurityContext" . | nindent 2 }}
{{- end }}

{{/* Refuses what could not work, or would show patients to whoever comes by. */}}
{{- define "superbill.check" -}}
{{- with .Values }}
{{- if not .database.host }}
{{- fail "database.host: which Postgres? Its host name is missing." }}
{{- end }}
{{- range $login := list "server" "owner" }}
{{- if not (get (get $.Values.database $login) "secret") }}
{{- fail (printf "database.%s.secret: the name of the secret is missing that holds this login's user name and password." $login) }}
{{- end }}
{{- end }}
{{- if and (hasPrefix "verify-" .database.sslMode) (not .database.caSecret.name) }}
{{- fail (printf "database.caSecret.name: %s needs the certificate of who has signed the server's. Name the secret that holds it." .database.sslMode) }}
{{- end }}
{{- $pods := .replicas | int }}
{{- if .autoscaling.enabled }}
{{- $pods = .autoscaling.maxReplicas | int }}
{{- end }}
{{- $each := mul .workers (add .connections .streams 1) }}
{{- $needed := add (mul 2 $pods $each) .database.otherConnections }}
{{- if gt (int $needed) (int .database.maxConnections) }}
{{- fail (printf "database.maxConnections: %d pods, and in a rollout as many that are ending, hold %d connections each, and %d are for others: that is %d, and the database gives %d. Lower connections, workers or the number of pods, raise it, or put a pooler before it." $pods (int $each) (int .database.otherConnections) (int $needed) (int .database.maxConnections)) }}
{{- end }}
{{- if and .autoscaling.enabled (gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}
{{- fail (printf "autoscaling.minReplicas: %d is more than autoscaling.maxReplicas, %d." (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}
{{- end }}
{{- if and (or .ingress.enabled .httpRoute.enabled) (not .exposeWithoutAuthentication) }}
{{- fail "exposeWithoutAuthentication: an Ingress or HTTPRoute would let whoever reaches it read and change every patient's bills, as there is no authentication yet. Set it to true if something before it sees to that." }}
{{- end }}
{{- if and .ingress.enabled (not .ingress.tlsSecret) (not .ingress.allowPlainHttp) }}
{{- fail "ingress.tlsSecret: patients' data would go over the network in plain text. Name the secret of a certificate, or set ingress.allowPlainHttp to true where nobody can listen." }}
{{- end }}
{{- if and .httpRoute.enabled (not .httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs: which Gateway? None is named." }}
{{- end }}
{{- end }}
{{- end }}

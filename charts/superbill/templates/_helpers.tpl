{{- define "superbill.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Values.image.tag | quote }}
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
image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* The settings that are whole numbers: the values whose names in capitals are their variables. */}}
{{- define "superbill.numbers" -}}
[workers, connections, streams, lanes, batch, clients, wait, timeout, streamTimeout, keepAlive, drain, databaseWait,
keepAnswers, headLimit, bodyLimit, uploadLimit, trustProxy, metricsPort]
{{- end }}

{{/* HOSTS: the names of the Service are for `helm test` and other pods, localhost is for `kubectl port-forward`. */}}
{{- define "superbill.hosts" -}}
{{- if .Values.hosts }}
{{- $service := printf "%s.%s" .Release.Name .Release.Namespace }}
{{- $own := list .Release.Name $service (print $service ".svc") (print $service ".svc.cluster.local") "localhost" }}
{{- concat .Values.hosts $own | uniq | join "," }}
{{- end }}
{{- end }}

{{/* JWKS: a URL, or the file of the ConfigMap, which the pods mount. */}}
{{- define "superbill.jwks" -}}
{{- with .Values.jwks }}
{{- .url | default (.configMap | empty | ternary "" (printf "/etc/superbill/jwks/%s" .key)) }}
{{- end }}
{{- end }}

{{/* A probe. It calls the pod by its address, so it names a host that the API answers for. */}}
{{- define "superbill.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  {{- with .root.Values.hosts }}
  httpHeaders: [{name: Host, value: {{ first . | quote }}}]
  {{- end }}
timeoutSeconds: 5
{{- end }}

{{/*
A login on the database: `.variable` is the name of the URL's variable, `.host` the server, `.login` the secret. User
and password are not in the URL: libpq and asyncpg take them from PGUSER and PGPASSWORD, where no character needs an
escape.
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

{{/* Where the pods may connect to: a port, and the NetworkPolicyPeers that have it; none: all. */}}
{{- define "superbill.egress" -}}
- ports:
    - {port: {{ .port }}}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* What all pods of this chart have in common. */}}
{{- define "superbill.pod" -}}
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
  {{- include "superbill.podSecurityContext" . | nindent 2 }}
{{- end }}

{{/* Refuses values that cannot work, or that would expose patients' data unintentionally. */}}
{{- define "superbill.check" -}}
{{- with .Values }}
{{- if not .image.tag }}
{{- fail "image.tag: the tag of the image is missing. `make push` builds the image and writes its tag into charts/values/image.yaml." }}
{{- end }}
{{- if not .database.host }}
{{- fail "database.host: the host name of the Postgres server is missing." }}
{{- end }}
{{- range $login := list "server" "owner" }}
{{- if not (get (get $.Values.database $login) "secret") }}
{{- fail (printf "database.%s.secret: name the secret that holds this login's user name and password." $login) }}
{{- end }}
{{- end }}
{{- if and (hasPrefix "verify-" .database.sslMode) (not .database.caSecret.name) }}
{{- fail (printf "database.caSecret.name: %s needs the certificate of the authority that signed the server's. Name the secret that holds it." .database.sslMode) }}
{{- end }}
{{- if and .hosts .ingress.enabled .ingress.host (not (hasPrefix "*" .ingress.host)) (not (has .ingress.host .hosts)) }}
{{- fail (printf "hosts: ingress.host is %s, and requests for it would be refused. Add it, or leave hosts empty." .ingress.host) }}
{{- end }}
{{- $set := list "LOG_LEVEL" "LOG_FORMAT" "OTEL_EXPORTER_OTLP_ENDPOINT" "OTEL_TRACES_SAMPLER" "OTEL_TRACES_SAMPLER_ARG" "ORIGINS" "HOSTS" "PREFIX" "PORT" "CURSOR_SECRET" "DATABASE_URL" "MIGRATION_DATABASE_URL" "PGUSER" "PGPASSWORD" "POD_IP" "ISSUER" "AUDIENCE" "JWKS" "ALGORITHMS" "ROLE_CLAIM" "TENANT_CLAIM" "DEVELOPMENT_IDENTITY" }}
{{- range include "superbill.numbers" $ | fromYamlArray }}
{{- $set = append $set (snakecase . | upper) }}
{{- end }}
{{- if .issuerCaSecret.name }}
{{- $set = append $set "SSL_CERT_FILE" }}
{{- end }}
{{- $twice := list }}
{{- range .extraEnv }}
{{- if has .name $set }}
{{- $twice = append $twice .name }}
{{- end }}
{{- end }}
{{- with $twice }}
{{- fail (printf "extraEnv: the chart sets %s itself; charts/README.md, \"Settings\", says from which values." (join ", " .)) }}
{{- end }}
{{- $pods := .replicas | int }}
{{- if .autoscaling.enabled }}
{{- $pods = .autoscaling.maxReplicas | int }}
{{- end }}
{{- $each := add 1 (mul .workers (add .connections .streams 1)) }}
{{- $needed := add (mul 2 $pods $each) .database.otherConnections }}
{{- if gt (int $needed) (int .database.maxConnections) }}
{{- fail (printf "database.maxConnections: %d pods, and in a rollout as many that are ending, hold %d connections each, and %d are reserved for others: that is %d, and the database allows %d. Lower connections, streams, workers or the number of pods, raise maxConnections, or use a pooler." $pods (int $each) (int .database.otherConnections) (int $needed) (int .database.maxConnections)) }}
{{- end }}
{{- if and .autoscaling.enabled (gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}
{{- fail (printf "autoscaling.minReplicas: %d is more than autoscaling.maxReplicas, %d." (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}
{{- end }}
{{- if hasKey . "exposeWithoutAuthentication" }}
{{- fail "exposeWithoutAuthentication is gone: the API itself asks who calls. Remove the value, and set issuer and audience." }}
{{- end }}
{{- if and .developmentIdentity (or .issuer .audience .jwks.url .jwks.configMap) }}
{{- fail "developmentIdentity: issuer, audience and jwks say who may call, and with the development identity everybody may. Set it to false, or leave the others empty." }}
{{- end }}
{{- if not (or .developmentIdentity .issuer) }}
{{- fail "issuer: name the issuer of the tokens that clients show, and audience. To try the API without patients, set developmentIdentity to true: then every client that reaches it may do everything." }}
{{- end }}
{{- if and .issuer (not .audience) }}
{{- fail "audience: name the audience that tokens for this API have; otherwise the issuer's tokens for other programs would be taken." }}
{{- end }}
{{- if and .jwks.url .jwks.configMap }}
{{- fail "jwks: url and configMap exclude each other." }}
{{- end }}
{{- if and .ingress.enabled (not .ingress.tlsSecret) (not .ingress.allowPlainHttp) }}
{{- fail "ingress.tlsSecret: patients' data would go over the network in plain text. Name the secret of a certificate, or set ingress.allowPlainHttp to true where the network is private." }}
{{- end }}
{{- if and .httpRoute.enabled (not .httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs: name the Gateway." }}
{{- end }}
{{- end }}
{{- end }}

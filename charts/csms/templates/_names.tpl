{{/* Labels of an object of ours; the component is the word that NetworkPolicies and Prometheus know it by. Call with (list $ "api"). */}}
{{- define "csms.labels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: csms
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/part-of: csms
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels of a pod of somebody else's program: without versions of ours, so that a new chart does not restart what it does not change. */}}
{{- define "csms.podLabels" -}}
{{ include "csms.selector" . }}
app.kubernetes.io/part-of: csms
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{/* The labels by which a workload knows its pods; they never change. */}}
{{- define "csms.selector" -}}
app.kubernetes.io/name: csms
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{/* One image reference: a digest wins over a tag, an own image without a tag has the chart's appVersion. Call with (list $ .Values.api.image). */}}
{{- define "csms.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $registry := $root.Values.global.imageRegistry | default $image.registry -}}
{{- $name := printf "%s/%s" $registry $image.repository -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($image.tag | default $root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* What every pod has: restricted Pod Security, spread over nodes and zones, pull secrets, priority. Call with (list $ "api" uid). */}}
{{- define "csms.pod" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $uid := index . 2 -}}
# Variables named after Services would be read as settings: CSMS_API_PORT, KC_...
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $uid }}
  runAsGroup: {{ $uid }}
  fsGroup: {{ $uid }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with $root.Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $root.Values.global.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.global.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.global.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "csms.selector" (list $root $component) | nindent 8 }}
{{- end }}
{{- end }}

{{- define "csms.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
imagePullPolicy: IfNotPresent
{{- end }}

{{/* The Secret with ca.crt of whoever signed the issuer's certificate, for processes of ours that call it; nothing where that is publicly trusted. */}}
{{- define "csms.trust" -}}
{{- if .Values.keycloak.enabled -}}
csms-trust
{{- else -}}
{{ .Values.keycloak.external.authoritySecret }}
{{- end -}}
{{- end }}

{{- define "csms.issuer" -}}
{{- if not .Values.keycloak.enabled -}}
{{ required "keycloak.enabled is false: set keycloak.external.issuer" .Values.keycloak.external.issuer }}
{{- else -}}
{{ include "csms.identityUrl" . }}/realms/csms
{{- end -}}
{{- end }}

{{- define "csms.identityUrl" -}}
{{- if .Values.hosts.identity -}}
https://{{ .Values.hosts.identity }}
{{- else -}}
https://csms-keycloak.{{ .Release.Namespace }}.svc:8443
{{- end -}}
{{- end }}

{{- define "csms.apiUrl" -}}
http://csms-api.{{ .Release.Namespace }}.svc:8080
{{- end }}

{{/* Where stations send their files and fetch firmware. */}}
{{- define "csms.filesUrl" -}}
{{- if .Values.hosts.api -}}
https://{{ .Values.hosts.api }}/api/v1
{{- else -}}
{{ include "csms.apiUrl" . }}/api/v1
{{- end -}}
{{- end }}

{{- define "csms.ocppEndpoint" -}}
{{- if .Values.hosts.ocpp -}}
wss://{{ .Values.hosts.ocpp }}/ocpp
{{- else -}}
wss://csms-gateway-default.demo.svc/ocpp
{{- end -}}
{{- end }}

{{- define "csms.dashboardUrl" -}}
https://{{ .Values.hosts.dashboard | default (printf "csms-dashboard.%s.svc" .Release.Namespace) }}
{{- end }}

{{- define "csms.secret.database" -}}
{{- if .Values.postgres.enabled -}}csms-database{{- else -}}{{ required "postgres.enabled is false: set postgres.external.existingSecret" .Values.postgres.external.existingSecret }}{{- end -}}
{{- end }}

{{- define "csms.secret.migration" -}}
{{- if .Values.postgres.enabled -}}csms-database-admin{{- else -}}{{ required "postgres.enabled is false: set postgres.external.migrationSecret" .Values.postgres.external.migrationSecret }}{{- end -}}
{{- end }}

{{- define "csms.secret.bus" -}}
{{- if .Values.redis.enabled -}}csms-bus{{- else -}}{{ required "redis.enabled is false: set redis.external.existingSecret" .Values.redis.external.existingSecret }}{{- end -}}
{{- end }}

{{- define "csms.secret.dashboard" -}}
{{- if .Values.keycloak.enabled -}}csms-dashboard{{- else -}}{{ required "keycloak.enabled is false: set keycloak.external.dashboardSecret" .Values.keycloak.external.dashboardSecret }}{{- end -}}
{{- end }}

{{- define "csms.secret.operator" -}}
{{- if .Values.keycloak.enabled -}}csms-operator{{- else -}}{{ required "keycloak.enabled is false: set keycloak.external.operatorSecret" .Values.keycloak.external.operatorSecret }}{{- end -}}
{{- end }}

{{/* The client of the installation's test; empty where nobody gave one. */}}
{{- define "csms.secret.selfTest" -}}
{{- if .Values.selfTest.existingSecret -}}{{ .Values.selfTest.existingSecret }}{{- else if .Values.keycloak.enabled -}}csms-self-test{{- end -}}
{{- end }}

{{- define "csms.secret.gateway" -}}
{{- .Values.sites.existingGatewaySecret | default "csms-gateway" -}}
{{- end }}

{{/* What the operator gives to every site: CSMS_PLATFORM, as operator/src/site/platform.ts reads it. */}}
{{- define "csms.platform" -}}
{{- $anywhere := list "0.0.0.0/0" "::/0" -}}
{{- $inside := and .Values.keycloak.enabled (not .Values.hosts.identity) -}}
{{- $network := dict
  "database" (dict "port" (int (ternary 5432 .Values.postgres.external.port .Values.postgres.enabled)))
  "bus" (dict "port" (int (ternary 6379 .Values.redis.external.port .Values.redis.enabled)))
  "api" (dict "port" 8080)
  "issuer" (dict "port" (int (ternary 8443 .Values.keycloak.external.port $inside)))
  "dnsNamespace" .Values.networkPolicies.dnsNamespace
-}}
{{- if not .Values.postgres.enabled }}{{ $_ := set $network.database "cidrs" $anywhere }}{{ end -}}
{{- if not .Values.redis.enabled }}{{ $_ := set $network.bus "cidrs" $anywhere }}{{ end -}}
{{- if not $inside }}{{ $_ := set $network.issuer "cidrs" $anywhere }}{{ end -}}
{{- $scheduling := dict "nodeSelector" .Values.global.nodeSelector "imagePullSecrets" .Values.global.imagePullSecrets "tolerations" .Values.global.tolerations -}}
{{- with .Values.global.priorityClassName }}{{ $_ := set $scheduling "priorityClassName" . }}{{ end -}}
{{- $platform := dict
  "mode" "production"
  "namespace" .Release.Namespace
  "images" (dict "gateway" (include "csms.image" (list $ .Values.sites.images.gateway)) "dashboard" (include "csms.image" (list $ .Values.sites.images.dashboard)) "trainer" (include "csms.image" (list $ .Values.sites.images.trainer)) "mirror" (include "csms.image" (list $ .Values.sites.images.mirror)))
  "version" (.Values.sites.images.gateway.tag | default .Chart.AppVersion)
  "rollouts" (dict "maxConcurrent" (int .Values.operator.maxConcurrentRollouts))
  "apiUrl" (include "csms.apiUrl" .)
  "oidc" (dict "issuer" (include "csms.issuer" .) "audience" "csms-api")
  "ocpp" (dict "port" (int .Values.sites.ocppPort) "endpoint" (include "csms.ocppEndpoint" .))
  "dashboard" (dict "port" 3500 "url" (include "csms.dashboardUrl" .) "replicas" (int .Values.sites.dashboardReplicas))
  "secrets" (dict "database" (include "csms.secret.database" .) "bus" (include "csms.secret.bus" .) "gateway" (include "csms.secret.gateway" .) "dashboard" (include "csms.secret.dashboard" .) "gatewayTls" .Values.certificates.gatewaySecret)
  "network" $network
  "autoscaling" (dict "metricsApi" (eq (include "csms.metricsApi" .) "true"))
  "monitoring" (dict "runbookUrl" (trimSuffix "/" .Values.prometheus.runbookUrl))
  "scheduling" $scheduling
  "logLevel" .Values.logLevel
-}}
{{- with include "csms.trust" . }}{{ $_ := set $platform.secrets "authority" . }}{{ end -}}
{{- with compact (list .Values.hosts.api .Values.hosts.identity .Values.hosts.grafana) }}{{ $_ := set $platform "reservedHosts" . }}{{ end -}}
{{- with .Values.sites.defaultTenant }}{{ $_ := set $platform "defaultTenant" . }}{{ end -}}
{{- if eq .Values.exposure.kind "ingress" }}{{ $_ := set $platform "routes" (dict "ingressClassName" (required "exposure.kind is ingress: set exposure.ingress.className" .Values.exposure.ingress.className) "controllerNamespaces" .Values.networkPolicies.entranceNamespaces) }}{{ end -}}
{{- if eq .Values.exposure.kind "gateway" }}{{ $_ := set $platform "routes" (dict "gateway" (dict "name" .Values.exposure.gateway.name "namespace" (.Values.exposure.gateway.namespace | default .Release.Namespace)) "controllerNamespaces" .Values.networkPolicies.entranceNamespaces) }}{{ end -}}
{{- if eq .Values.certificates.mode "cert-manager" }}{{ $_ := set $platform "certificates" (dict "issuer" .Values.certificates.issuer.name "issuerKind" .Values.certificates.issuer.kind) }}{{ end -}}
{{- mergeOverwrite $platform .Values.sites.platform | toJson -}}
{{- end }}

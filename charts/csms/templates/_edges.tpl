{{/*
Who may talk to whom, once: the NetworkPolicies are made of this list and docs/reference/network.md is printed from what they say. `site:` is a pod that the operator made,
in any namespace; `outside` is any address, `kubernetes` the API server, `entrance` the namespaces of ingress controllers and gateways.
*/}}
{{- define "csms.edges" -}}
- { from: operator, to: kubernetes, port: {{ .Values.networkPolicies.kubernetesPort }} }
- { from: operator, to: api, port: 8080 }
{{- if include "csms.metricsApi" . }}
- { from: kubernetes, to: operator, port: 9443 }
- { from: operator, to: "site:ocpp-gateway", port: 9464 }
{{- end }}
- { from: "site:dashboard", to: api, port: 8080 }
- { from: entrance, to: api, port: 8080 }
{{- if .Values.postgres.enabled }}
- { from: api, to: postgres, port: 5432 }
- { from: "site:ocpp-gateway", to: postgres, port: 5432 }
- { from: "site:ml-trainer-daily", to: postgres, port: 5432 }
- { from: "site:ml-trainer-deep", to: postgres, port: 5432 }
- { from: "site:mirror", to: postgres, port: 5432 }
{{- if .Values.keycloak.enabled }}
- { from: keycloak, to: postgres, port: 5432 }
{{- end }}
{{- if .Values.backup.enabled }}
- { from: backup, to: postgres, port: 5432 }
{{- end }}
{{- else }}
- { from: api, to: outside, port: {{ .Values.postgres.external.port }} }
{{- if .Values.keycloak.enabled }}
- { from: keycloak, to: outside, port: {{ .Values.postgres.external.port }} }
{{- end }}
{{- if .Values.backup.enabled }}
- { from: backup, to: outside, port: {{ .Values.postgres.external.port }} }
{{- end }}
{{- end }}
{{- if .Values.redis.enabled }}
- { from: api, to: redis, port: 6379 }
- { from: "site:ocpp-gateway", to: redis, port: 6379 }
- { from: "site:mirror", to: redis, port: 6379 }
{{- else }}
- { from: api, to: outside, port: {{ .Values.redis.external.port }} }
{{- end }}
{{- if and .Values.keycloak.enabled (not .Values.hosts.identity) }}
- { from: api, to: keycloak, port: 8443 }
- { from: operator, to: keycloak, port: 8443 }
- { from: "site:dashboard", to: keycloak, port: 8443 }
{{- else }}
- { from: operator, to: outside, port: {{ .Values.keycloak.external.port }} }
{{- end }}
{{- if .Values.keycloak.enabled }}
- { from: entrance, to: keycloak, port: 8443 }
{{- end }}
{{- if or .Values.hosts.identity (not .Values.keycloak.enabled) .Values.api.files.s3.url .Values.api.outgoing }}
- { from: api, to: outside, port: 443 }
{{- end }}
{{- if .Values.prometheus.enabled }}
{{- if eq .Values.prometheus.discovery "kubernetes" }}
- { from: prometheus, to: kubernetes, port: {{ .Values.networkPolicies.kubernetesPort }} }
{{- end }}
- { from: prometheus, to: api, port: 9464 }
- { from: prometheus, to: operator, port: 9464 }
- { from: prometheus, to: "site:ocpp-gateway", port: 9464 }
- { from: prometheus, to: "site:dashboard", port: 9464 }
- { from: prometheus, to: "site:mirror", port: 9464 }
{{- if .Values.keycloak.enabled }}
- { from: prometheus, to: keycloak, port: 9000 }
{{- end }}
{{- if .Values.prometheus.alertmanagers }}
- { from: prometheus, to: outside, port: 9093 }
{{- end }}
{{- end }}
{{- if .Values.grafana.enabled }}
- { from: entrance, to: grafana, port: 3000 }
{{- if .Values.prometheus.enabled }}
- { from: grafana, to: prometheus, port: 9090 }
{{- end }}
{{- if .Values.logs.enabled }}
- { from: grafana, to: logs, port: 9428 }
{{- end }}
{{- if and .Values.prometheus.external.url (not .Values.prometheus.enabled) }}
- { from: grafana, to: outside, port: {{ .Values.prometheus.external.port }} }
{{- end }}
{{- end }}
{{- if .Values.logs.enabled }}
- { from: "collector", to: logs, port: 9428 }
{{- end }}
- { from: test, to: api, port: 8080 }
{{- if and .Values.keycloak.enabled (not .Values.hosts.identity) }}
- { from: test, to: keycloak, port: 8443 }
{{- else }}
- { from: test, to: outside, port: {{ .Values.keycloak.external.port }} }
{{- end }}
{{- if or .Values.hosts.ocpp .Values.selfTest.endpoint }}
{{- if not (and (or .Values.hosts.identity (not .Values.keycloak.enabled)) (eq (int .Values.keycloak.external.port) 443)) }}
- { from: test, to: outside, port: 443 }
{{- end }}
{{- end }}
- { from: test, to: "site:ocpp-gateway", port: {{ .Values.sites.ocppPort }} }
{{- end }}

{{/* One end of an edge as a peer of a NetworkPolicy. Call with (list $ end). */}}
{{- define "csms.peer" -}}
{{- $root := index . 0 -}}
{{- $end := index . 1 -}}
{{- if or (eq $end "outside") (eq $end "kubernetes") -}}
- ipBlock: { cidr: 0.0.0.0/0 }
- ipBlock: { cidr: "::/0" }
{{- else if eq $end "entrance" -}}
{{- range $root.Values.networkPolicies.entranceNamespaces }}
- namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ . }} } }
{{- end }}
{{- else if eq $end "collector" -}}
- namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ $root.Values.logs.collectorNamespace }} } }
{{- else if hasPrefix "site:" $end -}}
- namespaceSelector: {}
  podSelector: { matchLabels: { app.kubernetes.io/name: csms, app.kubernetes.io/managed-by: csms-operator, app.kubernetes.io/component: {{ trimPrefix "site:" $end }} } }
{{- else -}}
- podSelector: { matchLabels: { app.kubernetes.io/name: csms, app.kubernetes.io/component: {{ $end }}, app.kubernetes.io/instance: {{ $root.Release.Name }} } }
{{- end -}}
{{- end }}

{{/*
Whether the operator serves custom.metrics.k8s.io. A cluster has that API once: where another release or an adapter of somebody else registered it, it stays theirs, and
the operator counts gateways by the stations in the books. An operator that watches some namespaces alone registers nothing: it has no right in the cluster as a whole.
*/}}
{{- define "csms.metricsApi" -}}
{{- if and .Values.metricsApi.enabled (not .Values.operator.watchNamespaces) -}}
{{- $there := lookup "apiregistration.k8s.io/v1" "APIService" "" "v1beta2.custom.metrics.k8s.io" -}}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-namespace" "" $there -}}
{{- if or (not $there) (eq $release .Release.Namespace) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/* The registration, its Service, its certificate, and the right to read who the API server's front proxy is. Call with (list $ authority). */}}
{{- define "csms.metricsApiObjects" -}}
{{- $root := index . 0 -}}
{{- $ca := index . 1 -}}
{{- $ns := $root.Release.Namespace -}}
{{- include "csms.certificate" (list $root "csms-metrics-api-tls" "operator" $ca (list (printf "csms-metrics-api.%s.svc" $ns))) }}
---
apiVersion: v1
kind: Service
metadata:
  name: csms-metrics-api
  namespace: {{ $ns }}
  labels: {{- include "csms.labels" (list $root "operator") | nindent 4 }}
spec:
  selector: {{- include "csms.selector" (list $root "operator") | nindent 4 }}
  ports:
    - { name: metrics-api, port: 443, targetPort: metrics-api, appProtocol: https }
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: v1beta2.custom.metrics.k8s.io
  labels: {{- include "csms.labels" (list $root "operator") | nindent 4 }}
spec:
  group: custom.metrics.k8s.io
  version: v1beta2
  groupPriorityMinimum: 100
  versionPriority: 100
  service: { name: csms-metrics-api, namespace: {{ $ns }}, port: 443 }
  caBundle: {{ $ca.Cert | b64enc }}
---
# Who may ask the operator for metrics: the API server publishes the authority of its front proxy there.
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $ns }}-csms-metrics-api
  namespace: kube-system
  labels: {{- include "csms.labels" (list $root "operator") | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader }
subjects: [{ kind: ServiceAccount, name: csms-operator, namespace: {{ $ns }} }]
{{- end }}

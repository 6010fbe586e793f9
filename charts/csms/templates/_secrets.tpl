{{/* A Secret that the chart makes and keeps. Call with (list $ name component values). */}}
{{- define "csms.madeOnce" -}}
{{- $root := index . 0 }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ index . 1 }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "csms.labels" (list $root (index . 2)) | nindent 4 }}
  annotations: { helm.sh/resource-policy: keep }
type: Opaque
data:
{{- range $key, $value := index . 3 }}
  {{ $key }}: {{ $value | b64enc }}
{{- end }}
{{- end }}

{{/* A server certificate under the chart's authority, or the one that is there. Call with (list $ secret component authority names). */}}
{{- define "csms.certificate" -}}
{{- $root := index . 0 -}}
{{- $kept := (lookup "v1" "Secret" $root.Release.Namespace (index . 1)).data | default dict -}}
{{- $names := index . 4 }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ index . 1 }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "csms.labels" (list $root (index . 2)) | nindent 4 }}
  annotations: { helm.sh/resource-policy: keep }
type: kubernetes.io/tls
data:
{{- if index $kept "tls.key" }}
  tls.crt: {{ index $kept "tls.crt" }}
  tls.key: {{ index $kept "tls.key" }}
{{- else }}
{{- $made := genSignedCert (first $names) nil $names 825 (index . 3) }}
  tls.crt: {{ $made.Cert | b64enc }}
  tls.key: {{ $made.Key | b64enc }}
{{- end }}
{{- end }}

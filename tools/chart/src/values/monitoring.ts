import { z } from 'zod';
import { image, portNumber, resources, secretName, size } from './parts.ts';

const duration = z.string().regex(/^[1-9][0-9]*(s|m|h|d|w|y)$/);
const address = z.union([z.literal(''), z.url()]).default('');

export const prometheus = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('docker.io', 'prom/prometheus', 'v3.5.0'),
  retention: duration.default('15d'),
  size: size.default('20Gi'),
  scrapeInterval: duration.default('15s'),
  discovery: z.enum(['kubernetes', 'dns']).default('kubernetes').describe('How it finds processes: by the API server, or by names of headless Services, for a Prometheus that was built without the former (Debian’s) or must have no account.'),
  gatewayPods: z.array(z.string().min(1)).default([]).describe('With discovery dns: the headless Service of each pool, such as csms-gateway-default-pods.demo.svc.'),
  dashboards: z.array(z.string().min(1)).default([]).describe('With discovery dns: the Service of each namespace’s dashboard, such as csms-dashboard.demo.svc.'),
  alertmanagers: z.array(z.string().min(1)).default([]).describe('host:9093 of each Alertmanager.'),
  runbookUrl: z.url().default('https://github.com/charge-it/csms/blob/main/docs/runbooks/').describe('Where the runbooks of alerts are.'),
  resources: resources('100m', '256Mi', '768Mi'),
  external: z.strictObject({ url: address.describe('For Grafana’s data source, where enabled is false.'), port: portNumber.default(9_090) }).prefault({}),
}).prefault({});

export const grafana = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('docker.io', 'grafana/grafana', '12.1.1'),
  existingSecret: secretName.describe('With GF_SECURITY_ADMIN_USER and GF_SECURITY_ADMIN_PASSWORD; empty: made once.'),
  resources: resources('50m', '128Mi', '384Mi'),
}).prefault({});

export const logs = z.strictObject({
  enabled: z.boolean().default(true),
  image: image('docker.io', 'victoriametrics/victoria-logs', 'v1.28.0'),
  retention: duration.default('30d'),
  size: size.default('20Gi'),
  collectorNamespace: z.string().min(1).default('logging').describe('From where a collector may push. Reading logs from nodes is not allowed under restricted Pod Security, so the collector lives elsewhere.'),
  resources: resources('50m', '96Mi', '384Mi'),
  external: z.strictObject({ url: address.describe('Of another store for Grafana, where enabled is false.') }).prefault({}),
}).prefault({});

export const networkPolicies = z.strictObject({
  enabled: z.boolean().default(true),
  kubernetesPort: portNumber.default(6_443).describe('Of the API server behind the Service kubernetes: policies see the address after translation.'),
  dnsNamespace: z.string().default('kube-system'),
  entranceNamespaces: z.array(z.string().min(1)).default(['ingress-nginx', 'kube-system']).describe('Where ingress controllers and gateways run.'),
}).prefault({}).describe('Default deny in both directions, and the edges of docs/reference/network.md.');

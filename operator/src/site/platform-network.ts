import { z } from 'zod';

const name = z.string().min(1);
const port = (usual: number) => z.int().min(1).max(65_535).default(usual);

/** Where a server is that pods of ours connect to: in the platform's namespace, in another one, or outside at addresses. */
const server = (usualPort: number, what: string) =>
  z
    .strictObject({
      port: port(usualPort),
      namespace: name.optional().describe("Absent: the platform's own."),
      cidrs: z.array(z.string().min(3)).max(20).optional().describe('Addresses outside the cluster instead of a namespace, such as 203.0.113.0/24.'),
    })
    .prefault({})
    .describe(what);

/** Part of CSMS_PLATFORM: what pods of sites may reach, and who may reach them. */
export const NetworkPlatform = z
  .strictObject({
    database: server(5432, 'PostgreSQL.'),
    bus: server(6379, 'Redis, or PostgreSQL where that is the bus.'),
    api: server(8080, 'The API.'),
    issuer: server(443, 'The OIDC issuer.'),
    dnsNamespace: name.default('kube-system'),
    /** Scrapes and probes come from here, beside the kubelet. */
    monitoringNamespaces: z.array(name).max(10).default([]).describe("Namespaces whose pods may read metrics, beside the platform's own."),
    chargerCidrs: z.array(z.string().min(3)).max(50).default([]).describe('Addresses from which chargers may come; none named: all.'),
  })
  .prefault({})
  .describe('The connections that network policies leave open.');
export type Server = z.infer<typeof NetworkPlatform>['database'];

/** Part of CSMS_PLATFORM: how hosts lead to gateways and dashboards. */
export const Routes = z
  .strictObject({
    gateway: z
      .strictObject({ name, namespace: name, chargersSection: name.optional().describe('Its listener that passes TLS through.'), dashboardsSection: name.optional() })
      .optional()
      .describe('The Gateway (gateway.networking.k8s.io) that HTTPRoutes and TLSRoutes name as their parent.'),
    ingressClassName: name.optional().describe('The class of an Ingress, where the cluster has no Gateway API.'),
    controllerNamespaces: z.array(name).max(10).default([]).describe('From where proxies connect; none named: from everywhere.'),
  })
  .describe('How hosts that sites name lead to them. Absent: somebody else sees to that.');

/** Part of CSMS_PLATFORM: what is said to the monitoring of the cluster, where it has one. */
export const Monitoring = z
  .strictObject({
    labels: z.record(z.string(), z.string()).default({}).describe('Labels by which a Prometheus chooses its ServiceMonitors and PrometheusRules, such as release: kube-prometheus-stack.'),
    prometheusUrl: z.url().optional().describe('Where KEDA asks for the number of connections. Absent: KEDA is not used.'),
    runbookUrl: z.string().default('https://github.com/charge-it/csms/blob/main/docs/runbooks').describe('Folder of the runbooks that alerts link to.'),
    scrapeSeconds: z.int().min(5).max(300).default(30),
  })
  .prefault({})
  .describe('What a Prometheus of the cluster is told.');

import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { serviceKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { disruptionBudget } from './disruption-budget.ts';
import { DASHBOARD_NAME, SCRAPED_LABEL, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';
import { ADMIN_PORT, podTemplate } from './pod.ts';
import { rollingDeployment } from './rolling-deployment.ts';
import { serviceAccountName } from './service-accounts.ts';
import { chosenVersion, versionLabel } from './versions.ts';

const owner: Owner = { kind: 'namespace' };
const trustFolder = '/etc/csms/trust';

/** Where people reach a site's dashboard. In the lab nothing routes host names, so the platform's own address holds. */
export const dashboardUrl = (site: ChargingSite, platform: Platform): string =>
  platform.mode === 'lab' || site.spec.dashboard.host === undefined ? platform.dashboard.url : `https://${site.spec.dashboard.host}`;

/** Which namespace's Deployment serves the dashboards of a namespace. */
export const dashboardNamespace = (namespace: string, platform: Platform): string => platform.dashboard.onlyNamespace ?? namespace;

/** The dashboard of a namespace: one Deployment for all its sites, and its Service; nothing where there is no site, or where another namespace serves it. */
export function dashboard(namespace: Namespace, sites: ChargingSite[], platform: Platform, running?: string): Desired[] {
  const first = sites[0];
  if (first === undefined || dashboardNamespace(namespace.name, platform) !== namespace.name) return [];
  const { version, images } = chosenVersion(sites, running, platform);
  const template = podTemplate({
    component: 'dashboard',
    labels: labelsOf('dashboard', owner),
    image: images.dashboard,
    env: {
      CSMS_MODE: platform.mode,
      LOG_LEVEL: platform.logLevel,
      CSMS_DASHBOARD_PORT: String(platform.dashboard.port),
      CSMS_DASHBOARD_URL: dashboardUrl(first, platform),
      CSMS_API_URL: platform.apiUrl,
      OIDC_ISSUER: platform.oidc.issuer,
      OIDC_AUDIENCE: platform.oidc.audience,
      NODE_EXTRA_CA_CERTS: platform.secrets.authority === undefined ? undefined : `${trustFolder}/ca.crt`,
    },
    secrets: [platform.secrets.dashboard],
    files: platform.secrets.authority === undefined ? [] : [{ name: 'trust', secret: platform.secrets.authority, folder: trustFolder }],
    ports: [{ name: 'http', containerPort: platform.dashboard.port }],
    requests: { cpu: '50m', memory: '96Mi' },
    memoryMax: '256Mi',
    graceSeconds: 30,
    preStopSeconds: 5,
    spread: selectorOf('dashboard', owner),
    serviceAccount: serviceAccountName('dashboard'),
    scheduling: platform.scheduling,
    restartPolicy: 'Always',
  });
  return [
    rollingDeployment({
      name: DASHBOARD_NAME,
      namespace: namespace.name,
      labels: { ...labelsOf('dashboard', owner), ...versionLabel(version) },
      selector: selectorOf('dashboard', owner),
      replicas: platform.dashboard.replicas,
      template,
    }),
    {
      kind: serviceKind,
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: DASHBOARD_NAME, namespace: namespace.name, labels: { ...labelsOf('dashboard', owner), ...SCRAPED_LABEL } },
        spec: {
          type: 'ClusterIP',
          selector: selectorOf('dashboard', owner),
          ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }, { name: 'admin', port: ADMIN_PORT, targetPort: 'admin', protocol: 'TCP' }],
        },
      },
    },
    disruptionBudget(DASHBOARD_NAME, namespace.name, 'dashboard', owner),
  ];
}

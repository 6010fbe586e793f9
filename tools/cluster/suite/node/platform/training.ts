import { SiteForecast } from '@csms/contracts/http/forecasts';
import { uuidv7 } from '@csms/kit';
import { until } from '@csms/kube/testing/until';
import { importHistory } from '@csms/local/history';
import { expect, it } from 'vitest';
import { openBrowser, signInAtDashboard } from './dashboard.ts';
import { dashboardHost, type Installation } from './installation.ts';
import { siteId } from './site.ts';

const timeZone = 'America/Denver';
const boulder = (namespace: string): string => `apiVersion: csms.charge-it.io/v1alpha1
kind: ChargingSite
metadata: { name: boulder, namespace: ${namespace} }
spec:
  displayName: City of Boulder
  location: { latitude: 40.015, longitude: -105.2705, timeZone: ${timeZone} }
  ocpp: { securityProfile: 2 }
  grid: { maxPowerKw: 120 }
`;

export function trainingProofs(installed: () => Installation): void {
  it('the CronJob of a site trains in a pod on real history, and the forecast changes: in the API, on the dashboard and in the status of the site', async () => {
    const installation = installed();
    const { cluster, siteNamespace, shell } = installation;
    await shell(`kubectl apply -f - <<'SITE'\n${boulder(siteNamespace)}SITE`);
    const api = await installation.api();
    const site = await siteId(installation, 'boulder');
    const forecast = async (): Promise<SiteForecast> => api.call('GET', `/forecasts/${site}`, SiteForecast);
    const before = await forecast();
    expect(before.points).toEqual([]);
    const { DATABASE_URL: databaseUrl } = await installation.secret('csms-database');
    const { inserted } = await importHistory({ databaseUrl: databaseUrl ?? '', tenant: siteNamespace, siteId: site, timeZone, now: new Date(), newId: () => uuidv7() });
    expect(inserted).toBeGreaterThan(1_000);

    await shell(`kubectl --namespace ${siteNamespace} create job --from=cronjob/trainer-boulder-daily trained-now
kubectl --namespace ${siteNamespace} wait --for=condition=Complete job/trained-now --timeout=240s`);
    const lines = await shell(`kubectl --namespace ${siteNamespace} logs job/trained-now`);
    expect(lines).toContain('training ended');
    const after = await forecast();
    expect(after.points.length).toBeGreaterThanOrEqual(24);

    const browser = await openBrowser(installation);
    try {
      await signInAtDashboard(installation, browser);
      const shown = SiteForecast.parse(JSON.parse((await browser.visit(`https://${dashboardHost}/api/v1/forecasts/${site}`)).body));
      expect(shown.points.map(({ at, p50Wh }) => [at, p50Wh])).toEqual(after.points.map(({ at, p50Wh }) => [at, p50Wh]));
    } finally {
      await browser.close();
    }
    await until('the status of the site says when it was trained', async () => (await cluster.kubectl('-n', siteNamespace, 'get', 'chargingsite', 'boulder', '-o', 'jsonpath={.status.training.lastSuccess}')) !== '', 90_000);
  }, 420_000);
}

import { expect, it } from 'vitest';
import { until } from '@csms/kube/testing/until';
import { z } from 'zod';
import { Browser } from './browser.ts';
import { dashboardHost, type Installation } from './installation.ts';

/** A person’s browser before the dashboard of the sample site, whose host leads to its Service. */
export async function openBrowser(installation: Installation): Promise<Browser> {
  return new Browser({ trustAnchors: await installation.trustAnchors(), routes: { [dashboardHost]: `http://csms-dashboard.${installation.siteNamespace}.svc` } });
}

/** Signs the admin in at the dashboard; its cookie is in the browser then. Throws where the dashboard does not take them back. */
export async function signInAtDashboard(installation: Installation, browser: Browser): Promise<void> {
  const page = await browser.follow(`https://${dashboardHost}/sign-in?return=/sites`);
  const home = await browser.signIn(page, installation.admin);
  if (home.url !== `https://${dashboardHost}/sites` || home.status !== 200) throw new Error(`signing in ended at ${home.url} with ${home.status}: ${home.body.slice(0, 200)}`);
}

const Sessions = z.object({ items: z.array(z.object({ stationIdentity: z.string() })).min(1) });

export function dashboardProofs(installed: () => Installation): void {
  it('the dashboard answers under its host name; whoever is not signed in comes to the page of Keycloak, and whoever is sees the sessions of their tenant', async () => {
    const installation = installed();
    const { cluster, siteNamespace } = installation;
    await cluster.kubectl('-n', siteNamespace, 'patch', 'chargingsite', 'bandung-01', '--type=merge', '-p', JSON.stringify({ spec: { dashboard: { host: dashboardHost } } }));
    await until('the dashboard knows its host', async () => (await cluster.kubectl('-n', siteNamespace, 'get', 'deployment', 'csms-dashboard', '-o', 'jsonpath={.spec.template.spec.containers[0].env}')).includes(dashboardHost), 60_000);
    await installation.shell(`kubectl --namespace ${siteNamespace} rollout status deployment/csms-dashboard --timeout=120s`);

    const browser = await openBrowser(installation);
    try {
      // The Service may lead to the old pod for a moment, which knows no host of its own and sends people elsewhere.
      const page = await until('the Service leads to the new dashboard', async () => { const answer = await browser.visit(`https://${dashboardHost}/`); return answer.status === 200 && answer; }, 30_000);
      expect(page.body).toContain('<div id="root">');
      expect((await browser.visit(`https://${dashboardHost}/api/v1/sessions`)).status).toBe(401);
      const form = await until('the page of Keycloak', async () => { const answer = await browser.follow(`https://${dashboardHost}/sign-in`); return answer.body.includes('kc-form-login') && answer; }, 30_000);
      expect(form.url).toContain(`https://csms-keycloak.${installation.namespace}.svc:8443/realms/csms/`);
      await until('the way through the form of Keycloak and back', async () => {
        await signInAtDashboard(installation, browser).catch(async (error: unknown) => { if ((await browser.visit(`https://${dashboardHost}/api/v1/sessions`)).status !== 200) throw error; });
        return true;
      }, 30_000);
      const sessions = await browser.visit(`https://${dashboardHost}/api/v1/sessions`);
      expect(Sessions.parse(JSON.parse(sessions.body)).items.map(({ stationIdentity }) => stationIdentity)).toContainEqual(expect.stringMatching(/^CP_/));
    } finally {
      await browser.close();
    }
  }, 240_000);
}

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SessionPage } from '@csms/contracts/http/index';
import { secretKind } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { expect, it } from 'vitest';
import { rootDir } from '../../test-cluster.ts';
import { chart, values, type Installation } from './installation.ts';
import { connectStation, siteId } from './site.ts';

const releases = join(rootDir, 'tools/chart/testdata/releases');

/** The chart of the release before this one, with the values that it was installed with on a small machine. */
export function releaseBefore(): { version: string; chart: string; values: string[] } {
  const files = readdirSync(releases);
  const versions = files.flatMap((file) => /^csms-(\d+\.\d+\.\d+)\.tgz$/.exec(file)?.[1] ?? []).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const version = versions.at(-1);
  if (version === undefined) throw new Error(`there is no packaged chart in ${releases}`);
  return { version, chart: join(releases, `csms-${version}.tgz`), values: ['small', 'local-images'].flatMap((name) => ['--values', join(releases, `csms-${version}-${name}-values.yaml`)]) };
}

/** Secrets of the installation as digests by name: none is printed. */
async function secretsOf({ cluster, namespace }: Installation): Promise<Record<string, string>> {
  const { items } = await cluster.client.list(secretKind, { namespace });
  return Object.fromEntries(items.filter((secret) => !String(secret['type']).startsWith('helm.sh/')).map((secret) => [secret.metadata.name, createHash('sha256').update(JSON.stringify(secret['data'])).digest('hex')]));
}

export function renewalProofs(installed: () => Installation, card: string): void {
  const before = releaseBefore();

  it(`O-59 an uninstall keeps the CRD, the sites, Secrets and claims; the chart ${before.version} installed again takes them up, the upgrade to this one changes no Secret and loses no session, and charging goes on`, async () => {
    const installation = installed();
    const { cluster, namespace, siteNamespace, helm } = installation;
    const api = await installation.api();
    const sessionsOf = async (): Promise<string[]> => (await api.call('GET', '/sessions?limit=500', SessionPage)).items.map(({ id }) => id).sort();
    const [secrets, sessions] = [await secretsOf(installation), await sessionsOf()];
    expect(sessions.length).toBeGreaterThan(10);

    await helm('uninstall', 'csms', '--wait');
    expect(await cluster.kubectl('get', 'crd', 'chargingsites.csms.charge-it.io', '-o', 'name')).toContain('chargingsites');
    expect(await cluster.kubectl('-n', siteNamespace, 'get', 'chargingsites', '-o', 'name')).toContain('bandung-01');
    expect(await secretsOf(installation)).toEqual(secrets);
    expect(await cluster.kubectl('-n', namespace, 'get', 'pvc', '-o', 'name')).toContain('data-csms-postgres-0');

    await helm('install', 'csms', before.chart, '--skip-crds', ...before.values);
    await until('the stores of the release before are there', async () => (await cluster.kubectl('-n', namespace, 'get', 'statefulset', 'csms-postgres', '-o', 'jsonpath={.status.readyReplicas}')) === '1', 120_000);
    const uidOfStore = async (): Promise<string> => cluster.kubectl('-n', namespace, 'get', 'pod', 'csms-postgres-0', '-o', 'jsonpath={.metadata.uid}');
    // Helm changes no CRD that is there: the upgrade's page says this line first.
    await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--field-manager=helm', '--filename', join(chart, 'crds'));
    await helm('upgrade', 'csms', chart, ...values);
    await installation.untilRolledOut();
    const store = await uidOfStore();
    const kept = await secretsOf(installation);
    for (const [name, digest] of Object.entries(secrets)) expect(kept[name], name).toBe(digest);

    await until('the API answers with the books of before', async () => (await sessionsOf()).filter((id) => sessions.includes(id)).length === sessions.length, 120_000);
    const { id, charger } = await connectStation(installation, await siteId(installation, 'bandung-01'), 'CP_RENEWED');
    try {
      // The same chart again: stores and identity are not touched, whatever else is said to our processes.
      await helm('upgrade', 'csms', chart, ...values, '--set', 'logLevel=debug');
      const { energyWh } = await charger.charge(card, 200);
      await installation.untilRolledOut();
      expect(await uidOfStore()).toBe(store);
      const session = await until('its session is in the books', async () => (await api.call('GET', `/sessions?stationId=${id}`, SessionPage).catch(() => undefined))?.items.find(({ bill }) => bill?.state === 'final'), 60_000);
      expect(session.energyWh).toBe(energyWh);
    } finally {
      await charger.station.stop();
    }
  }, 480_000);
}

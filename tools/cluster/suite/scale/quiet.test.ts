import { startBooksApi, type BooksApi } from '@csms/operator/testing/books-api';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_WRITE_EVERY_MS } from '@csms/kube/event-recorder';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOperatorHome, type OperatorHome } from '../operator/running-operator.ts';
import { applySiteCrd, openTestCluster, rootDir, type TestCluster } from '../test-cluster.ts';
import { AuditLog, describeEntry, isWrite } from './audit-log.ts';
import { versions } from './comparable.ts';
import { isReady, makeNamespaces, makeSites, manySites, removeNamespaces, sitesNow } from './many-sites.ts';
import { asInstalled, metricsOf, pause, pidOf, untilStill, type Measured } from './measured.ts';
import { quantiles } from './operator-metrics.ts';
import { connectionsTo } from './process-facts.ts';

/* What a hundred sites in twenty namespaces cost while nothing changes. The long form, with 500 sites and figures of time and memory, is `npm run bench -- --only operator`. */
const seconds = Number(process.env['CSMS_TEST_QUIET_SECONDS'] ?? 60);
const apiPort = 6443;
let cluster: TestCluster;
let books: BooksApi;
let home: OperatorHome;
let measured: Measured;
const many = manySites(`quiet-${Date.now().toString(36)}`, 20, 5);

beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  books = await startBooksApi();
  home = await openOperatorHome(cluster, books.url);
  // Somebody else's cluster has no audit log that can be read here; what was written and changed something shows in the versions of objects.
  const audit = AuditLog.of({ namespace: home.namespace, name: 'csms-operator' }) ?? { since: async () => [] };
  measured = { cluster, books, home, audit, many, operator: home.start(asInstalled) };
  await makeNamespaces(cluster, many);
  await makeSites(cluster, many);
  await until('all sites are Ready', async () => {
    const ready = (await sitesNow(cluster, many)).filter(isReady).length;
    if (ready < many.sites.length) throw new Error(`${ready} are`);
    return true;
  }, 170_000);
});
afterAll(async () => {
  await home?.close();
  if (cluster !== undefined) await removeNamespaces(cluster, many);
  await books?.close();
  await cluster?.close();
});

const versionsNow = async (): Promise<string[]> => (await Promise.all(many.namespaces.map((namespace) => versions(cluster, namespace)))).flat();

describe('a hundred sites while nothing changes', () => {
  it(`O-16 in ${seconds} s nothing is written, and no run asks the API server for anything that a copy has`, { timeout: 240_000 + seconds * 1000 }, async () => {
    // What happened twice while the sites came up has its count written that late.
    await untilStill(measured, EVENT_WRITE_EVERY_MS + 3_000, 150_000);
    const before = await metricsOf(measured.operator);
    const objects = await versionsNow();
    await measured.audit.since();
    await pause(seconds * 1000);
    expect(await versionsNow()).toEqual(objects);
    const entries = await measured.audit.since();
    expect(entries.filter(isWrite).map(describeEntry)).toEqual([]);
    // Beside the leader's lease: discovery of optional kinds, watches that the server ended, and the platform's own Secrets by name, whose copies are looked at every five minutes.
    const asked = entries.filter(({ verb, objectRef }) => verb !== 'watch' && objectRef !== undefined && objectRef.resource !== 'leases' && !(verb === 'get' && objectRef.resource === 'secrets'));
    expect(asked.map(describeEntry)).toEqual([]);
    // The books are asked all the time: that is what runs.
    expect(quantiles(before, await metricsOf(measured.operator), 'controller_runtime_reconcile_time_seconds', [0.5]).count).toBeGreaterThan(0);
  });

  it('O-30 all of it goes over at most eight connections', async () => {
    const connections = await connectionsTo(pidOf(measured.operator), apiPort);
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThanOrEqual(8);
  });

  it('O-37 one that is started again over all of it writes nothing', { timeout: 240_000 }, async () => {
    const objects = await versionsNow();
    expect(await measured.operator.end('SIGTERM')).toBe(0);
    await measured.audit.since();
    measured.operator = home.start(asInstalled);
    const { entries } = await untilStill(measured, 5_000, 170_000);
    expect(entries.filter(isWrite).map(describeEntry)).toEqual([]);
    expect(await versionsNow()).toEqual(objects);
  });

  it('is measured as it is installed', () => {
    expect(readFileSync(join(rootDir, 'images/Dockerfile'), 'utf8')).toContain(`CMD ["${asInstalled.nodeFlags.join('", "')}", "operator/src/main.ts"]`);
  });
});

/* Measures one operator's process at many sites, inside the network of a cluster of ours: `npm run bench -- --only operator` makes the cluster and starts this. Prints one JSON row a line. */
import { parseArgs } from 'node:util';
import { startBooksApi } from '@csms/operator/testing/books-api';
import { openOperatorHome } from '../operator/running-operator.ts';
import { applySiteCrd, openTestCluster } from '../test-cluster.ts';
import { AuditLog } from './audit-log.ts';
import { manySites, makeNamespaces } from './many-sites.ts';
import { asInstalled, type Measured, type Stage } from './measured.ts';
import { fromEmpty } from './stage-from-empty.ts';
import { edits } from './stage-edits.ts';
import { foreignObjects } from './stage-foreign-objects.ts';
import { quiet } from './stage-quiet.ts';
import { restart } from './stage-restart.ts';
import { soak } from './stage-soak.ts';

const { values } = parseArgs({ options: {
  namespaces: { type: 'string', default: '100' }, sites: { type: 'string', default: '5' }, only: { type: 'string', multiple: true },
  'quiet-seconds': { type: 'string', default: '60' }, 'soak-seconds': { type: 'string', default: '0' },
} });
const stages: Record<string, Stage> = { 'from-empty': fromEmpty, edits, 'quiet': quiet(Number(values['quiet-seconds'])), restart, 'foreign-objects': foreignObjects, soak: soak(Number(values['soak-seconds'])) };

const cluster = await openTestCluster();
await applySiteCrd(cluster);
const books = await startBooksApi();
const home = await openOperatorHome(cluster, books.url);
const audit = AuditLog.of({ namespace: home.namespace, name: 'csms-operator' });
if (audit === undefined) throw new Error('The API server keeps no audit log that can be read here: use a cluster of ours.');
const many = manySites('many', Number(values.namespaces), Number(values.sites));
try {
  const bench: Measured = { cluster, books, home, audit, many, operator: home.start(asInstalled) };
  await makeNamespaces(cluster, many);
  const wanted = ['from-empty', ...(values.only ?? Object.keys(stages).filter((name) => name !== 'soak' || values['soak-seconds'] !== '0'))];
  for (const name of new Set(wanted)) {
    const stage = stages[name];
    if (stage === undefined) throw new Error(`There is no stage ${name}; there are ${Object.keys(stages).join(', ')}.`);
    for (const row of await stage(bench)) process.stdout.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  await home.close();
  await books.close();
  await cluster.close();
}

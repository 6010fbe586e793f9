import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@csms/kit';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import { freePort } from '@csms/store/embedded-postgres';
import { z } from 'zod';
import { ApiClient, tokenSource } from './api-client.ts';
import { demoCards } from './books-of-demo.ts';
import { openBusServer } from './bus-server.ts';
import { images, openCluster, platformNamespace, platformObjects } from './cluster.ts';
import { openDatabase } from './database.ts';
import { prepareDemo } from './demo.ts';
import { followExamples, readExamples } from './examples.ts';
import { startIdentity } from './identity/identity.ts';
import type { Account, Client } from './identity/accounts.ts';
import { startLabServer, type LabHands } from './lab/control-server.ts';
import { labProcesses } from './lab/lab-processes.ts';
import { keepLocalAuthority } from './local-authority.ts';
import { keepLocalTls } from './local-tls.ts';
import type { LocalOptions } from './options.ts';
import { ProcessSet } from './processes.ts';
import { refuseTakenPorts } from './public-ports.ts';
import { buildDashboard } from './build-dashboard.ts';
import { openStateDir } from './state-dir.ts';
import { readySites, trainerJobs } from './workloads.ts';

export interface LocalPlatform {
  /** Lines for a person: what was taken from where. */
  notes: string[];
  addresses: { ocpp: string; ocpps: string; api: string; dashboard: string; issuer: string };
  accounts: Account[];
  cluster: LocalCluster;
  processes: ProcessSet;
  adminUrl: string;
  databaseUrl: string;
  /** A caller of the API with a token of the real issuer. */
  api(tenant: string | null, role: string): ApiClient;
  tokenFor(tenant: string | null, role: string): Promise<string>;
  lab: LabHands;
  /** Ends everything, in order; the data stays. */
  stop(): Promise<void>;
}

/**
 * Starts what Helm would start and what the operator then asks for: PostgreSQL, the bus, the issuer, the local cluster, the API, the operator,
 * the objects of the examples folder, and the demo fleet. Resolves when the gateways and the dashboard are ready. When something refuses to
 * start, everything that was started is stopped again and the error's message is one sentence; so it is when `asked` is aborted.
 */
export async function startPlatform(options: LocalOptions, rootDir: string, say: (line: string) => void = () => undefined, asked: AbortSignal = new AbortController().signal): Promise<LocalPlatform> {
  const undo: (() => unknown)[] = [];
  const stop = async () => { while (undo.length > 0) await Promise.resolve(undo.pop()!()).catch(() => undefined); };
  try {
    return await start(options, rootDir, say, undo, stop, asked);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: LocalOptions, rootDir: string, say: (line: string) => void, undo: (() => unknown)[], stop: () => Promise<void>, asked: AbortSignal): Promise<LocalPlatform> {
  const sites = readExamples(options.examplesDir).filter((object) => object.kind === 'ChargingSite');
  const notes: string[] = [];
  const note = (line: string) => { notes.push(line); say(line); };
  await refuseTakenPorts([
    { port: options.ports.ocpp, what: 'chargers', variable: 'CSMS_OCPP_PORT' }, { port: options.ports.ocpps, what: 'chargers over TLS', variable: 'CSMS_OCPPS_PORT' }, { port: options.ports.api, what: 'the API', variable: 'CSMS_API_PORT' },
    { port: options.ports.dashboard, what: 'the dashboard', variable: 'CSMS_DASHBOARD_PORT' },
    ...(options.oidcIssuer === null ? [{ port: options.ports.identity, what: 'the sign-in', variable: 'CSMS_IDENTITY_PORT' }] : []),
  ]);
  if (options.oidcIssuer !== null) await refuseUnreachableIssuer(options.oidcIssuer);
  const state = openStateDir(options.dataDir, options.fresh);
  undo.push(state.release);
  const logDir = join(options.dataDir, 'log');
  const ports = { ocpp: options.ports.ocpp || (await freePort()), ocpps: options.ports.ocpps || (await freePort()), api: options.ports.api || (await freePort()), dashboard: options.ports.dashboard || (await freePort()) };

  const tls = await keepLocalTls(join(options.dataDir, 'tls'), new Date());
  await keepLocalAuthority(join(options.dataDir, 'ca'), { id: 'demo', operatorName: 'Charge-IT' }, new Date());
  const cluster = await openCluster({ rootDir, logDir });
  undo.push(() => cluster.stop());
  const processes = new ProcessSet({ logDir, cwd: rootDir, asked });
  undo.push(() => processes.stopAll());
  const built = buildDashboard(rootDir, say);
  built.catch(() => undefined);
  const database = await openDatabase(options, state.secrets);
  // What is named last is undone first: the database outlives its clients.
  undo.splice(0, undo.length, state.release, database.stop, () => processes.stopAll(), () => cluster.stop());
  await built;
  asked.throwIfAborted();
  note(`database   ${database.kind === 'external' ? `DATABASE_URL (${new URL(database.adminUrl).host})` : `embedded PostgreSQL, data in ${options.dataDir}`}`);
  for (const line of database.notes) note(line);

  const bus = await openBusServer(options, database, processes);
  note(`bus        ${bus.said}`);
  const dashboardUrl = `http://127.0.0.1:${ports.dashboard}`;
  const identity = await startIdentity({ port: options.ports.identity, dataDir: join(options.dataDir, 'identity'), dashboardUrl });
  undo.push(() => identity.close());
  note(`issuer     ${options.oidcIssuer ?? `${identity.issuer} (embedded)`}`);
  const client = (id: string): Client => identity.clients.find(({ clientId }) => clientId === id)!;
  const issuer = options.oidcIssuer ?? identity.issuer;

  const fleet = options.demo ? { url: '', token: state.secrets.labToken } : null;
  const lab: LabHands = {
    fleet, bus, cards: demoCards,
    processes: () => labProcesses(cluster, processes),
    killProcess: (name) => cluster.killPod(name, 'SIGKILL') || processes.kill(name, 'SIGKILL'),
  };
  asked.throwIfAborted();
  const labServer = await startLabServer(lab, state.secrets.labToken);
  undo.push(labServer.close);

  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const common = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', TZ: 'UTC', CSMS_MODE: 'lab', LOG_LEVEL: options.logLevel, OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'csms-api' };
  // A launcher that was killed leaves no process behind that would hold its ports.
  const endWithLauncher = `--import=${join(rootDir, 'packages/kube/src/end-with-parent.ts')}`;
  const node = (main: string) => [process.execPath, ...(options.dev ? ['--watch'] : [endWithLauncher]), join(rootDir, main)];
  const [apiAdmin, operatorAdmin] = [await freePort(), await freePort()];
  cluster.applyObjects(platformObjects({ databaseUrl: database.appUrl, busEnv: bus.env, secrets: state.secrets, gatewayEnv: { CSMS_OCPPS_PORT: String(ports.ocpps), ...tls.gatewayEnv }, dashboardClientId: 'csms-dashboard', dashboardClientSecret: client('csms-dashboard').clientSecret }));
  const platform = {
    mode: 'lab', namespace: platformNamespace, defaultTenant: 'demo', images, apiUrl, oidc: { issuer, audience: 'csms-api' },
    ocpp: { port: ports.ocpp, endpoint: `ws://127.0.0.1:${ports.ocpp}/ocpp` },
    dashboard: { port: ports.dashboard, url: dashboardUrl, replicas: 1, onlyNamespace: 'demo' }, logLevel: options.logLevel,
  };
  const ocpps = `wss://127.0.0.1:${ports.ocpps}/ocpp`;
  note(`TLS        ${ocpps}/<station id> for security profiles 2 and 3; chargers trust ${tls.authorityFile}`);
  await Promise.all([
    processes.start({
      name: 'api', kind: 'api', restart: true, command: node('services/api/src/main.ts'), readyUrl: `http://127.0.0.1:${apiAdmin}/readyz`,
      env: {
        ...common, ...bus.env, DATABASE_URL: database.appUrl, CSMS_API_PORT: String(ports.api), ADMIN_PORT: String(apiAdmin), POD_NAME: 'api',
        ...(options.oidcIssuer === null ? { CSMS_PEOPLE: 'local', CSMS_PEOPLE_CLIENT_SECRET: client('csms-api').clientSecret } : {}),
        CSMS_CREDENTIAL_PEPPER: state.secrets.credentialPepper, CSMS_LAB_URL: labServer.url, CSMS_LAB_TOKEN: state.secrets.labToken, CSMS_CORS_ORIGINS: dashboardUrl,
        CSMS_FILES_DIR: join(options.dataDir, 'files'), CSMS_CA_DIR: join(options.dataDir, 'ca'), CSMS_OCPP_ENDPOINT: platform.ocpp.endpoint, CSMS_OCPPS_ENDPOINT: ocpps,
      },
    }),
    processes.start({
      name: 'operator', kind: 'operator', restart: true, command: node('operator/src/main.ts'), readyUrl: `http://127.0.0.1:${operatorAdmin}/readyz`,
      env: {
        ...common, CSMS_CLUSTER_URL: cluster.url, CSMS_API_URL: apiUrl, OIDC_CLIENT_ID: 'csms-operator', OIDC_CLIENT_SECRET: client('csms-operator').clientSecret,
        CSMS_PLATFORM: JSON.stringify(platform), ADMIN_PORT: String(operatorAdmin), POD_NAME: 'operator',
      },
    }),
  ]);
  undo.push(await followExamples(cluster, options.examplesDir, (sentence) => say(`examples: ${sentence}`)));
  const tokenFor = tokenSource(issuer, client('csms-cli'));
  const api = (tenant: string | null, role: string) => new ApiClient(`${apiUrl}/api/v1`, () => tokenFor(tenant, role));
  await readySites(cluster, asked);
  if (options.firebase) {
    const mirrorAdmin = await freePort();
    await processes.start({
      name: 'mirror', kind: 'mirror', restart: true, command: node('services/mirror/src/main.ts'), readyUrl: `http://127.0.0.1:${mirrorAdmin}/readyz`,
      env: {
        ...common, ...bus.env, ...proxyOfEnvironment(), DATABASE_URL: database.appUrl, ADMIN_PORT: String(mirrorAdmin), POD_NAME: 'mirror', CSMS_TENANT: 'demo', CSMS_SITE_NAMESPACE: 'demo',
        CSMS_FIREBASE_DATABASE_URL: options.firebase.databaseUrl, CSMS_FIREBASE_CREDENTIALS_FILE: options.firebase.credentialsFile,
      },
    });
    note(`mirror     ${new URL(options.firebase.databaseUrl).host} shows the stations to the public`);
  }

  if (fleet) {
    mkdirSync(join(options.dataDir, 'fleet'), { recursive: true });
    const controlPort = await freePort();
    const demo = await prepareDemo({
      api: api('demo', 'admin'), tenant: 'demo', sites: sites.map(({ metadata, spec }) => ({ name: metadata.name, timeZone: parseTimeZone(spec) })), databaseUrl: database.appUrl, dataDir: options.dataDir, ocppUrl: platform.ocpp.endpoint, ocppsUrl: ocpps, trustAnchorsFile: tls.authorityFile,
      speed: options.speed, seed: options.seed, controlPort, controlToken: state.secrets.labToken,
    });
    asked.throwIfAborted();
    fleet.url = `http://127.0.0.1:${controlPort}`;
    await processes.start({ name: 'fleet', kind: 'fleet', restart: true, readyUrl: null, env: { ...common }, command: [...node('tools/local/src/fleet/main.ts'), demo.configFile] });
    for (const job of trainerJobs(cluster)) void cluster.runCronJobNow(job.namespace, job.name);
  }

  const addresses = { ocpp: platform.ocpp.endpoint, ocpps, api: `${apiUrl}/api/v1`, dashboard: dashboardUrl, issuer };
  writeFileSync(state.runFile, JSON.stringify({
    pid: process.pid, startedAt: new Date().toISOString(), addresses, defaultTenant: 'demo', dataDir: options.dataDir, databaseUrl: database.appUrl, adminUrl: database.adminUrl,
    clusterUrl: cluster.url, cli: { clientId: 'csms-cli', clientSecret: client('csms-cli').clientSecret }, adminPorts: { api: apiAdmin, operator: operatorAdmin },
  }, null, 2), { mode: 0o600 });
  return { notes, addresses, accounts: identity.accounts, cluster, processes, adminUrl: database.adminUrl, databaseUrl: database.appUrl, api, tokenFor, lab, stop };
}

/** Asked before anything is started, so that a wrong address is one sentence and not a platform that never becomes ready. */
async function refuseUnreachableIssuer(issuer: string): Promise<void> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  if (!answer?.ok) throw new ConfigError(`OIDC_ISSUER cannot be used: ${address} ${answer === null ? 'does not answer' : `answers ${answer.status}`}`);
}

/** What a process needs to reach the world from here, where this machine is behind a proxy. */
function proxyOfEnvironment(): Record<string, string> {
  return Object.fromEntries(['HTTPS_PROXY', 'NODE_EXTRA_CA_CERTS'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function parseTimeZone(spec: unknown): string {
  return z.object({ location: z.object({ timeZone: z.string() }) }).parse(spec).location.timeZone;
}

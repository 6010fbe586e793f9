import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ClusterError, isRecord } from '@csms/kube';
import type { ClusterClient, KubernetesObject, ListOptions } from '@csms/kube';
import { makeAuthority, makeCertificate } from '@csms/kit/x509/make-certificate';
import type { KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectionCounts, openConnections } from './connection-counts.ts';
import { costToWrite } from './deletion-cost.ts';
import { readFrontProxy } from './front-proxy.ts';
import { readMetrics } from './read-metrics.ts';
import { startMetricsApiServer } from './metrics-api-server.ts';
import type { MetricsApiServer } from './metrics-api-server.ts';
import { answerMetrics } from './metrics-api.ts';

const aGateway = (name: string, podIP: string, more: { annotations?: Record<string, string>; deletionTimestamp?: string; phase?: string } = {}): KubernetesObject => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, namespace: 'pln', uid: `uid-${name}`, ...(more.annotations === undefined ? {} : { annotations: more.annotations }), ...(more.deletionTimestamp === undefined ? {} : { deletionTimestamp: more.deletionTimestamp }) },
  status: { phase: more.phase ?? 'Running', podIP, containerStatuses: [{ name: 'ocpp-gateway' }] },
});
const metricsOf = (...values: number[]): string => `# HELP csms_gateway_connections Open\n# TYPE csms_gateway_connections gauge\n${values.map((value, n) => `csms_gateway_connections{tenant="t${n}",service="ocpp-gateway"} ${value}\n`).join('')}# TYPE other gauge\nother 7\n`;

/** A cluster of these pods, whose gateways say so much; counts what it is asked. */
function aCluster(pods: KubernetesObject[], texts: Record<string, string>) {
  const lists: ListOptions[] = [];
  let nowMs = 1_000_000;
  const client: Pick<ClusterClient, 'list'> = {
    list: async (_kind, options = {}) => {
      lists.push(options);
      if (options.labelSelector?.includes('!!') === true) throw new ClusterError(400, 'BadRequest', 'unable to parse requirement');
      return { items: pods, resourceVersion: '1' };
    },
  };
  const clock = { nowMs: () => nowMs, after: () => () => undefined, random: () => 0 };
  const counts = createConnectionCounts(client, clock, async (url) => {
    const text = texts[url];
    if (text === undefined) throw new Error(`${url} does not answer`);
    return text;
  });
  return { lists, counts, pass: (ms: number) => { nowMs += ms; } };
}
const at = (address: string): string => `http://${address}:9464/metrics`;
const root = '/apis/custom.metrics.k8s.io/v1beta2';

describe('the connections of gateways', () => {
  it('are summed over everything that a gateway tells apart; a text that says nothing of them has none', () => {
    expect(openConnections(metricsOf(3, 4))).toBe(7);
    expect(openConnections(metricsOf())).toBe(0);
    expect(openConnections('other 7\n')).toBeUndefined();
  });

  it('O-52 are told of pods of pools alone, by the words of custom.metrics.k8s.io, and of gateways that end or do not answer not at all', async () => {
    const pods = [aGateway('b', '10.0.0.2'), aGateway('a', 'fd00::1'), aGateway('ends', '10.0.0.3', { deletionTimestamp: 'now' }), aGateway('starts', '10.0.0.4', { phase: 'Pending' }), aGateway('deaf', '10.0.0.5')];
    const { counts, lists } = aCluster(pods, { [at('10.0.0.2')]: metricsOf(2, 1), [at('[fd00::1]')]: metricsOf(250), [at('10.0.0.3')]: metricsOf(9), [at('10.0.0.4')]: metricsOf(9) });
    const { status, body } = await answerMetrics('GET', `${root}/namespaces/pln/pods/*/ocpp_connections?labelSelector=a%3Db`, counts);
    const described = (name: string) => ({ kind: 'Pod', namespace: 'pln', name, apiVersion: '/v1' });
    const common = { metric: { name: 'ocpp_connections' }, timestamp: '1970-01-01T00:16:40Z' };
    expect([status, body]).toEqual([200, { kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta2', metadata: {}, items: [{ describedObject: described('a'), ...common, value: '250' }, { describedObject: described('b'), ...common, value: '3' }] }]);
    expect(lists).toEqual([{ namespace: 'pln', labelSelector: 'app.kubernetes.io/managed-by=csms-operator,app.kubernetes.io/component=ocpp-gateway,a=b' }]);
    const one = await answerMetrics('GET', `${root}/namespaces/pln/pods/b/ocpp_connections`, counts);
    expect(one.body).toMatchObject({ items: [{ describedObject: described('b'), value: '3' }] });
    expect((await answerMetrics('GET', `${root}/namespaces/pln/pods/deaf/ocpp_connections`, counts)).status).toBe(404);
  });

  it('are read once in five seconds, however often they are asked for; a failure is not kept', async () => {
    const { counts, lists, pass } = aCluster([aGateway('a', '10.0.0.1')], { [at('10.0.0.1')]: metricsOf(5) });
    await Promise.all([counts.of('pln'), counts.of('pln')]);
    pass(4999);
    await counts.of('pln');
    expect(lists).toHaveLength(1);
    pass(1);
    await counts.of('pln');
    expect(lists).toHaveLength(2);
    await expect(counts.of('pln', '!!')).rejects.toThrow('unable to parse');
    await expect(counts.of('pln', '!!')).rejects.toThrow('unable to parse');
    expect(lists).toHaveLength(4);
  });

  it('discovery names one resource, and whatever else is asked for gets a Status', async () => {
    const { counts } = aCluster([], {});
    const get = (path: string, method = 'GET') => answerMetrics(method, path, counts);
    expect((await get(root)).body).toMatchObject({ kind: 'APIResourceList', resources: [{ name: 'pods/ocpp_connections', namespaced: true, verbs: ['get'] }] });
    expect((await get('/apis/custom.metrics.k8s.io')).body).toMatchObject({ kind: 'APIGroup', preferredVersion: { version: 'v1beta2' } });
    expect((await get('/apis')).body).toMatchObject({ kind: 'APIGroupList' });
    for (const path of ['/', '/openapi/v2', `${root}/namespaces/pln/pods/*/cpu`, `${root}/namespaces/pln/services/*/ocpp_connections`, `${root}/namespaces/pln/pods/*`, `${root}/nodes/*/ocpp_connections`, `${root}/namespaces/%E0%A4%A/pods/*/ocpp_connections`, `${root}/namespaces//pods/*/ocpp_connections`])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect((await get(`${root}/namespaces/pln/pods/*/ocpp_connections?labelSelector=!!`)).status).toBe(400);
    expect((await get(root, 'DELETE')).status).toBe(405);
  });
});

describe('a pod that carries our labels and is not ours', () => {
  it('makes the operator ask nobody else, and read no more than a megabyte', async () => {
    const asked: string[] = [];
    const server = createServer((incoming, response) => {
      asked.push(incoming.url ?? '');
      if (incoming.url === '/elsewhere') response.writeHead(302, { location: '/metrics' }).end();
      else if (incoming.url === '/endless') response.end('x'.repeat(2 * 1024 * 1024));
      else response.end(metricsOf(4));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(openConnections(await readMetrics(`${base}/metrics`))).toBe(4);
      await expect(readMetrics(`${base}/elsewhere`)).rejects.toThrow();
      await expect(readMetrics(`${base}/endless`)).rejects.toThrow('more than a megabyte');
      expect(asked).toEqual(['/metrics', '/elsewhere', '/endless']);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('what is said of who ends first', () => {
  const count = (connections: number, said?: string) => ({ pod: aGateway('a', '10.0.0.1', said === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': said } }), connections, atMs: 0 });
  it('O-52 is the number of stations, written only where it changed by more than a fifth', () => {
    expect(costToWrite(count(300))?.object.metadata).toEqual({ name: 'a', namespace: 'pln', uid: 'uid-a', annotations: { 'controller.kubernetes.io/pod-deletion-cost': '300' } });
    expect(costToWrite(count(0))).toBeUndefined();
    expect(costToWrite(count(240, '300'))).toBeUndefined();
    expect(costToWrite(count(239, '300'))).toBeDefined();
    expect(costToWrite(count(361, '300'))).toBeDefined();
    expect(costToWrite(count(3, '8'))).toBeUndefined();
  });
});

describe('who may ask', () => {
  const times = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  let proxyAuthority: KeyAndCertificate;
  let serving: KeyAndCertificate;
  let servingAuthority: KeyAndCertificate;
  let server: MetricsApiServer;
  const frontProxy = () => ({ authorityPem: proxyAuthority.certificatePem, allowedNames: ['front-proxy-client'] });
  const client = (commonName: string, authority = proxyAuthority): Promise<KeyAndCertificate> => makeCertificate({ commonName, usage: 'client', ...times }, authority);
  const certificateOf = (made: KeyAndCertificate) => ({ cert: made.certificatePem, key: made.keyPem });
  const ask = (who: KeyAndCertificate | undefined, path = root): Promise<[number, unknown]> => new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, ca: servingAuthority.certificatePem, servername: 'metrics.csms.svc', agent: false, ...(who === undefined ? {} : certificateOf(who)) }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString('utf8'); }).on('end', () => resolve([response.statusCode ?? 0, JSON.parse(text)]));
    }).on('error', reject).end();
  });
  beforeAll(async () => {
    [proxyAuthority, servingAuthority] = await Promise.all([makeAuthority({ commonName: 'front proxies', ...times }), makeAuthority({ commonName: 'serving', ...times })]);
    serving = await makeCertificate({ commonName: 'metrics', usage: 'server', hostNames: ['metrics.csms.svc'], ...times }, servingAuthority);
    server = await startMetricsApiServer({ port: 0, host: '127.0.0.1', certificate: certificateOf(serving), frontProxy: frontProxy(), counts: aCluster([], {}).counts });
  });
  afterAll(() => server.close());

  it('O-52 the front proxy of the API server alone: nobody without a certificate, none of another authority, no other name', async () => {
    expect((await ask(await client('front-proxy-client')))[0]).toBe(200);
    for (const [who, status] of [[undefined, 401], [await client('front-proxy-client', servingAuthority), 401], [await client('somebody'), 403]] as const) {
      const [code, body] = await ask(who);
      expect([code, isRecord(body) && body['kind']]).toEqual([status, 'Status']);
    }
  });

  it('a renewed certificate and a new authority are taken without a restart; what cannot be read changes nothing', async () => {
    const [old, next] = [proxyAuthority, await makeAuthority({ commonName: 'front proxies 2', ...times })];
    expect(() => server.use({ cert: 'no certificate', key: 'no key' }, { authorityPem: next.certificatePem, allowedNames: [] })).toThrow();
    expect((await ask(await client('front-proxy-client')))[0]).toBe(200);
    server.use(certificateOf(serving), { authorityPem: next.certificatePem, allowedNames: [] });
    expect((await ask(await client('any name', next)))[0]).toBe(200);
    expect((await ask(await client('front-proxy-client', old)))[0]).toBe(401);
    server.use(certificateOf(serving), frontProxy());
  });

  it('is read from what the API server publishes; a cluster without an aggregation layer is told apart', async () => {
    const published = (data: Record<string, string> | undefined) => readFrontProxy({ get: async () => (data === undefined ? undefined : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }) });
    expect(await published({ 'requestheader-client-ca-file': proxyAuthority.certificatePem, 'requestheader-allowed-names': '["front-proxy-client"]' })).toEqual(frontProxy());
    expect((await published({ 'requestheader-client-ca-file': proxyAuthority.certificatePem })).allowedNames).toEqual([]);
    const wrong: (Record<string, string> | undefined)[] = [undefined, {}, { 'requestheader-client-ca-file': 'x' }, { 'requestheader-client-ca-file': proxyAuthority.certificatePem, 'requestheader-allowed-names': 'x' }];
    for (const data of wrong) await expect(published(data)).rejects.toThrow('no aggregation layer');
  });
});

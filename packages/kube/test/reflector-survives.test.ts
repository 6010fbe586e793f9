import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { HttpClusterClient, Reflector, systemClock, urlTransport } from '@csms/kube';
import type { Change, Clock, KubernetesObject, Transport } from '@csms/kube';
import { deploymentKind } from '@csms/kube/kind';
import { startScriptedServer } from '@csms/kube/testing/scripted-server';
import type { Answer } from '@csms/kube/testing/scripted-server';
import { until } from '@csms/kube/testing/until';

/* What an API server may do to a watch, at the level of bytes. Each ends with the copy being right again, and a delete that came meanwhile told. */
const object = (name: string, version: string): KubernetesObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'demo', uid: name, resourceVersion: version } });
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => (response) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const list = (version: string, ...items: KubernetesObject[]): Answer => json(200, { metadata: { resourceVersion: version }, items });
const line = (type: string, each: unknown): string => `${JSON.stringify({ type, object: each })}\n`;
/** A watch that says this and then stays open. */
const says = (...lines: string[]): Answer => (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(lines.join('') || '\n');
};
const saysThen = (end: (response: Parameters<Answer>[0]) => void, text: string): Answer => (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(text, () => end(response));
};
const both = [object('a', '1'), object('b', '2')];
/** Delays of the reflector and of retries pass a hundred times as fast; chance is middling. */
const quick: Clock = { nowMs: () => systemClock.nowMs(), after: (delayMs, task) => systemClock.after(delayMs / 100, task), random: () => 0.5 };

async function follow(script: Answer[], options: { silentWatchMs?: number; transport?: (url: string) => Transport } = {}): Promise<{ changes: string[]; asked: string[]; failures: string[] }> {
  const server = await startScriptedServer(script);
  const client = new HttpClusterClient((options.transport ?? urlTransport)(server.url), { clock: quick, ...(options.silentWatchMs === undefined ? {} : { silentWatchMs: options.silentWatchMs }) });
  const changes: string[] = [];
  const failures: string[] = [];
  const reflector = new Reflector({ client, kind: deploymentKind, clock: quick, onChange: ({ type, key }: Change) => void changes.push(`${type} ${key}`), onFailure: (error) => void failures.push(String(error)) });
  try {
    reflector.start();
    await until('the copy is right again', () => {
      if (reflector.list().map(({ metadata }) => metadata.name).join() === 'b,c') return true;
      throw new Error(JSON.stringify({ asked: server.asked, failures }));
    });
  } finally {
    await reflector.stop();
    await client.close();
    await server.close();
  }
  return { changes, asked: server.asked, failures };
}

const missed = says(line('DELETED', object('a', '3')), line('ADDED', object('c', '4')));
const once = ['added demo/a', 'added demo/b', 'deleted demo/a', 'added demo/c'];
const lists = (asked: string[]): number => asked.filter((each) => !each.includes('watch=true')).length;

describe('O-17 a watch survives', () => {
  it('an answer of 500, and goes on from where it was', async () => {
    const { changes, asked } = await follow([list('2', ...both), json(500, { message: 'etcd is away' }), json(503, { message: 'still' }), missed]);
    expect(changes).toEqual(once);
    expect(lists(asked)).toBe(1);
  });

  it('429 with Retry-After', async () => {
    const { changes } = await follow([json(429, { message: 'too many' }, { 'retry-after': '1' }), list('2', ...both), json(429, { message: 'too many' }, { 'retry-after': '1' }), missed]);
    expect(changes).toEqual(once);
  });

  it('410 as an answer and as an event: it lists anew and tells what went', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    expect((await follow([list('2', ...both), json(410, gone), list('4', object('b', '2'), object('c', '4')), says()])).changes.sort()).toEqual([...once].sort());
    expect((await follow([list('2', ...both), says(line('ERROR', gone)), list('4', object('b', '2'), object('c', '4')), says()])).changes.sort()).toEqual([...once].sort());
  });

  it('another error inside the stream', async () => {
    expect((await follow([list('2', ...both), says(line('ERROR', { code: 500, reason: 'InternalError', message: 'no' })), missed])).changes).toEqual(once);
  });

  it('a connection that is reset, before and in the middle of a line', async () => {
    const reset: Answer = (response) => void response.socket?.resetAndDestroy();
    const halfALine: Answer = saysThen((response) => response.socket?.resetAndDestroy(), `${line('MODIFIED', object('b', '2'))}{"type":"DELETED","object":{"metadata":`);
    const { changes } = await follow([reset, list('2', ...both), reset, halfALine, missed]);
    expect(changes).toEqual(once);
  });

  it('a half-open socket: a stream without a byte is given up', async () => {
    const { changes, failures } = await follow([list('2', ...both), says(), missed], { silentWatchMs: 1200 });
    expect(changes).toEqual(once);
    expect(failures.join()).toMatch(/timeout/i);
  });

  it('a line that is not JSON: what it said is lost, so all is listed anew', async () => {
    const { changes, asked } = await follow([list('2', ...both), says('{"type":"DELE\n'), list('4', object('b', '2'), object('c', '4')), says()]);
    expect(changes.sort()).toEqual([...once].sort());
    expect(lists(asked)).toBe(2);
  });

  it('a server that ends every stream at once is not asked in a loop, and is followed all the same', async () => {
    const closes: Answer = (response) => void response.writeHead(200).end();
    const { changes, asked } = await follow([list('2', ...both), closes, closes, closes, missed]);
    expect(changes).toEqual(once);
    expect(asked).toHaveLength(5);
  });

  it('a token that has expired: the next one is asked for, once a request', async () => {
    let token = 0;
    let refused = 0;
    const needs = (wanted: number, then: Answer): Answer => (response, request) => {
      if (request.headers.authorization === `Bearer ${wanted}`) return then(response, request);
      refused += 1;
      json(401, { message: 'Unauthorized' })(response, request);
    };
    const transport = (url: string): Transport => ({ origin: url, dispatcher: new Agent({ connections: 4 }), headers: async () => ({ authorization: `Bearer ${token}` }), renew: () => void (token += 1) });
    const { changes } = await follow([needs(0, list('2', ...both)), needs(1, missed), needs(1, missed)], { transport });
    expect(changes).toEqual(once);
    expect(refused).toBe(1);
  });
});

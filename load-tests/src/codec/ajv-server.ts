import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import * as schemas from 'typed-ocpp/dist/ocpp16/schemas.js';
import { WebSocketServer } from 'ws';
import { serveBench } from './bench-server.ts';

/**
 * `ws`, JSON and compiled ajv with full formats, request and response: the least that a validating server does. No queue, no order, no error path. With two
 * arguments, the files of a certificate and its key, it speaks TLS.
 */
const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const compile = (schema: object): ValidateFunction => ajv.compile(schema);
const time = (): string => new Date().toISOString();
const actions = new Map([
  ['MeterValues', { request: compile(schemas.MeterValuesRequest), response: compile(schemas.MeterValuesResponse), answer: async () => ({}) }],
  ['Heartbeat', { request: compile(schemas.HeartbeatRequest), response: compile(schemas.HeartbeatResponse), answer: async () => ({ currentTime: time() }) }],
  ['BootNotification', { request: compile(schemas.BootNotificationRequest), response: compile(schemas.BootNotificationResponse), answer: async () => ({ status: 'Accepted', currentTime: time(), interval: 300 }) }],
]);

const [certificateFile, keyFile] = process.argv.slice(2);
const http = certificateFile === undefined || keyFile === undefined ? createServer() : createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) });
const server = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false, maxPayload: 65_536, handleProtocols: () => 'ocpp1.6' });
server.on('connection', (socket) => socket.on('message', (data) => void answer(String(data)).then((text) => socket.send(text))));
http.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => serveBench(http.address()));

async function answer(text: string): Promise<string> {
  const [, id, name, payload] = JSON.parse(text) as [number, string, string, unknown];
  const action = actions.get(name);
  if (!action?.request(payload)) throw new Error(`not valid: ${name}`);
  const result = await action.answer();
  if (!action.response(result)) throw new Error(`our answer is not valid: ${name}`);
  return JSON.stringify([3, id, result]);
}

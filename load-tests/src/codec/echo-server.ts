import { WebSocketServer } from 'ws';
import { serveBench } from './bench-server.ts';

/** Bare `ws`: the same bytes come back. The floor that no validation can reach. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false, maxPayload: 65_536, handleProtocols: () => 'ocpp1.6' });
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })));
server.on('listening', () => serveBench(server.address()));

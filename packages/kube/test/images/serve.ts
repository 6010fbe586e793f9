/* An image for tests: serves /readyz and its own environment on ADMIN_PORT, and ends at SIGTERM unless told to linger. */
import { createServer } from 'node:http';

const readyAfterMs = Number(process.env['READY_AFTER_MS'] ?? 0);
const startedMs = Date.now();
const server = createServer((request, response) => {
  if (request.url === '/env') return void response.end(JSON.stringify(process.env));
  response.statusCode = Date.now() - startedMs >= readyAfterMs ? 200 : 503;
  response.end();
});
server.listen(Number(process.env['ADMIN_PORT']), '127.0.0.1', () => console.log('listening'));
process.on('SIGTERM', () => {
  if (process.env['LINGER'] === 'true') return;
  server.closeAllConnections();
  server.close(() => process.exit(0));
});

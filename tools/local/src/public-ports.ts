import { createServer } from 'node:net';
import { ConfigError } from '@csms/kit';

/** Refuses a taken port before anything is started, naming the variable that moves it. Port 0 is any free one and is never taken. */
export async function refuseTakenPorts(ports: { port: number; what: string; variable: string }[]): Promise<void> {
  for (const { port, what, variable } of ports) {
    if (port === 0) continue;
    const reason = await bindProblem(port);
    if (reason !== null) throw new ConfigError(`port ${port}, meant for ${what}, ${reason}; free it or set ${variable} to another one`);
  }
}

function bindProblem(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'is taken' : error.code === 'EACCES' ? 'needs more rights' : `cannot be used (${error.code})`));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
}

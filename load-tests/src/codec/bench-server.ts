import type { AddressInfo } from 'node:net';

/** Tells the bench where this server listens, and from then on answers every line on stdin with the CPU that this process has used, in microseconds. */
export function serveBench(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`);
  process.stdin.on('data', () => {
    const { user, system } = process.cpuUsage();
    process.stdout.write(`${JSON.stringify({ cpuMicroseconds: user + system })}\n`);
  });
  process.stdin.on('end', () => process.exit(0));
}

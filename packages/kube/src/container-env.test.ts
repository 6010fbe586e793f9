import { describe, expect, it } from 'vitest';
import { containerEnv } from './container-env.ts';

const sources = {
  namespace: 'demo',
  pod: 'gateway-1',
  secret: (_namespace: string, name: string) => (name === 'csms-database' ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { DATABASE_URL: btoa('postgres://x'), LOG_LEVEL: btoa('error') } } : undefined),
};

describe('environment of a container', () => {
  it('puts its own values over those of secrets', () => {
    const container = {
      envFrom: [{ secretRef: { name: 'csms-database' } }, { secretRef: { name: 'absent', optional: true } }],
      env: [
        { name: 'LOG_LEVEL', value: 'debug' },
        { name: 'URL', valueFrom: { secretKeyRef: { name: 'csms-database', key: 'DATABASE_URL' } } },
        { name: 'NOTHING', valueFrom: { secretKeyRef: { name: 'csms-database', key: 'none', optional: true } } },
        { name: 'WHERE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: 'WHO', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
    };
    expect(containerEnv(container, sources)).toEqual({ DATABASE_URL: 'postgres://x', LOG_LEVEL: 'debug', URL: 'postgres://x', WHERE: 'demo', WHO: 'gateway-1' });
  });

  it('says which secret or key is missing', () => {
    expect(() => containerEnv({ envFrom: [{ secretRef: { name: 'csms-bus' } }] }, sources)).toThrow('The secret demo/csms-bus does not exist.');
    expect(() => containerEnv({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'csms-database', key: 'none' } } }] }, sources)).toThrow('The secret demo/csms-database has no key "none".');
  });
});

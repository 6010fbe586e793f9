import { expect, it } from 'vitest';
import { cronJobKind, deploymentKind, namespaceKind, pathOf, secretKind, targetOf } from './kind.ts';

const kinds = [namespaceKind, secretKind, deploymentKind, cronJobKind];

it('a path names what it was made from', () => {
  for (const kind of kinds) {
    const namespace = kind.namespaced ? 'demo' : undefined;
    expect(targetOf(kinds, pathOf(kind, namespace, 'a', 'status'))).toEqual({ kind, name: 'a', subresource: 'status', ...(kind.namespaced ? { namespace } : {}) });
    expect(targetOf(kinds, pathOf(kind))).toEqual({ kind });
  }
  expect(targetOf(kinds, '/api/v1/namespaces/demo')).toEqual({ kind: namespaceKind, name: 'demo' });
});

it('other paths name nothing', () => {
  for (const path of ['/', '/api', '/api/v1/pods', '/apis/apps/v1/deployments/a', '/api/v1/namespaces/demo/secrets/a/scale', '/apis/apps/v2/deployments']) expect(targetOf(kinds, path)).toBeUndefined();
});

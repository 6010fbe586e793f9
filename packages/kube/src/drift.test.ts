import { describe, expect, it } from 'vitest';
import { covers } from './drift.ts';

describe('drift', () => {
  it('O-20 what others may add is none: annotations, env, sidecars, defaults', () => {
    const desired = { metadata: { annotations: { a: '1' } }, spec: { containers: [{ name: 'gateway', env: [{ name: 'A', value: '1' }], ports: [{ name: 'ocpp', containerPort: 1 }] }] } };
    const observed = { metadata: { annotations: { a: '1', theirs: 'x' } }, spec: { restartPolicy: 'Always', containers: [{ name: 'mesh' }, { name: 'gateway', env: [{ name: 'B', value: '2' }, { name: 'A', value: '1' }], ports: [{ name: 'ocpp', containerPort: 1, protocol: 'TCP' }], image: 'x' }] } };
    expect(covers(observed, desired)).toBe(true);
    expect(covers({ ...observed, spec: { containers: [{ name: 'mesh' }] } }, desired)).toBe(false);
  });

  it.each([
    ['a label in the selector of a policy, which then closes nobody', { spec: { podSelector: { matchLabels: { a: '1' } } } }, { spec: { podSelector: { matchLabels: { a: '1', nobody: 'here' } } } }],
    ['a label in the selector of a Service', { spec: { selector: { a: '1' } } }, { spec: { selector: { a: '1', b: '2' } } }],
    ['one more subject of a RoleBinding', { subjects: [{ kind: 'Group', name: 'ours' }] }, { subjects: [{ kind: 'Group', name: 'ours' }, { kind: 'User', name: 'mallory' }] }],
    ['one more verb of a Role', { rules: [{ verbs: ['get'] }] }, { rules: [{ verbs: ['get', 'delete'] }] }],
    ['one more backend of a route', { spec: { rules: [{ backendRefs: [{ name: 'ours' }] }] } }, { spec: { rules: [{ backendRefs: [{ name: 'ours' }, { name: 'theirs' }] }] } }],
  ])('O-21 %s is', (_what, desired, observed) => {
    expect(covers(desired, desired)).toBe(true);
    expect(covers(observed, desired)).toBe(false);
  });
});

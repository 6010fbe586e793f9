import { expect, it } from 'vitest';
import { ownedFields } from './owned-fields.ts';

const applied = (manager: string, fieldsV1: unknown, more: object = {}): object => ({ manager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1, ...more });
const object = {
  apiVersion: 'apps/v1', kind: 'Deployment',
  metadata: {
    name: 'a', finalizers: ['ours', 'theirs'],
    managedFields: [
      { manager: 'ours', operation: 'Update', fieldsV1: { 'f:spec': { 'f:paused': {} } } },
      applied('ours', { 'f:status': { 'f:replicas': {} } }, { subresource: 'status' }),
      applied('ours', {
        'f:metadata': { 'f:finalizers': { 'v:"ours"': {} } },
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': { 'k:{"name":"gateway"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } } },
              'f:volumes': { 'k:{"name":"tmp"}': { '.': {}, 'f:emptyDir': {}, 'f:name': {} } },
            },
          },
        },
      }),
      applied('theirs', { 'f:spec': { 'f:replicas': {} } }),
    ],
  },
  spec: {
    replicas: 3, paused: false,
    template: {
      metadata: { annotations: { theirs: 'yes' } },
      spec: {
        restartPolicy: 'Always', volumes: [{ name: 'theirs', secret: {} }, { name: 'tmp', emptyDir: {} }],
        containers: [{ name: 'gateway', image: 'g:1', args: ['a', 'b'], imagePullPolicy: 'IfNotPresent', ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 90, protocol: 'TCP' }] }, { name: 'mesh' }],
      },
    },
  },
};

it('takes out of an object what a manager applied: fields, keyed items, members of sets and whole lists, without what others and defaults added', () => {
  expect(ownedFields(object, 'ours')).toEqual({
    metadata: { finalizers: ['ours'] },
    spec: { template: { spec: { containers: [{ name: 'gateway', image: 'g:1', args: ['a', 'b'], ports: [{ containerPort: 80 }] }], volumes: [{ name: 'tmp', emptyDir: {} }] } } },
  });
  expect(ownedFields(object, 'theirs')).toEqual({ spec: { replicas: 3 } });
  expect(ownedFields(object, 'nobody')).toBeUndefined();
  expect(ownedFields({ ...object, metadata: { name: 'a' } }, 'ours')).toBeUndefined();
});

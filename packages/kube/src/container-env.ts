import { at, isRecord, listAt, stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';

/** Where the values of a container's environment come from. */
export interface EnvSources {
  namespace: string;
  pod: string;
  secret(namespace: string, name: string): KubernetesObject | undefined;
}

/**
 * The environment of a container as Kubernetes makes it: envFrom secrets first, then env (values, secretKeyRef, fieldRef of the pod's name
 * and namespace). Throws one sentence when a secret or a key that is not optional does not exist.
 */
export function containerEnv(container: unknown, sources: EnvSources): Record<string, string> {
  const { namespace, pod } = sources;
  const env: Record<string, string> = {};
  const secret = (ref: unknown): Record<string, string> => {
    const name = stringAt(ref, 'name') ?? '';
    const found = sources.secret(namespace, name);
    if (found === undefined && at(ref, 'optional') !== true) throw new Error(`The secret ${namespace}/${name} does not exist.`);
    return Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]));
  };
  for (const source of listAt(container, 'envFrom')) if (isRecord(at(source, 'secretRef'))) Object.assign(env, secret(at(source, 'secretRef')));
  for (const entry of listAt(container, 'env')) {
    const key = at(entry, 'valueFrom', 'secretKeyRef');
    const field = stringAt(entry, 'valueFrom', 'fieldRef', 'fieldPath');
    const ofField = { 'metadata.namespace': namespace, 'metadata.name': pod }[field ?? ''];
    const value = isRecord(key) ? secret(key)[stringAt(key, 'key') ?? ''] : (ofField ?? stringAt(entry, 'value'));
    if (value === undefined && isRecord(key) && key['optional'] !== true) throw new Error(`The secret ${namespace}/${stringAt(key, 'name')} has no key "${stringAt(key, 'key')}".`);
    if (value !== undefined) env[stringAt(entry, 'name') ?? ''] = value;
  }
  return env;
}

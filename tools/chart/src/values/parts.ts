import { z } from 'zod';

const quantity = z.union([z.string().regex(/^[0-9.]+(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/), z.number()]);

/** A host name; empty where there is none. */
export const host = z.string().regex(/^$|^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/).default('');
/** Name of a Secret, or empty. */
export const secretName = z.string().regex(/^$|^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/).default('');
export const size = z.string().regex(/^[1-9][0-9]*(Mi|Gi|Ti)$/);
export const portNumber = z.int().min(1).max(65_535);

/** An image; `tag` empty means the chart's appVersion, which our own images carry. */
export function image(registry: string, repository: string, tag: string) {
  return z.strictObject({
    registry: z.string().min(1).default(registry).describe('Where it is pulled from; global.imageRegistry wins.'),
    repository: z.string().min(1).default(repository),
    tag: z.string().default(tag).meta({ description: 'Empty: the version of the chart; never latest.', not: { const: 'latest' } }),
    digest: z.string().regex(/^$|^sha256:[0-9a-f]{64}$/).default('').describe('sha256:...; wins over the tag.'),
  }).prefault({});
}

const OWN_REGISTRY = 'ghcr.io';

/** An image of ours. */
export const ownImage = (name: string) => image(OWN_REGISTRY, `charge-it/csms/${name}`, '');

/** Requests and the memory limit; a limit on CPU would only make latency. */
export function resources(cpu: string, memory: string, memoryMax: string) {
  const of = (fields: Record<string, string>) => z.strictObject({ cpu: quantity.optional(), memory: quantity.optional(), 'ephemeral-storage': quantity.optional() }).prefault(fields);
  return z.strictObject({ requests: of({ cpu, memory }), limits: of({ memory: memoryMax }) }).prefault({});
}

import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const Metadata = z.looseObject({ name: z.string(), namespace: z.string().optional(), labels: labels.default({}), annotations: labels.default({}) });

/** One rendered object, read as far as every kind goes. */
export const Manifest = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: Metadata });
export type Manifest = z.infer<typeof Manifest>;

const SecurityContext = z.looseObject({
  runAsNonRoot: z.boolean().optional(), runAsUser: z.number().optional(), privileged: z.boolean().optional(), allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(), procMount: z.string().optional(),
  capabilities: z.looseObject({ drop: z.array(z.string()).default([]), add: z.array(z.string()).default([]) }).optional(),
  seccompProfile: z.looseObject({ type: z.string() }).optional(), sysctls: z.array(z.looseObject({ name: z.string() })).optional(),
  seLinuxOptions: z.looseObject({ type: z.string().optional(), user: z.string().optional(), role: z.string().optional() }).optional(), appArmorProfile: z.looseObject({ type: z.string() }).optional(),
  windowsOptions: z.looseObject({ hostProcess: z.boolean().optional() }).optional(),
});

const Env = z.looseObject({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() });

export const Container = z.looseObject({
  name: z.string(), image: z.string(), securityContext: SecurityContext.optional(), args: z.array(z.string()).default([]), command: z.array(z.string()).default([]),
  env: z.array(Env).default([]), ports: z.array(z.looseObject({ containerPort: z.number(), hostPort: z.number().optional() })).default([]),
  resources: z.looseObject({ requests: z.record(z.string(), z.unknown()).default({}), limits: z.record(z.string(), z.unknown()).default({}) }).prefault({}),
  livenessProbe: z.unknown().optional(), readinessProbe: z.unknown().optional(),
});
export type Container = z.infer<typeof Container>;

const PodSpec = z.looseObject({
  securityContext: SecurityContext.optional(), containers: z.array(Container).min(1), initContainers: z.array(Container).default([]), ephemeralContainers: z.array(Container).default([]),
  hostNetwork: z.boolean().optional(), hostPID: z.boolean().optional(), hostIPC: z.boolean().optional(), automountServiceAccountToken: z.boolean().optional(),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]), topologySpreadConstraints: z.array(z.unknown()).default([]), priorityClassName: z.string().optional(),
});

/** A pod as some object asks for it. `serving` is one that has to answer for ever. */
export interface Pod { owner: string; component: string; labels: Record<string, string>; spec: z.infer<typeof PodSpec>; serving: boolean }

/** The objects of a rendered chart. Throws where something is no object of Kubernetes. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(`${document.errors[0]!.message}`);
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : [Manifest.parse(value)];
  });
}

const Template = z.looseObject({ metadata: z.looseObject({ labels: labels.default({}) }).prefault({}), spec: PodSpec });
const Workload = z.looseObject({ spec: z.looseObject({ template: Template }) });
const Cron = z.looseObject({ spec: z.looseObject({ jobTemplate: Workload }) });

/** Every pod that the objects ask for. */
export function podsOf(manifests: Manifest[]): Pod[] {
  return manifests.flatMap((manifest) => {
    const template = templateOf(manifest);
    if (template === undefined) return [];
    const of = template.metadata.labels;
    return [{ owner: `${manifest.kind} ${manifest.metadata.name}`, component: of['app.kubernetes.io/component'] ?? '', labels: of, spec: template.spec, serving: ['Deployment', 'StatefulSet', 'DaemonSet'].includes(manifest.kind) }];
  });
}

function templateOf(manifest: Manifest): z.infer<typeof Template> | undefined {
  if (manifest.kind === 'Pod') return Template.parse(manifest);
  if (manifest.kind === 'CronJob') return Cron.parse(manifest).spec.jobTemplate.spec.template;
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicaSet'].includes(manifest.kind) ? Workload.parse(manifest).spec.template : undefined;
}

const Data = z.looseObject({ data: z.record(z.string(), z.string()) });

/** One file of a ConfigMap. Throws where there is none. */
export function configMapEntry(manifests: Manifest[], name: string, key: string): string {
  const map = manifests.find((manifest) => manifest.kind === 'ConfigMap' && manifest.metadata.name === name);
  const text = map === undefined ? undefined : Data.parse(map).data[key];
  if (text === undefined) throw new Error(`no ${key} in ConfigMap ${name}`);
  return text;
}

import { z } from 'zod';
import type { Manifest } from '../rendered/manifests.ts';

const Selector = z.looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) });
const Peer = z.strictObject({ podSelector: Selector.optional(), namespaceSelector: Selector.optional(), ipBlock: z.looseObject({ cidr: z.string() }).optional() });
const Ports = z.array(z.strictObject({ port: z.number(), protocol: z.string() })).min(1);
const Policy = z.looseObject({
  spec: z.strictObject({
    podSelector: Selector, policyTypes: z.array(z.string()),
    ingress: z.array(z.strictObject({ from: z.array(Peer).min(1), ports: Ports })).default([]),
    egress: z.array(z.strictObject({ to: z.array(Peer).min(1), ports: Ports })).default([]),
  }),
});

/** Who may talk to whom: an arrow between two components (or an outside), with the port and how it is allowed. */
export interface Edge { from: string; to: string; port: number }

/** What is not one of our pods, by name. */
function nameOf(peer: z.infer<typeof Peer>): string {
  if (peer.ipBlock !== undefined) return 'any address';
  const component = peer.podSelector?.matchLabels['app.kubernetes.io/component'];
  const namespace = peer.namespaceSelector?.matchLabels['kubernetes.io/metadata.name'];
  if (component !== undefined) return peer.namespaceSelector === undefined ? component : `${component} of a site`;
  return namespace === undefined ? 'every pod' : `namespace ${namespace}`;
}

/** The arrows that the policies allow out of and into the chart's pods. A rule without peers or ports would allow everything: it is refused here by its shape. */
export function edgesOf(manifests: Manifest[]): { ingress: Edge[]; egress: Edge[] } {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map((manifest) => ({ manifest, spec: Policy.parse(manifest).spec }));
  const ends = (spec: (typeof policies)[number]['spec']): string => spec.podSelector.matchLabels['app.kubernetes.io/component'] ?? 'every component';
  const ingress = policies.flatMap(({ spec }) => spec.ingress.flatMap((rule) => rule.from.flatMap((peer) => rule.ports.map(({ port }) => ({ from: nameOf(peer), to: ends(spec), port })))));
  const egress = policies.flatMap(({ spec }) => spec.egress.flatMap((rule) => rule.to.flatMap((peer) => rule.ports.map(({ port }) => ({ from: ends(spec), to: nameOf(peer), port })))));
  return { ingress: unique(ingress), egress: unique(egress) };
}

/** Whether a policy closes both directions for every pod of ours first. */
export function deniesByDefault(manifests: Manifest[], labels: Record<string, string>): boolean {
  return manifests.some((manifest) => {
    if (manifest.kind !== 'NetworkPolicy') return false;
    const { podSelector, policyTypes } = Policy.parse(manifest).spec;
    return ['Ingress', 'Egress'].every((type) => policyTypes.includes(type)) && Object.entries(podSelector.matchLabels).every(([key, value]) => labels[key] === value) && podSelector.matchLabels['app.kubernetes.io/component'] === undefined;
  });
}

function unique(edges: Edge[]): Edge[] {
  const sorted = [...new Map(edges.map((edge) => [`${edge.from}>${edge.to}:${edge.port}`, edge])).values()];
  return sorted.sort((a, b) => (`${a.from}>${a.to}:${a.port}` < `${b.from}>${b.to}:${b.port}` ? -1 : 1));
}

/** An arrow between two of the chart's own components has to be allowed at both of its ends; those that are not. */
export function halfOpen(edges: { ingress: Edge[]; egress: Edge[] }, components: string[]): Edge[] {
  const same = (a: Edge) => (b: Edge): boolean => a.from === b.from && a.to === b.to && a.port === b.port;
  const own = (edge: Edge): boolean => components.includes(edge.from) && components.includes(edge.to);
  return [...edges.ingress.filter((edge) => own(edge) && !edges.egress.some(same(edge))), ...edges.egress.filter((edge) => own(edge) && !edges.ingress.some(same(edge)))];
}

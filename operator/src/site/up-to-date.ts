import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import type { SiteReason } from '@csms/contracts/charging-site/reasons';
import type { Finding } from '@csms/kube/conditions';
import type { Platform } from './platform.ts';
import { compareVersions, imagesOf, wishOf } from './versions.ts';

/** What the programs of a site were last told to run, and what stands against the version that it asks for. */
export interface ObservedVersions {
  gateway: string | undefined;
  dashboard: string | undefined;
  trainer: string | undefined;
  /** The pool waits for its turn to replace its gateways. */
  waits: boolean;
  /** The Deployments (`namespace/name`) that are replaced now. */
  waitsFor?: readonly string[];
  /** Of the pool's sites the one that names the oldest version, where that is older than what this site asks for. */
  heldBy: { site: string; version: string } | undefined;
}

/** Whether the gateways of a site run what it asks for, and why not. It does not count for Ready: the site charges on as it is. */
export function upToDate(site: ChargingSite, platform: Platform, { gateway, waits, waitsFor = [], heldBy }: ObservedVersions): Finding<SiteReason> & { type: 'UpToDate' } {
  const finding = (status: Finding['status'], reason: SiteReason, message: string): Finding<SiteReason> & { type: 'UpToDate' } => ({ type: 'UpToDate', status, reason, message });
  const wish = wishOf(site, platform);
  if (platform.version === undefined || wish === undefined) {
    return site.spec.version === undefined ? finding('Unknown', 'NotManaged', 'The platform does not say which version its images are.') : finding('False', 'VersionNotOffered', `The platform offers no versions, so not ${site.spec.version} either.`);
  }
  const offered = [...new Set([platform.version, ...Object.keys(platform.versions)])].sort((a, b) => compareVersions(a, b) ?? 0);
  if (imagesOf(wish, platform) === undefined) return finding('False', 'VersionNotOffered', `The platform does not offer ${wish}, but ${offered.slice(-10).join(', ')}.`);
  if (waits) return finding('False', 'RolloutWaiting', `The gateways of the pool wait for their turn to be replaced${afterWhom(waitsFor, site.metadata.namespace)}.`);
  if (gateway === undefined) return finding('Unknown', 'NotManaged', 'The pool has no gateways yet, or they were made before versions were told apart.');
  if (gateway === wish) return finding('True', 'VersionRunning', `The gateways run ${gateway}.`);
  if ((compareVersions(wish, gateway) ?? 0) < 0) return finding('False', 'DowngradeRefused', `The gateways run ${gateway} and do not go back to ${wish}.`);
  if (heldBy !== undefined) return finding('False', 'HeldBack', `The gateways run ${gateway}: the site ${heldBy.site} shares them and asks for ${heldBy.version}.`);
  return finding('False', 'RolloutWaiting', `The gateways run ${gateway} and are about to be replaced.`);
}

const NAMED_MAX = 3;

/** Whose turn it is, in words that follow a sentence. Names of other namespaces are nobody's business in this one. */
function afterWhom(deployments: readonly string[], namespace: string): string {
  if (deployments.length === 0) return '';
  const own = deployments.filter((each) => each.startsWith(`${namespace}/`)).map((each) => each.slice(namespace.length + 1));
  const others = deployments.length - own.length + Math.max(0, own.length - NAMED_MAX);
  const said = [...own.slice(0, NAMED_MAX), ...(others > 0 ? [`${others} ${own.length > 0 ? 'more' : others === 1 ? 'pool of another namespace' : 'pools of other namespaces'}`] : [])];
  return `; now it is the turn of ${said.join(' and ')}`;
}

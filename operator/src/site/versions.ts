import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import type { Platform } from './platform.ts';

/** On a Deployment or CronJob: which version of the platform's programs it was last told to run. Never on its pods, which a new label would restart. */
export const VERSION_LABEL = 'app.kubernetes.io/version';

export const versionLabel = (version: string | undefined): Record<string, string> => (version === undefined ? {} : { [VERSION_LABEL]: version });

export type ImageSet = Platform['images'];

/** What some sites that share pods run. `version` is undefined where the platform does not say what its images are. */
export interface Chosen {
  version: string | undefined;
  images: ImageSet;
}

/** Below zero where `a` is the older one, by semver's precedence (semver.org 11); undefined where one of them is no such version. */
export function compareVersions(a: string, b: string): number | undefined {
  const [x, y] = [partsOf(a), partsOf(b)];
  if (x === undefined || y === undefined) return undefined;
  for (const index of [0, 1, 2]) {
    const difference = (x.numbers[index] ?? 0) - (y.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (x.before.length === 0 || y.before.length === 0) return y.before.length - x.before.length;
  for (let index = 0; index < Math.max(x.before.length, y.before.length); index += 1) {
    const [one, other] = [x.before[index], y.before[index]];
    if (one === other) continue;
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
    if (isNumber && otherIsNumber) return Number(one) - Number(other);
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}

function partsOf(version: string): { numbers: number[]; before: string[] } | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(version);
  return found === null ? undefined : { numbers: found.slice(1, 4).map(Number), before: found[4]?.split('.') ?? [] };
}

const older = (a: string, b: string): boolean => (compareVersions(a, b) ?? 0) < 0;

/** The images of a version that the platform offers, or undefined. */
export const imagesOf = (version: string, platform: Platform): ImageSet | undefined => (version === platform.version ? platform.images : platform.versions[version]);

/** The version that a site asks for: its own word, or the platform's. */
export const wishOf = (site: ChargingSite, platform: Platform): string | undefined => site.spec.version ?? platform.version;

/**
 * What sites that share pods run (one site alone shares them with nobody): of the versions that they ask for and the platform offers the
 * oldest, because who names a version does not want a newer one yet. It never goes down (`running` is what they ran before), for the books
 * only go forward; what the platform itself runs is never refused, so that its owner can take a release back.
 */
export function chosenVersion(members: readonly ChargingSite[], running: string | undefined, platform: Platform): Chosen {
  const own = { version: platform.version, images: platform.images };
  if (platform.version === undefined) return own;
  const offered = members.flatMap((site) => wishOf(site, platform) ?? []).filter((version) => imagesOf(version, platform) !== undefined);
  const oldest = offered.reduce((least, version) => (older(version, least) ? version : least), offered[0] ?? platform.version);
  const refused = running !== undefined && older(oldest, running) && older(oldest, platform.version) && imagesOf(running, platform) !== undefined;
  const version = refused ? running : oldest;
  return { version, images: imagesOf(version, platform) ?? platform.images };
}

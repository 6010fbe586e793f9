import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ChargingSiteError, chargingSiteKind, parseChargingSite } from '@csms/contracts/charging-site/index';
import { cronJobKind, deploymentKind, namespaceKind, secretKind } from '@csms/kube/kind';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import type { KubernetesObject } from '@csms/kube/object';
import { parseManifest, watchFolder, type Fault } from '@csms/kube/watch-folder';
import { ConfigError } from '@csms/kit';

const kinds = [namespaceKind, secretKind, deploymentKind, cronJobKind, chargingSiteKind];

/** The objects of the examples folder, read before anything is started: one sentence (file, line, reason) for the first broken one. */
export function readExamples(folder: string): KubernetesObject[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new ConfigError(`the folder of sites ${folder} does not exist; --examples names another`);
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).sort();
  return files.flatMap((name) => parseManifest(join(folder, name), readFileSync(join(folder, name), 'utf8'), faultOf));
}

/** Keeps the cluster in step with the folder; broken edits are told as sentences and change nothing. */
export function followExamples(cluster: LocalCluster, folder: string, onProblem: (sentence: string) => void): Promise<() => void> {
  return watchFolder({
    folder, check: faultOf,
    apply: (object) => cluster.applyObjects([object]),
    remove: (object) => {
      const kind = kinds.find((each) => each.kind === object.kind);
      if (kind) cluster.deleteObject(kind, object.metadata);
    },
    onFault: (error) => onProblem(error.message),
  });
}

function faultOf(object: KubernetesObject): Fault | undefined {
  if (object.kind !== chargingSiteKind.kind) return undefined;
  try {
    parseChargingSite(object);
    return undefined;
  } catch (error) {
    if (error instanceof ChargingSiteError) return { path: error.path, reason: error.reason };
    throw error;
  }
}

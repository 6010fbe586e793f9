import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** Where the API server notes what service accounts other than its own controllers asked: one JSON object a line (audit.k8s.io/v1 Event). */
export const auditLogFile = (place: Pick<Place, 'folder'>): string => join(place.folder, 'logs', 'audit.log');

/** Who asked for what and what came of it, without bodies; nothing of the cluster's own parts, so that it costs next to nothing. */
const policy = {
  apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'None', userGroups: ['system:serviceaccounts:kube-system'] }, { level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
};

/** Writes the policy; returns the flags that make an API server keep to it. */
export async function auditFlags(place: Place): Promise<string[]> {
  await mkdir(join(place.folder, 'logs'), { recursive: true });
  const file = join(place.folder, 'audit-policy.json');
  await writeFile(file, JSON.stringify(policy));
  return [`--audit-policy-file=${file}`, `--audit-log-path=${auditLogFile(place)}`, '--audit-log-format=json', '--audit-log-mode=blocking', '--audit-log-maxsize=2000'];
}

import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { cronJobKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { labelsOf, trainerName } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';
import { podTemplate } from './pod.ts';
import { serviceAccountName } from './service-accounts.ts';
import { chosenVersion, versionLabel } from './versions.ts';

/** The daily and the deep run of a site, in its own time zone. They belong to the site and go with it. */
export function trainer(site: ChargingSite, namespace: Namespace, platform: Platform, running?: string): Desired[] {
  const { schedule, deepSchedule } = site.spec.training;
  return [cronJob(site, namespace, platform, 'daily', schedule, running), cronJob(site, namespace, platform, 'deep', deepSchedule, running)];
}

function cronJob(site: ChargingSite, namespace: Namespace, platform: Platform, kind: 'daily' | 'deep', schedule: string, running: string | undefined): Desired {
  const owner: Owner = { kind: 'site', name: site.metadata.name };
  const component = `ml-trainer-${kind}`;
  const { version, images } = chosenVersion([site], running, platform);
  const template = podTemplate({
    component: 'ml-trainer',
    labels: labelsOf(component, owner),
    image: images.trainer,
    env: {
      CSMS_MODE: platform.mode,
      LOG_LEVEL: platform.logLevel,
      CSMS_TENANT: namespace.tenant,
      CSMS_SITE_NAMESPACE: namespace.name,
      CSMS_SITE: site.metadata.name,
      CSMS_TRAINING_KIND: kind,
      CSMS_HORIZON_HOURS: String(site.spec.training.horizonHours),
    },
    secrets: [platform.secrets.database, platform.secrets.bus],
    ports: [],
    requests: { cpu: '500m', memory: '256Mi' },
    memoryMax: kind === 'deep' ? '2Gi' : '1Gi',
    graceSeconds: 30,
    serviceAccount: serviceAccountName('ml-trainer'),
    scheduling: platform.scheduling,
    restartPolicy: 'Never',
  });
  const { apiVersion, name, uid } = { apiVersion: site.apiVersion, name: site.metadata.name, uid: site.metadata.uid ?? '' };
  return {
    kind: cronJobKind,
    object: {
      apiVersion: cronJobKind.apiVersion,
      kind: cronJobKind.kind,
      metadata: {
        name: trainerName(name, kind),
        namespace: namespace.name,
        labels: { ...labelsOf(component, owner), ...versionLabel(version) },
        ownerReferences: [{ apiVersion, kind: site.kind, name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        schedule,
        timeZone: site.spec.location.timeZone,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 2,
        failedJobsHistoryLimit: 3,
        jobTemplate: { spec: { backoffLimit: 2, activeDeadlineSeconds: 14_400, template } },
      },
    },
  };
}

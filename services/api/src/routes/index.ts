import type { Api, ApiParts } from '../api-parts.ts';
import type { TenantStreams } from '../live/tenant-streams.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit.ts';
import { billRoutes } from './bills.ts';
import { chargingPlanRoutes } from './charging-plans.ts';
import { certificateRoutes } from './certificates.ts';
import { commandRoutes } from './commands.ts';
import { configurationRoutes } from './configuration.ts';
import { connectorRoutes } from './connectors.ts';
import { driverRoutes } from './drivers.ts';
import { enrolmentRoutes } from './enrolments.ts';
import { eventRoutes } from './events.ts';
import { firmwareRoutes } from './firmware.ts';
import { forecastRoutes } from './forecasts.ts';
import { impersonationRoutes } from './impersonations.ts';
import { importRoutes } from './imports.ts';
import { labRoutes } from './lab.ts';
import { localListRoutes } from './local-lists.ts';
import { meRoutes } from './me.ts';
import { overviewRoutes } from './overview.ts';
import { peopleRoutes } from './people.ts';
import { prototypeRoutes } from './prototype.ts';
import { publicMirrorRoutes } from './public-mirror.ts';
import { quirkRoutes } from './quirks.ts';
import { reservationRoutes } from './reservations.ts';
import { rolloutRoutes } from './rollouts.ts';
import { sessionRoutes } from './sessions.ts';
import { siteRoutes } from './sites.ts';
import { stationSecurityRoutes } from './station-security.ts';
import { stationFileRoutes } from './station-files.ts';
import { stationRoutes } from './stations.ts';
import { tariffRoutes } from './tariffs.ts';
import { tenantRoutes } from './tenants.ts';
import { tokenRoutes } from './tokens.ts';
import { uploadRoutes } from './uploads.ts';

/** Every route, one file a noun. The lab's are served in lab mode alone: elsewhere they do not exist. */
export function registerRoutes(app: Api, parts: ApiParts & { streams: TenantStreams }): void {
  // What an API key can be confined to: what the description calls its nouns, without those that no key reaches.
  const areas = new Set<string>();
  app.addHook('onRoute', ({ config, schema }) => { if (config?.isForPeople !== true && config?.role !== 'platform' && schema?.tags?.[0] !== undefined) areas.add(schema.tags[0]); });
  for (const noun of [meRoutes, peopleRoutes, impersonationRoutes, overviewRoutes, tenantRoutes, siteRoutes, stationRoutes, stationSecurityRoutes, publicMirrorRoutes, quirkRoutes, connectorRoutes, commandRoutes, chargingPlanRoutes, localListRoutes, reservationRoutes, sessionRoutes, billRoutes, certificateRoutes, tokenRoutes, driverRoutes, enrolmentRoutes, importRoutes, tariffRoutes, forecastRoutes, auditRoutes, uploadRoutes, stationFileRoutes, firmwareRoutes, rolloutRoutes, configurationRoutes, prototypeRoutes]) noun(app, parts);
  eventRoutes(app, parts);
  apiKeyRoutes(app, { ...parts, areas });
  if (parts.mode === 'lab') labRoutes(app, parts);
}

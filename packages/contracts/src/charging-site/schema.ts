import { z } from 'zod';

/*
 * The ChargingSite resource, csms.charge-it.io. This schema is the one source: the type, the defaults, the CRD and the reference
 * page come from it. Every text and list has a bound, because the cost of a CEL rule is estimated from the bounds.
 */
export const CHARGING_SITE_GROUP = 'csms.charge-it.io';
/** The version that is stored, and that the operator reads and writes. */
export const CHARGING_SITE_VERSION = 'v1alpha1';
/** Those that are served. Their fields are the same, so that nothing is converted but the word; a field that moves needs a third one. */
export const CHARGING_SITE_VERSIONS = ['v1alpha1', 'v1beta1'] as const;
export const CHARGING_SITE_API_VERSION = `${CHARGING_SITE_GROUP}/${CHARGING_SITE_VERSION}`;
export const chargingSiteKind = { apiVersion: CHARGING_SITE_API_VERSION, kind: 'ChargingSite', plural: 'chargingsites', namespaced: true };
/** The label of a namespace that says whose it is; absent, the namespace's name is the tenant. */
export const TENANT_LABEL = `${CHARGING_SITE_GROUP}/tenant`;
/** Held by the operator until the books know that the site is gone. */
export const BOOKS_FINALIZER = `${CHARGING_SITE_GROUP}/books`;

export const OcppVersion = z.enum(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']);

const host = z.string().min(1).max(253);
const schedule = z.string().min(9).max(100);

export const Location = z.strictObject({
  latitude: z.number().min(-90).max(90).describe('Degrees north.'),
  longitude: z.number().min(-180).max(180).describe('Degrees east.'),
  address: z.string().min(1).max(500).optional().describe('As a driver would be told it.'),
  timeZone: z.string().min(1).max(64).describe('IANA name, such as Asia/Jakarta. Days, tariffs, schedules and forecasts of the site follow it.'),
});

export const Ocpp = z.strictObject({
  host: host.optional().describe("Host name under which chargers reach this site. Absent: the platform's own."),
  versions: z.array(OcppVersion).min(1).max(3).refine((versions) => new Set(versions).size === versions.length, 'it names a dialect twice').meta({ 'x-kubernetes-list-type': 'set' }).default(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']).describe('Dialects that the gateways accept.'),
  securityProfile: z.int().min(1).max(3).default(2).describe('OCPP security profile: 1 password without TLS (lab only), 2 password over TLS, 3 client certificates.'),
  heartbeatIntervalSeconds: z.int().min(10).max(86_400).default(300).describe('Told to a charger at its boot.'),
});

export const GatewayReplicas = z.strictObject({
  min: z.int().min(1).max(100).default(2).describe('Gateways that always run.'),
  max: z.int().min(1).max(100).default(10).describe('Gateways at most, however many stations there are.'),
});

export const Gateway = z.strictObject({
  pool: z.string().min(1).max(20).default('default').describe('Sites of one namespace that name the same pool share its gateways.'),
  replicas: GatewayReplicas.prefault({}).describe("How many gateways; of the pool's members the largest values hold."),
  connectionsPerReplica: z.int().min(1).max(50_000).default(5000).describe('Chargers that one gateway carries.'),
  drainSeconds: z.int().min(0).max(3600).default(120).describe('Over how long a stopping gateway closes its sockets.'),
  terminationGraceSeconds: z.int().min(30).max(7200).optional().describe('When a gateway that has not ended is killed. Absent: drainSeconds + 60.'),
});

export const Grid = z.strictObject({
  maxPowerKw: z.number().max(100_000).describe('What the grid connection carries, in kW.'),
});

export const Training = z.strictObject({
  schedule: schedule.default('0 2 * * *').describe("When the forecast is fitted anew: five cron fields, in the site's time zone."),
  deepSchedule: schedule.default('0 3 * * 0').describe('When the slower models are fitted.'),
  horizonHours: z.int().min(1).max(168).default(24).describe('How far a forecast looks ahead.'),
});

export const Dashboard = z.strictObject({
  host: host.optional().describe("Host name of the site's dashboard. Absent: the platform's own."),
});

export const Firebase = z.strictObject({
  databaseUrl: z.string().min(9).max(500).describe('https address of the Realtime Database.'),
  credentialsSecret: z.string().min(1).max(253).describe("Name of a Secret in the site's namespace with the service account's key."),
});

export const Mirror = z.strictObject({
  firebase: Firebase.optional().describe('A copy of the live state in a Firebase Realtime Database.'),
});

export const ChargingSiteSpec = z.strictObject({
  displayName: z.string().min(1).max(120).describe('The name that tenants and drivers read.'),
  location: Location.describe('Where the site is.'),
  ocpp: Ocpp.prefault({}).describe('How its chargers talk.'),
  gateway: Gateway.prefault({}).describe('What carries its sockets.'),
  grid: Grid.describe('What its grid connection allows.'),
  training: Training.prefault({}).describe('When its forecasts are made.'),
  dashboard: Dashboard.prefault({}).describe('Where its dashboard is.'),
  mirror: Mirror.prefault({}).describe('Where else its live state is shown.'),
  version: z.string().min(5).max(40).optional().describe("The version of the programs that it runs, such as 1.4.0, out of those that the platform offers. Absent: the platform's own, and every new one. It does not go back; sites that share pods run the oldest that one of them names."),
});

export const SiteCondition = z.strictObject({
  type: z.string().max(60).describe('What it is about, such as GatewayAvailable.'),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(60).describe('One word of the table of reasons.'),
  message: z.string().max(1000).describe('One sentence for a person.'),
  lastTransitionTime: z.string().max(40).meta({ format: 'date-time' }).describe('When status last flipped.'),
  observedGeneration: z.int().min(0).describe('The generation of the spec that it speaks of.'),
});

export const ChargingSiteStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  conditions: z.array(SiteCondition).max(30).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }).optional(),
  gateway: z.strictObject({
    replicas: z.int().min(0).optional().describe("Gateways that the site's pool should have."),
    readyReplicas: z.int().min(0).optional(),
    selector: z.string().max(500).optional().describe('The labels of the pool’s gateways, for kubectl scale and whoever else reads the scale subresource.'),
    connectedStations: z.int().min(0).optional(),
    stations: z.int().min(0).optional(),
    endpoint: z.string().max(500).optional().describe('What a charger is told; its identity follows after a slash.'),
  }).optional(),
  dashboard: z.strictObject({ url: z.string().max(500).optional() }).optional(),
  versions: z.strictObject({ gateway: z.string().max(63).optional(), dashboard: z.string().max(63).optional(), trainer: z.string().max(63).optional() }).optional().describe('What its programs were last told to run.'),
  training: z.strictObject({
    lastSuccess: z.string().max(40).meta({ format: 'date-time' }).optional(),
    status: z.string().max(30).optional(),
    model: z.strictObject({ kind: z.string().max(60), rmse: z.number().optional(), skill: z.number().optional() }).optional(),
  }).optional(),
});

const Metadata = z.looseObject({
  name: z.string().min(1).max(253),
  namespace: z.string().min(1).max(63),
  uid: z.string().optional(),
  generation: z.int().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
});

export const ChargingSite = z.strictObject({
  apiVersion: z.enum(CHARGING_SITE_VERSIONS.map((version) => `${CHARGING_SITE_GROUP}/${version}` as const)),
  kind: z.literal('ChargingSite'),
  metadata: Metadata,
  spec: ChargingSiteSpec,
  status: ChargingSiteStatus.optional(),
});

export type ChargingSiteSpec = z.infer<typeof ChargingSiteSpec>;
export type ChargingSiteStatus = z.infer<typeof ChargingSiteStatus>;
export type ChargingSite = z.infer<typeof ChargingSite>;

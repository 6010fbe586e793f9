import { z } from 'zod';
import { siteRules } from './rules.ts';
import { CHARGING_SITE_GROUP, CHARGING_SITE_VERSION, CHARGING_SITE_VERSIONS, ChargingSiteSpec, ChargingSiteStatus, chargingSiteKind } from './schema.ts';

export interface OpenApiSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, OpenApiSchema>;
  items?: OpenApiSchema;
  required?: string[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-kubernetes-validations'?: { rule: string; message: string }[];
  [extension: string]: unknown;
}

/**
 * The structural schema of the whole resource, with every CEL rule at its place. It is what zod prints for OpenAPI 3.0 with what a CRD
 * does not allow taken out: `additionalProperties: false` beside properties, and bounds that only say "a safe integer".
 */
export function chargingSiteSchema(): OpenApiSchema {
  const root: OpenApiSchema = {
    type: 'object',
    description: 'One site of chargers.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(ChargingSiteSpec, 'What the site should be.'),
      status: structural(ChargingSiteStatus, 'What the operator saw.'),
    },
  };
  for (const rule of siteRules) {
    const place = rule.at.reduce<OpenApiSchema | undefined>((schema, field) => schema?.properties?.[field], root);
    if (place === undefined) throw new Error(`A rule is about ${rule.at.join('.')}, which is not in the schema.`);
    (place['x-kubernetes-validations'] ??= []).push({ rule: rule.cel, message: rule.message });
  }
  return root;
}

/** The CustomResourceDefinition as an object, in the order in which it is printed. */
export function chargingSiteCrd(): Record<string, unknown> {
  // One for all versions, so that the printed file can say it once.
  const fields = {
    // kubectl scale sets how many gateways always run; up to replicas.max more come with the stations.
    subresources: { status: {}, scale: { specReplicasPath: '.spec.gateway.replicas.min', statusReplicasPath: '.status.gateway.readyReplicas', labelSelectorPath: '.status.gateway.selector' } },
    additionalPrinterColumns: [
      { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
      { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason" },
      { name: 'Chargers', type: 'integer', jsonPath: '.status.gateway.connectedStations', description: 'Stations connected now.' },
      { name: 'Gateways', type: 'integer', jsonPath: '.status.gateway.readyReplicas' },
      { name: 'Desired', type: 'integer', jsonPath: '.status.gateway.replicas' },
      { name: 'Version', type: 'string', jsonPath: '.status.versions.gateway' },
      { name: 'URL', type: 'string', jsonPath: '.status.dashboard.url' },
      { name: 'Endpoint', type: 'string', jsonPath: '.status.gateway.endpoint', priority: 1 },
      { name: 'Forecast', type: 'string', jsonPath: '.status.training.model.kind', priority: 1 },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    schema: { openAPIV3Schema: chargingSiteSchema() },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${chargingSiteKind.plural}.${CHARGING_SITE_GROUP}` },
    spec: {
      group: CHARGING_SITE_GROUP,
      scope: 'Namespaced',
      names: { kind: chargingSiteKind.kind, listKind: `${chargingSiteKind.kind}List`, plural: chargingSiteKind.plural, singular: 'chargingsite', shortNames: ['csite'], categories: ['csms'] },
      conversion: { strategy: 'None' },
      versions: CHARGING_SITE_VERSIONS.map((name) => ({
        name,
        served: true,
        storage: name === CHARGING_SITE_VERSION,
        ...fields,
      })),
    },
  };
}

function structural(schema: z.ZodType, description: string): OpenApiSchema {
  const printed: unknown = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' });
  return { description, ...cleaned(printed) };
}

function cleaned(printed: unknown): OpenApiSchema {
  if (typeof printed !== 'object' || printed === null) throw new TypeError('A schema is an object.');
  const out: OpenApiSchema = {};
  for (const [field, value] of Object.entries(printed)) {
    if (field === '$schema' || (field === 'additionalProperties' && value === false)) continue;
    if ((field === 'minimum' || field === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) continue;
    if (field === 'properties') out.properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleaned(inner)]));
    else if (field === 'items') out.items = cleaned(value);
    else out[field] = value;
  }
  if (out.properties !== undefined && out.default !== undefined) out.default = wholeDefault(out);
  return out;
}

/** An API server holds a default against the rules of its schema as it stands, before the defaults of the fields in it are filled in: so they are in it. */
function wholeDefault(schema: OpenApiSchema): unknown {
  const given: unknown = schema.default;
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => (inner.default === undefined ? [] : [[name, structuredClone(inner.default)] as const]));
  return { ...Object.fromEntries(fields), ...(typeof given === 'object' ? given : {}) };
}
